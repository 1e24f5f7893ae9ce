package garage.model.object;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what became of the data that this node was writing when it stopped, and of that whose
 * write came to an end that is not known: kept if its owner refers to it, given back if not. What
 * is pending at the start is looked at, so it must be made before the node serves its first
 * request; what a request is still writing is left alone.
 *
 * <p>What did not take effect may still be on a replica that has not heard so, and where versions
 * are kept that replica keeps it as an old one when it takes the next. So an object's data is given
 * back when every replica has said that it holds no such version; a replica that held one gives the
 * data back itself as it drops it ({@link ReleaseQueue}).
 */
final class PendingDataRecovery implements Worker {
  /** More are not being written at once on any node: each is a request in flight. */
  private static final int PENDING_MAX = 1_000_000;

  private static final Duration STEP_MAX = Duration.ofSeconds(30);

  /** More that are put off are not remembered beside these; 1 MB. */
  private static final int POSTPONED_MAX = 10_000;

  /** Nobody waits for it but space. */
  private static final Duration RECHECK = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(PendingDataRecovery.class);

  private final ObjectData data;
  private final Objects objects;
  private final Uploads uploads;
  private final Clock clock;
  private final Deque<ObjectData.Pending> left;

  /** What cannot be decided before more replicas answer, or have heard. */
  private final Deque<ObjectData.Pending> postponed = new ArrayDeque<>();

  PendingDataRecovery(ObjectData data, Objects objects, Uploads uploads, Clock clock) {
    this.data = data;
    this.objects = objects;
    this.uploads = uploads;
    this.clock = clock;
    this.left = new ArrayDeque<>(data.pending(PENDING_MAX));
  }

  @Override
  public String name() {
    return "interrupted uploads recovery";
  }

  @Override
  public WorkerState step() {
    ObjectData.Pending next = left.peek();
    if (next == null) {
      next = postponed.size() < POSTPONED_MAX ? data.nextDoubtful() : null;
      if (next == null) {
        left.addAll(postponed);
        postponed.clear();
        return new WorkerState.Idle(RECHECK);
      }
      left.add(next); // until it is decided
    }
    if (isReferenced(next, Deadline.after(clock, STEP_MAX))) {
      data.settle(next.dataId());
    } else if (mayBeHeld(next, Deadline.after(clock, STEP_MAX))) {
      postponed.add(next);
    } else {
      data.abandon(next.dataId());
    }
    left.remove();
    return new WorkerState.Busy();
  }

  @Override
  public long queueLength() {
    return (long) left.size() + postponed.size() + data.doubtfulCount();
  }

  private boolean isReferenced(ObjectData.Pending pending, Deadline deadline) {
    return switch (pending.owner()) {
      case DataOwner.OfObject(ObjectKey object) -> {
        objects.fence(object, deadline); // what a dead request left on few replicas stays dead
        yield objects.any(object, it -> Objects.refersTo(it, pending.dataId()), deadline);
      }
      case DataOwner.OfPart part -> {
        uploads.takeBackIfClosed(part, deadline);
        yield uploads.isReferenced(part, pending.dataId(), deadline);
      }
    };
  }

  /** Whether some replica may hold a version that refers to it, though none did take effect. */
  private boolean mayBeHeld(ObjectData.Pending pending, Deadline deadline) {
    if (!(pending.owner() instanceof DataOwner.OfObject(ObjectKey object))) {
      return false;
    }
    try {
      return objects.isHeld(object, it -> Objects.refersTo(it, pending.dataId()), deadline);
    } catch (GarageException.QuorumNotReached
        | GarageException.TimedOut
        | GarageException.Unreachable e) {
      LOG.debug("Whether {} is needed is told later: {}", pending, e.getMessage());
      return true;
    }
  }
}
