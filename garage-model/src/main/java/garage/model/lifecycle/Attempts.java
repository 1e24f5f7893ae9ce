package garage.model.lifecycle;

import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.model.lifecycle.LifecycleState.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What became of several things that were done at once, so that they share the syncs of the stores.
 *
 * @param tally of those that could be done
 * @param failed how many could not
 * @param why of one of these; null if there are none
 */
record Attempts(Tally tally, int failed, @Nullable GarageException why) {
  private static final Attempts NONE = new Attempts(Tally.NONE, 0, null);

  /** Does {@code one} with each thing, each on a task; who is cancelled meanwhile cancels them. */
  static Attempts at(Tasks tasks, List<Errand.Due> things, Function<Errand.Due, Tally> one) {
    AtomicReferenceArray<@Nullable Attempts> ends = new AtomicReferenceArray<>(things.size());
    List<Tasks.Task> started = new ArrayList<>();
    try {
      for (int i = 0; i < things.size(); i++) {
        int index = i;
        started.add(
            tasks.start("lifecycle", () -> ends.set(index, attempt(things.get(index), one))));
      }
      started.forEach(Tasks.Task::join);
    } finally {
      started.forEach(Tasks.Task::cancel);
    }
    Attempts all = NONE;
    for (int i = 0; i < things.size(); i++) {
      Attempts end = ends.get(i);
      all = all.and(end == null ? failed(new GarageException.Internal("a task broke off")) : end);
    }
    return all;
  }

  private static Attempts attempt(Errand.Due thing, Function<Errand.Due, Tally> one) {
    try {
      return new Attempts(one.apply(thing), 0, null);
    } catch (GarageException.QuorumNotReached
        | GarageException.TimedOut
        | GarageException.Unreachable
        | GarageException.Conflict e) {
      return failed(e);
    }
  }

  private static Attempts failed(GarageException why) {
    return new Attempts(Tally.NONE, 1, why);
  }

  private Attempts and(Attempts other) {
    return new Attempts(
        tally.plus(other.tally), failed + other.failed, other.why == null ? why : other.why);
  }
}
