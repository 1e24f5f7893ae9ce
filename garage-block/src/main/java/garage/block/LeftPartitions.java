package garage.block;

import garage.block.SyncMessages.Confirm;
import garage.block.SyncMessages.Confirmed;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.layout.Partition;
import garage.rpc.Payload;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives up what this node holds of partitions it has left: in a stable epoch, and of each block
 * only after every replica of the present layout has said that it has found its references equal to
 * those of all others, and that it has the block or does not need it.
 */
final class LeftPartitions implements Worker {
  /** Rows looked at in one step. */
  private static final int STEP_ROWS_MAX = 512;

  /** The wait when there is nothing to give up, or some replica is not ready. */
  private static final Duration RECHECK = Duration.ofSeconds(15);

  private static final Logger log = LoggerFactory.getLogger(LeftPartitions.class);

  private final BlockStore blocks;
  private final BlockPeers peers;
  private final ReferenceSync sync;
  private final ReferenceRows rows;

  private volatile Leaving leaving = new Leaving(-1, 0, Deadline.NEVER);

  /** What was counted, which is asked for often. */
  private record Leaving(long epoch, long partitions, Deadline until) {}

  /** The next row to look at: those before it were given up, or could not be yet. */
  private byte[] next = {};

  LeftPartitions(BlockStore blocks, BlockPeers peers, ReferenceSync sync) {
    this.blocks = blocks;
    this.peers = peers;
    this.sync = sync;
    this.rows = blocks.rows();
  }

  void serve() {
    peers
        .rpc()
        .serve(
            SyncMessages.CONFIRM,
            (from, request, deadline) -> {
              BlockService.admitted(peers.fence(), from, request.value().epoch());
              return Payload.of(confirmed(request.value()));
            });
  }

  private Confirmed confirmed(Confirm confirm) {
    boolean settled =
        peers.placement().isStable()
            && sync.isEqualEverywhere(confirm.epoch(), confirm.partition());
    List<Hash> lacking =
        confirm.hashes().stream()
            .filter(h -> blocks.wanted().get(h) != null || (rows.needed(h) && !blocks.has(h)))
            .toList();
    return new Confirmed(settled, lacking);
  }

  @Override
  public String name() {
    return "block partitions left";
  }

  @Override
  public long queueLength() {
    return leaving();
  }

  /** Of how many partitions this node holds something although it is not of their set. */
  long leaving() {
    long epoch = peers.fence().epoch();
    Leaving known = leaving;
    if (known.epoch() != epoch || known.until().expired(peers.clock())) {
      known = new Leaving(epoch, countLeaving(), Deadline.after(peers.clock(), RECHECK));
      leaving = known;
    }
    return known.partitions();
  }

  private long countLeaving() {
    if (!peers.placement().isStable()) {
      return 0;
    }
    return Partition.all().stream()
        .filter(p -> !isMine(p) && !page(new byte[] {(byte) p.number()}, p, 1).isEmpty())
        .count();
  }

  private boolean isMine(Partition partition) {
    return peers.placement().replicas(partition).includes(peers.self());
  }

  private List<ReferenceRow> page(byte[] after, Partition partition, int max) {
    return rows.rows(after, ReferenceExchange.last(partition), max);
  }

  @Override
  public WorkerState step() {
    if (!peers.placement().isStable()) {
      return new WorkerState.Idle(RECHECK);
    }
    int from = next.length == 0 ? 0 : next[0] & 0xff;
    for (int p = from; p < Partition.COUNT; p++) {
      Partition partition = Partition.of(p);
      byte[] after = p == from && next.length > 1 ? next : new byte[] {(byte) p};
      List<ReferenceRow> page =
          isMine(partition) ? List.of() : page(after, partition, STEP_ROWS_MAX);
      if (!page.isEmpty()) {
        next = page.getLast().reference().key();
        return giveUp(partition, page);
      }
    }
    next = new byte[0];
    return new WorkerState.Idle(RECHECK);
  }

  private WorkerState giveUp(Partition partition, List<ReferenceRow> page) {
    long begin = blocks.clock().nanos();
    Set<Hash> hashes = new TreeSet<>();
    page.forEach(row -> hashes.add(row.reference().hash()));
    BlockPlacement.Replicas replicas = peers.placement().replicas(partition);
    Set<Hash> free = new TreeSet<>(hashes);
    try {
      for (NodeId node : replicas.all()) {
        Confirm confirm = new Confirm(replicas.epoch(), partition, List.copyOf(hashes));
        Confirmed said = peers.call(node, SyncMessages.CONFIRM, confirm);
        if (!said.settled()) {
          return skip(partition);
        }
        said.lacking().forEach(free::remove);
      }
    } catch (GarageException.Unreachable
        | GarageException.TimedOut
        | GarageException.Stale
        | GarageException.Overloaded e) {
      log.debug("Partition {} is not given up yet: {}", partition, e.getMessage());
      return skip(partition);
    }
    for (Hash hash : free) {
      peers.checkStillIn(replicas.epoch());
      blocks.giveUp(hash);
    }
    return blocks
        .pace()
        .after(Duration.ofNanos(blocks.clock().nanos() - begin), Pace.Hurry.LEISURE);
  }

  /** Not yet: on to the next partition. */
  private WorkerState skip(Partition partition) {
    next = partition.number() + 1 < Partition.COUNT ? after(partition) : new byte[0];
    return next.length == 0 ? new WorkerState.Idle(RECHECK) : new WorkerState.Busy();
  }

  private static byte[] after(Partition partition) {
    return new byte[] {(byte) (partition.number() + 1)};
  }
}
