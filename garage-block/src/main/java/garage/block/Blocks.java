package garage.block;

import garage.block.disk.BlockSink;
import garage.common.env.Deadline;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import java.util.Collection;

/**
 * The blocks of the cluster, by their SHA-256. A block lives as long as some data refers to it;
 * identical blocks are stored once. References are idempotent: a block has at most one from each
 * {@code dataId}, whatever is repeated. After a failure of {@link #put} or {@link #reference} the
 * reference may have been made or not, and {@link #release} undoes it.
 */
public interface Blocks {
  /**
   * Memory for a block, counted in the node's budget; waits while the budget is used up. Whoever
   * takes it closes it, or gives it to {@link #put}.
   *
   * @param bytes at most the block size
   * @throws garage.common.error.GarageException.Overloaded if there is none before {@code deadline}
   */
  BlockBuffer buffer(int bytes, Deadline deadline);

  /**
   * Stores the bytes between position and limit of {@code plain}, with a reference from {@code
   * dataId}; returns once that is durable on a write quorum. The memory is given back, also when
   * this fails, and no sooner than the last replica has answered.
   *
   * @param hash the SHA-256 of the bytes, just computed by the caller
   * @throws garage.common.error.GarageException.StorageFull if too few replicas have space
   * @throws garage.common.error.GarageException.QuorumNotReached if too few replicas answer
   */
  void put(Hash hash, BlockBuffer plain, Uuid dataId, Deadline deadline);

  /**
   * Adds references to blocks that are there, as copying does.
   *
   * @throws garage.common.error.GarageException.Missing if a block is not on a write quorum
   * @throws garage.common.error.GarageException.QuorumNotReached if too few replicas answer
   */
  void reference(Collection<Hash> hashes, Uuid dataId, Deadline deadline);

  /**
   * Takes references back. A block without any is deleted some minutes later.
   *
   * @throws garage.common.error.GarageException.QuorumNotReached if too few replicas answer
   */
  void release(Collection<Hash> hashes, Uuid dataId, Deadline deadline);

  /**
   * Gives the plain bytes {@code [from, to)} of a block to {@code sink} in order, each verified; a
   * replica that fails half-way is followed by another one.
   *
   * @throws garage.common.error.GarageException.Missing if no replica has it
   * @throws garage.common.error.GarageException.Corrupt if the last copy left is damaged
   */
  void read(Hash hash, int from, int to, BlockSink sink, Deadline deadline);
}
