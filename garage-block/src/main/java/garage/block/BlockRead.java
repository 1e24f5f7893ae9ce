package garage.block;

import garage.block.disk.BlockSink;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.rpc.CallOptions;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One read of a block from whichever replica can; each goes on where the one before failed. */
final class BlockRead {
  /** What a replica gets while there are others: a frozen one must not use up the deadline. */
  private static final Duration ATTEMPT = Duration.ofSeconds(5);

  private final BlockStore local;
  private final Rpc rpc;
  private final Clock clock;
  private final Hash hash;
  private final Deadline deadline;

  BlockRead(BlockStore local, Rpc rpc, Clock clock, Hash hash, Deadline deadline) {
    this.local = local;
    this.rpc = rpc;
    this.clock = clock;
    this.hash = hash;
    this.deadline = deadline;
  }

  void read(int from, int to, List<NodeId> order, BlockSink sink) {
    Progress progress = new Progress(sink, from);
    @Nullable GarageException failure = null;
    for (NodeId node : order) {
      try {
        readFrom(node, progress, to, node.equals(order.getLast()));
        return;
      } catch (GarageException.Missing
          | GarageException.Corrupt
          | GarageException.StorageFailed
          | GarageException.Unreachable
          | GarageException.Overloaded
          | GarageException.Internal
          | GarageException.TimedOut e) {
        progress.checkNotFromSink(e);
        if (progress.position == to) {
          return; // it failed when all was said
        }
        failure = failure == null || failure instanceof GarageException.Missing ? e : failure;
      }
    }
    throw failure != null ? failure : new GarageException.Missing("block " + hash + " has no node");
  }

  private void readFrom(NodeId node, Progress progress, int to, boolean last) {
    if (node.equals(rpc.self())) {
      local.read(hash, progress.position, to, progress);
      return;
    }
    while (progress.position < to) {
      Deadline attempt = last ? deadline : deadline.earlier(Deadline.after(clock, ATTEMPT));
      int end = Math.min(to, progress.position + BlockMessages.READ_BYTES_MAX);
      BlockMessages.Read read = new BlockMessages.Read(hash, progress.position, end);
      ByteBuffer bytes =
          rpc.call(
                  node,
                  BlockMessages.READ,
                  Payload.of(read),
                  new CallOptions(Priority.CLIENT, attempt))
              .attachment();
      if (bytes.remaining() != end - progress.position) {
        throw new GarageException.Corrupt("a peer sent a part of block " + hash + " cut short");
      }
      progress.pass(bytes);
    }
  }

  /** The caller's sink, how far it has come, and whether it was the one that failed. */
  private static final class Progress implements BlockSink {
    private final BlockSink sink;
    private int position;
    private boolean inSink;

    Progress(BlockSink sink, int position) {
      this.sink = sink;
      this.position = position;
    }

    @Override
    public ByteBuffer buffer(int bytes) {
      inSink = true;
      ByteBuffer buffer = sink.buffer(bytes);
      inSink = false;
      return buffer;
    }

    @Override
    public void accept(ByteBuffer bytes) {
      int length = bytes.remaining();
      inSink = true;
      sink.accept(bytes);
      inSink = false;
      position += length;
    }

    /** Copies what came in a message into the sink's memory. */
    void pass(ByteBuffer bytes) {
      ByteBuffer buffer = buffer(bytes.remaining());
      int start = buffer.position();
      buffer.put(bytes).limit(buffer.position()).position(start);
      accept(buffer);
    }

    /** A failure of the client's connection is not a replica's: another one would not help. */
    void checkNotFromSink(GarageException e) {
      if (inSink) {
        throw e;
      }
    }
  }
}
