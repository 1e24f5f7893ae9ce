package garage.block;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.rpc.Payload;
import garage.rpc.Rpc;
import garage.rpc.membership.EpochFence;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Answers other nodes from this node's blocks. What they send is checked. */
final class BlockService {
  private final BlockStore blocks;
  private final BlockFetch fetch;
  private final NodeId self;
  private final EpochFence fence;

  BlockService(BlockStore blocks, BlockFetch fetch, BlockPeers peers) {
    this.blocks = blocks;
    this.fetch = fetch;
    this.self = peers.self();
    this.fence = peers.fence();
  }

  void serve(Rpc rpc) {
    rpc.serve(BlockMessages.PUT, this::put);
    rpc.serve(BlockMessages.REFER, this::refer);
    rpc.serve(BlockMessages.READ, this::read);
  }

  private Payload<BlockMessages.Done> put(
      @Nullable NodeId from, Payload<BlockMessages.Put> request, Deadline deadline) {
    NodeId sender = admitted(from, request.value().epoch());
    Hash hash = request.value().hash();
    ByteBuffer plain = request.attachment();
    if (!plain.hasRemaining()) {
      throw new GarageException.InvalidInput("an empty block");
    }
    if (!sender.equals(self) && !sha256(plain).equals(hash)) {
      throw new GarageException.Corrupt(
          "node " + self.shortHex() + " received bytes that are not block " + hash);
    }
    blocks.put(hash, plain, request.value().dataId());
    fence.check(request.value().epoch(), sender);
    return Payload.of(new BlockMessages.Done());
  }

  private Payload<BlockMessages.Done> refer(
      @Nullable NodeId from, Payload<BlockMessages.Refer> request, Deadline deadline) {
    BlockMessages.Refer refer = request.value();
    admitted(from, refer.epoch());
    if (refer.add()) {
      refer.hashes().forEach(hash -> bringIfMissing(hash, deadline));
      blocks.reference(refer.hashes(), refer.dataId());
    } else {
      blocks.release(refer.hashes(), refer.dataId());
    }
    fence.check(refer.epoch(), from);
    return Payload.of(new BlockMessages.Done());
  }

  /**
   * A replica says yes to a reference only when it has the block, so that what a quorum said yes to
   * is on a quorum; one that lost it or is being filled fetches it first.
   */
  private void bringIfMissing(Hash hash, Deadline deadline) {
    if (!blocks.has(hash)) {
      fetch.bring(hash, deadline);
    }
  }

  private Payload<BlockMessages.Part> read(
      @Nullable NodeId from, Payload<BlockMessages.Read> request, Deadline deadline) {
    BlockMessages.Read read = request.value();
    admitted(from, read.epoch());
    int length = blocks.length(read.hash());
    int to = read.clipped() ? Math.min(read.to(), length) : read.to();
    ByteBuffer bytes = ByteBuffer.allocate(Math.max(0, to - read.from()));
    blocks.read(read.hash(), read.from(), to, bytes::put);
    bytes.flip();
    return new Payload<>(new BlockMessages.Part(length, BlockRead.crc(bytes)), bytes);
  }

  private NodeId admitted(@Nullable NodeId from, long epoch) {
    return admitted(fence, from, epoch);
  }

  /** The calling node, if its message is of the present epoch. */
  static NodeId admitted(EpochFence fence, @Nullable NodeId from, long epoch) {
    if (from == null) {
      throw new GarageException.Denied("blocks are for nodes");
    }
    fence.check(epoch, from);
    return from;
  }

  static Hash sha256(ByteBuffer bytes) {
    MessageDigest digest = Digests.sha256();
    digest.update(bytes.duplicate());
    return Hash.of(digest.digest());
  }
}
