package garage.block;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.rpc.Payload;
import garage.rpc.Rpc;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Answers other nodes from this node's blocks. What they send is checked. */
final class BlockService {
  private final BlockStore blocks;
  private final NodeId self;

  BlockService(BlockStore blocks, NodeId self) {
    this.blocks = blocks;
    this.self = self;
  }

  void serve(Rpc rpc) {
    rpc.serve(BlockMessages.PUT, this::put);
    rpc.serve(BlockMessages.REFER, this::refer);
    rpc.serve(BlockMessages.READ, this::read);
  }

  private Payload<BlockMessages.Done> put(
      @Nullable NodeId from, Payload<BlockMessages.Put> request, Deadline deadline) {
    NodeId sender = requireNode(from);
    Hash hash = request.value().hash();
    ByteBuffer plain = request.attachment();
    if (!plain.hasRemaining()) {
      throw new GarageException.InvalidInput("an empty block");
    }
    if (!sender.equals(self) && !sha256(plain).equals(hash)) {
      throw new GarageException.Corrupt("what was received is not block " + hash);
    }
    blocks.put(hash, plain, request.value().dataId());
    return Payload.of(new BlockMessages.Done());
  }

  private Payload<BlockMessages.Done> refer(
      @Nullable NodeId from, Payload<BlockMessages.Refer> request, Deadline deadline) {
    requireNode(from);
    BlockMessages.Refer refer = request.value();
    if (refer.add()) {
      blocks.reference(refer.hashes(), refer.dataId());
    } else {
      blocks.release(refer.hashes(), refer.dataId());
    }
    return Payload.of(new BlockMessages.Done());
  }

  private Payload<BlockMessages.Done> read(
      @Nullable NodeId from, Payload<BlockMessages.Read> request, Deadline deadline) {
    requireNode(from);
    BlockMessages.Read read = request.value();
    ByteBuffer bytes = ByteBuffer.allocate(read.to() - read.from());
    blocks.read(read.hash(), read.from(), read.to(), bytes::put);
    return new Payload<>(new BlockMessages.Done(), bytes.flip());
  }

  private static NodeId requireNode(@Nullable NodeId from) {
    if (from == null) {
      throw new GarageException.Denied("blocks are for nodes");
    }
    return from;
  }

  private static Hash sha256(ByteBuffer bytes) {
    MessageDigest digest = Digests.sha256();
    digest.update(bytes.duplicate());
    return Hash.of(digest.digest());
  }
}
