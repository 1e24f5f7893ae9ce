package garage.block;

import garage.layout.Epoch;
import garage.layout.Partition;
import garage.rpc.membership.TransitionPart;

/**
 * Blocks in a change of layout. A node may count when it has learnt, in this very epoch, what a
 * quorum of the old nodes knows of the references, and has every block that some reference needs,
 * whole and durable: each block that became needed was put on the list of wanted ones in the batch
 * that made it so, and is struck off when it is here.
 */
final class BlockTransition implements TransitionPart {
  private final BlockStore blocks;
  private final ReferenceSync sync;
  private final Resync resync;
  private final LeftPartitions left;

  BlockTransition(BlockStore blocks, ReferenceSync sync, Resync resync, LeftPartitions left) {
    this.blocks = blocks;
    this.sync = sync;
    this.resync = resync;
    this.left = left;
  }

  @Override
  public String name() {
    return "blocks";
  }

  @Override
  public boolean ready(Epoch epoch, Partition partition) {
    return sync.isLearnt(epoch.number(), partition) && blocks.wanted().count(partition) == 0;
  }

  @Override
  public long remaining() {
    return blocks.wanted().count() + sync.queueLength();
  }

  @Override
  public long done() {
    return resync.done();
  }

  @Override
  public long leaving() {
    return left.leaving();
  }
}
