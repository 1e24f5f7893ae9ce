package garage.testkit.env;

/** Unwinds what is left of a task after the simulation; an error, so that no handler keeps it. */
final class TaskKilled extends Error {
  TaskKilled() {
    super("the simulation is over", null, false, false);
  }
}
