package garage.testkit.env;

import garage.common.env.Tasks;

/** The tasks of one life of a node. */
final class SimTasks implements Tasks {
  private final Incarnation incarnation;

  SimTasks(Incarnation incarnation) {
    this.incarnation = incarnation;
  }

  @Override
  public Task start(String name, Runnable body) {
    return incarnation.start(name, body);
  }
}
