package garage.testkit.env;

import garage.common.error.GarageException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One life of a node's process, from its start to the next kill. Everything a process owns hangs on
 * it: its tasks, timers, connections and open files are useless to the life that follows.
 */
final class Incarnation {
  private final Scheduler scheduler;
  private final String node;
  private final int number;
  private final Set<SimTask> tasks = new LinkedHashSet<>();
  private final List<SimTask> held = new ArrayList<>();
  private boolean dead;
  private boolean frozen;

  Incarnation(Scheduler scheduler, String node, int number) {
    this.scheduler = scheduler;
    this.node = node;
    this.number = number;
  }

  /** Called first by every seam: nothing is done for a process that is gone. */
  void enter() {
    scheduler.checkNotReaping();
    if (dead) {
      scheduler.stopIfDropped();
      throw new GarageException.Cancelled("the process of " + node + " is gone");
    }
  }

  SimTask start(String name, Runnable body) {
    enter();
    SimTask task = new SimTask(scheduler, this, node + "/" + name, body);
    tasks.add(task);
    scheduler.start(task);
    return task;
  }

  void forget(SimTask task) {
    tasks.remove(task);
  }

  /** Ends this life at once: no task of it executes another instruction. */
  void kill() {
    dead = true;
    List.copyOf(tasks).forEach(scheduler::drop);
    tasks.clear();
    held.clear();
  }

  void freeze() {
    frozen = true;
    scheduler.hold(this);
  }

  void thaw() {
    frozen = false;
    List<SimTask> waiting = List.copyOf(held);
    held.clear();
    waiting.forEach(scheduler::resume);
  }

  /** Keeps a task that became runnable while the process was stopped. */
  void hold(SimTask task) {
    held.add(task);
  }

  boolean isDead() {
    return dead;
  }

  boolean isFrozen() {
    return frozen;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  String label() {
    return node + "#" + number;
  }
}
