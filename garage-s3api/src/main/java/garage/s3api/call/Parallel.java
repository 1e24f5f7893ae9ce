package garage.s3api.call;

import garage.common.check.Invariant;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import java.util.List;
import java.util.function.Consumer;

/** Does one thing with each of several items, a few at a time. */
public final class Parallel {
  private final Gate gate;
  private int next;
  private int running;

  private Parallel(Gate gate) {
    this.gate = gate;
  }

  /**
   * Runs {@code action} for every item, on at most {@code width} tasks, and returns when all have
   * ended. A failure of the action is the action's to note: one that escapes ends its task, and the
   * items left over are done by the others.
   */
  public static <T> void forEach(Runner runner, List<T> items, int width, Consumer<T> action) {
    Invariant.check(width > 0, "some task does the work", width);
    Parallel work = new Parallel(new Gate(runner.clock()));
    int tasks = Math.min(width, items.size());
    work.running = tasks;
    for (int i = 0; i < tasks; i++) {
      runner.tasks().start("s3-parallel", () -> work.run(items, action));
    }
    work.awaitEnd();
  }

  private <T> void run(List<T> items, Consumer<T> action) {
    try {
      for (int i = take(items.size()); i >= 0; i = take(items.size())) {
        action.accept(items.get(i));
      }
    } finally {
      gate.update(() -> running--);
    }
  }

  private int take(int size) {
    return gate.locked(() -> next == size ? -1 : next++);
  }

  private void awaitEnd() {
    gate.lock();
    try {
      gate.await(() -> running == 0, Deadline.NEVER);
    } finally {
      gate.unlock();
    }
  }
}
