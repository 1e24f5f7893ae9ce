package garage.block;

import garage.common.env.RandomSource;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.common.worker.Worker;
import garage.rpc.membership.TransitionPart;
import java.util.ArrayList;
import java.util.List;

/** What keeps the blocks of this node in order: answers to other nodes, and background work. */
public final class BlockUpkeep {
  private final BlockStore blocks;
  private final ReferenceSync sync;
  private final Resync resync;
  private final OrphanSweep sweep;
  private final TombstoneCollector tombstones;
  private final LeftPartitions left;
  private final BlockCheck check;
  private final SumCheck sums;
  private final OwnerCheck owners;
  private final Rebalance rebalance;
  private final Scrub scrub;

  /** Tells whether some data that refers to blocks exists, as a quorum knows it. */
  @FunctionalInterface
  public interface Owners {
    /**
     * Whether {@code dataId} exists or is being written.
     *
     * @throws garage.common.error.GarageException.QuorumNotReached if that cannot be told
     */
    boolean exists(Uuid dataId);
  }

  /**
   * Other nodes are answered from now on; the {@link #workers} are to be run.
   *
   * @param scrubs whether all blocks are verified once a month without being asked
   */
  public BlockUpkeep(BlockStore blocks, BlockPeers peers, RandomSource random, boolean scrubs) {
    this.blocks = blocks;
    BlockFetch fetch = new BlockFetch(blocks, peers);
    new BlockService(blocks, fetch, peers).serve(peers.rpc());
    ReferenceTenure tenure = new ReferenceTenure(blocks, peers.placement(), peers.self());
    blocks.admit(tenure::check);
    ReferenceExchange exchange = new ReferenceExchange(blocks, peers, tenure);
    exchange.serve();
    this.sync = new ReferenceSync(peers, exchange, tenure);
    this.resync = new Resync(blocks, peers, fetch);
    this.tombstones = new TombstoneCollector(blocks, peers, tenure);
    tombstones.serve();
    this.left = new LeftPartitions(blocks, peers, sync);
    left.serve();
    this.sweep = new OrphanSweep(blocks, sync::onceComplete);
    this.check = new BlockCheck(blocks);
    this.sums = new SumCheck(blocks);
    this.owners = new OwnerCheck(blocks, peers);
    this.rebalance = new Rebalance(blocks);
    this.scrub = new Scrub(blocks, random, scrubs);
    if (sweep.queueLength() > 0) {
      check.ask(false); // a disk may have been lost
    }
    blocks.leavesUndone(() -> sweep.isAsked() || check.queueLength() > 0);
  }

  /** A node is connected: if it has the same partitions, what it missed is brought to it soon. */
  public void connected(NodeId peer) {
    sync.connected(peer);
    resync.connected();
  }

  /** What is to be run in the background. */
  public List<Worker> workers() {
    List<Worker> workers =
        new ArrayList<>(
            List.of(
                new Collector(blocks),
                sweep,
                sync,
                tombstones,
                left,
                check,
                sums,
                owners,
                rebalance,
                scrub));
    workers.addAll(resync.workers());
    return workers;
  }

  /** What a change of layout waits for. */
  public TransitionPart transition() {
    return new BlockTransition(blocks, sync, resync, left);
  }

  /** What an operator may ask for. */
  public BlockOperations operations() {
    return new BlockOperations(
        blocks, new BlockOperations.Rounds(sync, sweep, check, sums, owners, rebalance, scrub));
  }
}
