package garage.model.object;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Store;
import garage.layout.LayoutVersion;
import garage.layout.Partition;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.table.register.Register;
import garage.table.replication.Placement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks, when it is asked to, for data that nothing needs any more, and gives it back: what a node
 * was writing that died and never came back, or what a fault of this program has left. Goes through
 * the rows that this node has, and takes as long a rest after each as that took.
 *
 * <p>A run of bytes goes if nothing refers to it, though no node of the layout is writing it: that
 * is asked first, since who writes one stops saying so only when it is referred to. While some node
 * cannot be asked, runs stay. Parts go if their upload is over and no object is made of them. What
 * is found is looked at once more when no download that began before can be reading it any more.
 */
final class LeftoverCheck implements Worker {
  private static final Duration RECHECK = Duration.ofSeconds(10);
  private static final Duration STEP_MAX = Duration.ofSeconds(30);
  private static final Duration REST_MAX = Duration.ofMillis(250);
  private static final Logger LOG = LoggerFactory.getLogger(LeftoverCheck.class);

  private static final Endpoint<Uuid, Boolean> PENDING =
      new Endpoint<>(
          "object/pending", VersionedCodec.first(Codec.UUID), VersionedCodec.first(Codec.BOOL));

  private final ObjectData data;
  private final Objects objects;
  private final Uploads uploads;
  private final ReleaseQueue releases;
  private final Store store;
  private final Rpc rpc;
  private final Placement placement;
  private final Clock clock;
  private final ReentrantLock asking = new ReentrantLock();
  private final Set<What> asked = EnumSet.noneOf(What.class);
  private volatile @Nullable What running;
  private volatile byte[] from = {};
  private long found;

  /** What is gone through. */
  enum What {
    /** Runs of bytes: {@code garage repair versions}. */
    RUNS,
    /** Parts: {@code garage repair mpu}. */
    PARTS
  }

  LeftoverCheck(ReleaseWorker.Tables tables, ReleaseQueue releases, Register.Context context) {
    this.releases = releases;
    this.store = context.store();
    this.data = tables.data();
    this.objects = tables.objects();
    this.uploads = tables.uploads();
    this.rpc = context.rpc();
    this.placement = context.placement();
    this.clock = context.clock();
    rpc.serve(PENDING, (_, id, _) -> Payload.of(data.isPending(id.value())));
  }

  /** Begins, or begins again when what runs now is done. */
  void ask(What what) {
    asking.lock();
    try {
      asked.add(what);
    } finally {
      asking.unlock();
    }
  }

  @Override
  public String name() {
    return "leftover data check";
  }

  @Override
  public long queueLength() {
    byte[] at = from;
    return running == null ? 0 : Partition.COUNT - (at.length == 0 ? 0 : at[0] & 0xff);
  }

  @Override
  public WorkerState step() {
    What what = running == null ? begin() : running;
    if (what == null) {
      return new WorkerState.Idle(RECHECK);
    }
    long start = clock.nanos();
    byte[] next = what == What.RUNS ? checkRun() : checkUpload();
    if (next == null) {
      LOG.info("{}: {} were left over and are given back", what, found);
      running = null;
      return new WorkerState.Busy();
    }
    from = next;
    Duration took = Duration.ofNanos(clock.nanos() - start);
    return new WorkerState.Throttled(took.compareTo(REST_MAX) < 0 ? took : REST_MAX);
  }

  private @Nullable What begin() {
    asking.lock();
    try {
      What next = asked.isEmpty() ? null : asked.iterator().next();
      if (next != null) {
        asked.remove(next);
        from = new byte[0];
        found = 0;
        running = next;
      }
      return next;
    } finally {
      asking.unlock();
    }
  }

  /** Looks at the next run here; answers where the one after it begins, null at the end. */
  private byte @Nullable [] checkRun() {
    DataBlock row = data.firstHere(from);
    if (row == null) {
      return null;
    }
    DataOwner owner = row.owner();
    if (!row.deleted() && owner != null && row.offset() == 0) {
      try {
        check(row.dataId(), owner, Deadline.after(clock, STEP_MAX));
      } catch (GarageException.QuorumNotReached
          | GarageException.TimedOut
          | GarageException.Unreachable
          | GarageException.Overloaded
          | GarageException.Conflict e) {
        LOG.warn("Whether {} is needed cannot be told: {}", row.dataId(), e.getMessage());
      }
    }
    return KeyRange.successor(row.dataId().toBytes());
  }

  private void check(Uuid dataId, DataOwner owner, Deadline deadline) {
    if (isNeeded(dataId, owner, deadline) || isPending(dataId, deadline)) {
      return;
    }
    if (owner instanceof DataOwner.OfObject(ObjectKey object)) {
      objects.fence(object, deadline); // what a dead request left on few replicas stays dead
    }
    if (!isNeeded(dataId, owner, deadline) && !isHeld(dataId, owner, deadline)) {
      giveBack(new ReleaseQueue.Entry.Data(dataId, owner.object(), VersionId.NULL));
    }
  }

  private boolean isNeeded(Uuid dataId, DataOwner owner, Deadline deadline) {
    return switch (owner) {
      case DataOwner.OfObject(ObjectKey object) ->
          objects.any(object, it -> Objects.refersTo(it, dataId), deadline);
      case DataOwner.OfPart part -> uploads.isReferenced(part, dataId, deadline);
    };
  }

  /** Whether some replica has what refers to it all the same, and may keep it as an old version. */
  private boolean isHeld(Uuid dataId, DataOwner owner, Deadline deadline) {
    return owner instanceof DataOwner.OfObject(ObjectKey object)
        && objects.isHeld(object, it -> Objects.refersTo(it, dataId), deadline);
  }

  /** Whether some node is writing the run. */
  private boolean isPending(Uuid dataId, Deadline deadline) {
    Set<NodeId> nodes = new TreeSet<>(placement.nodes());
    placement
        .layout()
        .ifPresent(
            layout -> layout.live().stream().map(LayoutVersion::nodes).forEach(nodes::addAll));
    CallOptions options = new CallOptions(Priority.BACKGROUND, deadline);
    return nodes.stream().anyMatch(node -> rpc.call(node, PENDING, dataId, options));
  }

  /** Looks at the next upload here; answers where the one after it begins, null at the end. */
  private byte @Nullable [] checkUpload() {
    Part part = uploads.firstPartHere(from);
    if (part == null) {
      return null;
    }
    boolean told = false;
    try {
      told = check(part, Deadline.after(clock, STEP_MAX));
    } catch (GarageException.QuorumNotReached
        | GarageException.TimedOut
        | GarageException.Unreachable
        | GarageException.Overloaded
        | GarageException.Conflict e) {
      LOG.warn("Whether {} is needed cannot be told: {}", part.uploadId(), e.getMessage());
    }
    return told ? KeyRange.successor(part.uploadId().toBytes()) : Uploads.after(part);
  }

  /**
   * Gives back the parts of the same upload that nothing needs. The part's bytes tell of which
   * object it is: if it has none, another part may tell it, and no is answered.
   */
  private boolean check(Part part, Deadline deadline) {
    DataOwner owner = part.deleted() ? null : data.owner(part.dataId(), deadline);
    if (owner == null) {
      return false;
    }
    var parts = new ReleaseQueue.Entry.Parts(part.uploadId(), owner.object(), false);
    if (uploads.hasLeftovers(parts, deadline)) {
      giveBack(parts);
    }
    return true;
  }

  private void giveBack(ReleaseQueue.Entry entry) {
    Batch batch = new Batch();
    releases.addAfterReaders(batch, entry);
    store.commit(batch);
    found++;
  }
}
