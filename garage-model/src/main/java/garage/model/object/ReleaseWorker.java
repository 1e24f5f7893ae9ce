package garage.model.object;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Uuid;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.db.Batch;
import garage.db.Store;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works off the {@link ReleaseQueue}: gives back blocks and parts nothing refers to any more, which
 * it makes sure of first. A version that was overwritten on this replica can come to be the present
 * one only by the request that wrote it, which gives up long before an entry is due.
 */
final class ReleaseWorker implements Worker {
  private static final int ENTRIES_PER_STEP = 16;
  private static final Duration STEP_MAX = Duration.ofMinutes(1);
  private static final Duration RETRY = Duration.ofMinutes(1);
  private static final Logger LOG = LoggerFactory.getLogger(ReleaseWorker.class);
  private static final Duration RECHECK = Duration.ofSeconds(5);

  private final ReleaseQueue queue;
  private final Objects objects;
  private final ObjectData data;
  private final Uploads uploads;
  private final Store store;
  private final Clock clock;

  ReleaseWorker(ReleaseQueue queue, Tables tables, Store store, Clock clock) {
    this.queue = queue;
    this.objects = tables.objects();
    this.data = tables.data();
    this.uploads = tables.uploads();
    this.store = store;
    this.clock = clock;
  }

  /** What refers to data, and the data. */
  record Tables(Objects objects, ObjectData data, Uploads uploads) {}

  @Override
  public String name() {
    return "object data release";
  }

  @Override
  public WorkerState step() {
    List<ReleaseQueue.Queued> entries = queue.due(ENTRIES_PER_STEP);
    if (entries.isEmpty()) {
      return new WorkerState.Idle(RECHECK);
    }
    Batch done = new Batch();
    for (ReleaseQueue.Queued queued : entries) {
      if (tried(queued.entry())) {
        queue.done(done, queued);
      } else {
        queue.postpone(done, queued, RETRY);
      }
    }
    store.commit(done);
    return new WorkerState.Busy();
  }

  @Override
  public long queueLength() {
    return queue.size();
  }

  /** One whose replicas do not answer must not hold up the others. */
  private boolean tried(ReleaseQueue.Entry entry) {
    try {
      return release(entry, Deadline.after(clock, STEP_MAX));
    } catch (GarageException.QuorumNotReached
        | GarageException.TimedOut
        | GarageException.Unreachable
        | GarageException.Conflict e) {
      LOG.debug("{} is given back later: {}", entry, e.getMessage());
      return false;
    }
  }

  private boolean release(ReleaseQueue.Entry entry, Deadline deadline) {
    return switch (entry) {
      case ReleaseQueue.Entry.Data(Uuid dataId, ObjectKey object, VersionId version) -> {
        if (object != null) {
          if (objects.refersTo(object, version, dataId, deadline)) {
            yield true;
          }
          objects.bury(object, version, deadline); // others may have taken it, and not heard
        }
        yield data.release(dataId, deadline);
      }
      case ReleaseQueue.Entry.Parts parts -> uploads.release(parts, deadline);
      // whoever takes the present version later, or what is hidden, has an entry of its own
      case ReleaseQueue.Entry.Hidden(ObjectKey object) -> objects.dropHidden(object, deadline);
    };
  }
}
