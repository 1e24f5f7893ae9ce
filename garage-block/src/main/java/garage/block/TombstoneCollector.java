package garage.block;

import garage.block.ReferenceRows.Tombstone;
import garage.block.SyncMessages.Bury;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.db.Batch;
import garage.layout.Partition;
import garage.rpc.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets released references. In a stable epoch only, and in two steps: first every replica is
 * told, durably, that the reference is released; when all have said yes, all are told to forget it.
 * A replica that misses the second step still knows the release, tells the others again when they
 * compare, and the whole is repeated: so a release is never undone by somebody's older knowledge.
 *
 * <p>The age has nothing to do with that: a request to add the reference that was sent before the
 * release may still be on its way for some minutes, and would make a reference that nothing takes
 * back.
 */
final class TombstoneCollector implements Worker {
  /** Longer than any message can be on its way. */
  static final Duration AGE = Duration.ofHours(1);

  /** The other replicas wait longer than the first one of a partition, which does it for them. */
  private static final Duration AGE_STEP = Duration.ofMinutes(30);

  /** When a tombstone that a replica could not be told of is tried again. */
  private static final Duration RETRY = Duration.ofMinutes(30);

  private static final int STEP_ROWS_MAX = 1024;
  private static final Duration RECHECK = Duration.ofSeconds(10);
  private static final Logger log = LoggerFactory.getLogger(TombstoneCollector.class);

  private final BlockStore blocks;
  private final BlockPeers peers;
  private final ReferenceRows rows;
  private final ReferenceTenure tenure;

  TombstoneCollector(BlockStore blocks, BlockPeers peers, ReferenceTenure tenure) {
    this.tenure = tenure;
    this.blocks = blocks;
    this.peers = peers;
    this.rows = blocks.rows();
  }

  void serve() {
    peers
        .rpc()
        .serve(
            SyncMessages.BURY,
            (from, request, deadline) -> {
              BlockService.admitted(peers.fence(), from, request.value().epoch());
              bury(request.value());
              return Payload.of(new BlockMessages.Done());
            });
  }

  private void bury(Bury bury) {
    bury.rows().forEach(row -> tenure.check(Partition.of(row.reference().hash())));
    if (!bury.forget()) {
      blocks.merge(bury.rows());
      return;
    }
    if (!peers.placement().isStable()) {
      throw new GarageException.Conflict("the layout is being changed");
    }
    blocks.forget(bury.rows().stream().map(ReferenceRow::reference).toList());
  }

  @Override
  public String name() {
    return "block reference collector";
  }

  @Override
  public long queueLength() {
    return rows.tombstoneCount();
  }

  @Override
  public WorkerState step() {
    long now = blocks.clock().wallMillis();
    Duration age = peers.placement().isAlone(peers.self()) ? Duration.ZERO : AGE;
    List<Tombstone> due = new ArrayList<>();
    for (Tombstone tombstone : rows.tombstones(STEP_ROWS_MAX)) {
      if (tombstone.releasedMillis() + age.toMillis() <= now) {
        due.add(tombstone);
      }
    }
    if (due.isEmpty() || !peers.placement().isStable()) {
      return new WorkerState.Idle(RECHECK);
    }
    Map<Partition, List<Tombstone>> parts = new TreeMap<>();
    for (Tombstone tombstone : due) {
      Partition partition = Partition.of(tombstone.reference().hash());
      parts.computeIfAbsent(partition, p -> new ArrayList<>()).add(tombstone);
    }
    parts.forEach((partition, tombstones) -> collect(partition, tombstones, now, age));
    return new WorkerState.Busy();
  }

  private void collect(Partition partition, List<Tombstone> due, long now, Duration age) {
    BlockPlacement.Replicas replicas = peers.placement().replicas(partition);
    List<NodeId> nodes = replicas.all().stream().sorted().toList();
    List<Tombstone> left = new ArrayList<>();
    List<ReferenceRow> mine = new ArrayList<>();
    Duration turn = AGE_STEP.multipliedBy(Math.max(0, nodes.indexOf(peers.self())));
    for (Tombstone tombstone : due) {
      if (rows.state(tombstone.reference()) != ReferenceState.RELEASED) {
        continue; // forgotten already
      }
      boolean early = tombstone.releasedMillis() + age.plus(turn).toMillis() > now;
      if (early) {
        left.add(new Tombstone(now - AGE.toMillis() + AGE_STEP.toMillis(), tombstone.reference()));
      } else {
        mine.add(new ReferenceRow(tombstone.reference(), ReferenceState.RELEASED));
      }
    }
    boolean stale = tenure.isStale(partition);
    if (!mine.isEmpty() && (stale || !forgetEverywhere(replicas.epoch(), nodes, mine))) {
      long again = now - AGE.toMillis() + RETRY.toMillis();
      mine.forEach(row -> left.add(new Tombstone(again, row.reference())));
    }
    Batch batch = new Batch();
    due.forEach(tombstone -> rows.unbury(batch, tombstone));
    left.forEach(tombstone -> rows.bury(batch, tombstone));
    blocks.store().commit(batch);
  }

  private boolean forgetEverywhere(long epoch, List<NodeId> nodes, List<ReferenceRow> released) {
    try {
      for (boolean forget : new boolean[] {false, true}) {
        for (NodeId node : nodes) {
          if (!node.equals(peers.self())) {
            peers.call(node, SyncMessages.BURY, new Bury(epoch, forget, released));
          }
        }
      }
      peers.checkStillIn(epoch);
      blocks.forget(released.stream().map(ReferenceRow::reference).toList());
      return true;
    } catch (GarageException.Cancelled e) {
      throw e;
    } catch (GarageException e) {
      log.debug("{} references are forgotten later: {}", released.size(), e.getMessage());
      return false;
    }
  }
}
