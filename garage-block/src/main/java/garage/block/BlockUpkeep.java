package garage.block;

import garage.common.worker.Worker;
import garage.rpc.membership.TransitionPart;
import java.util.ArrayList;
import java.util.List;

/** What keeps the blocks of this node in order: answers to other nodes, and background work. */
public final class BlockUpkeep {
  private final BlockStore blocks;
  private final ReferenceSync sync;
  private final Resync resync;
  private final BlockTransition transition;

  /** Other nodes are answered from now on; the {@link #workers} are to be run. */
  public BlockUpkeep(BlockStore blocks, BlockPeers peers) {
    this.blocks = blocks;
    BlockFetch fetch = new BlockFetch(blocks, peers);
    new BlockService(blocks, fetch, peers).serve(peers.rpc());
    ReferenceExchange exchange = new ReferenceExchange(blocks, peers);
    exchange.serve();
    this.sync = new ReferenceSync(peers, exchange);
    this.resync = new Resync(blocks, peers, fetch);
    this.transition = new BlockTransition(blocks, sync, resync);
  }

  /** What is to be run in the background. */
  public List<Worker> workers() {
    List<Worker> workers = new ArrayList<>();
    workers.add(new Collector(blocks));
    workers.add(new OrphanSweep(blocks, sync::onceComplete));
    workers.add(sync);
    workers.addAll(resync.workers());
    return workers;
  }

  /** What a change of layout waits for. */
  public TransitionPart transition() {
    return transition;
  }
}
