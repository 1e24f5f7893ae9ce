package garage.block;

import garage.block.BlockMessages.Part;
import garage.block.disk.BlockSink;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Priority;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One read of a block from whichever replica can. This node's own file comes first. Then parts of
 * the block are asked of one node after another: the next one when the one before fails, or is
 * later than 95 % of its last answers (Dean and Barroso, The Tail at Scale, 2013). Where a node
 * fails in the middle, others go on at that byte; a node that failed is not asked again, and the
 * one that answered last is asked first.
 *
 * <p>What the sink got is verified: here by the checksums of the file, of other nodes by a checksum
 * computed where the file's were checked.
 */
final class BlockRead {
  /** Asking another node earlier than this only doubles the load. */
  static final Duration HEDGE_MIN = Duration.ofMillis(10);

  /** No client waits longer than this for a node that used to be slow. */
  static final Duration HEDGE_MAX = Duration.ofSeconds(1);

  private final BlockStore local;
  private final BlockPeers peers;
  private final Priority priority;
  private final Hash hash;
  private final Deadline deadline;
  private final Progress progress;
  private final boolean whole;
  private int to;
  private @Nullable GarageException failure;

  /** A read of what is left of {@code progress}. */
  BlockRead(
      BlockStore local,
      BlockPeers peers,
      Priority priority,
      Hash hash,
      Progress progress,
      Deadline deadline) {
    this.local = local;
    this.peers = peers;
    this.priority = priority;
    this.hash = hash;
    this.progress = progress;
    this.deadline = deadline;
    this.whole = progress.to == Integer.MAX_VALUE;
    this.to = progress.to;
  }

  /**
   * Reads on, from where the last call failed.
   *
   * @throws GarageException.Stale if the layout has changed: then with nodes of the present one
   */
  void read(long epoch, List<NodeId> order) {
    List<NodeId> candidates = new ArrayList<>(order);
    if (candidates.remove(peers.self()) && readHere()) {
      return;
    }
    while (progress.position < to) {
      int end = (int) Math.min(to, (long) progress.position + BlockMessages.READ_BYTES_MAX);
      progress.pass(
          ask(new BlockMessages.Read(epoch, hash, progress.position, end, whole), candidates));
    }
  }

  /** Where the range ends; of a whole block known once the first part is there. */
  int length() {
    return to;
  }

  private boolean readHere() {
    try {
      local.read(hash, progress.position, whole ? local.length(hash) : to, progress);
      return true;
    } catch (GarageException.Cancelled e) {
      throw e;
    } catch (GarageException e) {
      progress.checkNotFromSink(e);
      note(e);
      return false;
    }
  }

  private ByteBuffer ask(BlockMessages.Read read, List<NodeId> candidates) {
    CallOptions options = new CallOptions(priority, deadline);
    try (Fanout<Part> fanout = peers.rpc().fanout(BlockMessages.READ, Payload.of(read), options)) {
      try {
        return new PartRead(read, fanout, candidates).run();
      } finally {
        fanout.cancel();
      }
    }
  }

  private void note(GarageException e) {
    if (failure == null || weight(e) > weight(failure)) {
      failure = e;
    }
  }

  /** A node that could not be asked may have the block: then it is not lost, only away. */
  private static int weight(GarageException e) {
    return switch (e.code()) {
      case MISSING -> 0;
      case UNREACHABLE, TIMED_OUT, OVERLOADED, STALE, QUORUM_NOT_REACHED -> 2;
      case CANCELLED,
          CORRUPT,
          STORAGE_FAILED,
          STORAGE_FULL,
          INVALID_INPUT,
          CONFLICT,
          DENIED,
          INTERNAL ->
          1;
    };
  }

  /** One part, asked of as many nodes as it takes. */
  private final class PartRead {
    private final BlockMessages.Read read;
    private final Fanout<Part> fanout;
    private final List<NodeId> candidates;
    private final List<NodeId> unasked;
    private Deadline late = Deadline.NEVER;

    PartRead(BlockMessages.Read read, Fanout<Part> fanout, List<NodeId> candidates) {
      this.read = read;
      this.fanout = fanout;
      this.candidates = candidates;
      this.unasked = new ArrayList<>(candidates);
    }

    ByteBuffer run() {
      askNext();
      while (fanout.outstanding() > 0 || !unasked.isEmpty()) {
        @Nullable Answer<Part> answer = fanout.next(deadline.earlier(late));
        switch (answer) {
          case null -> {
            if (deadline.expired(peers.clock())) {
              throw new GarageException.TimedOut("no node sent block " + hash + " in time");
            }
            askNext();
          }
          case Answer.Success<Part>(NodeId from, Payload<Part> payload) -> {
            if (isGood(from, payload)) {
              candidates.remove(from);
              candidates.addFirst(from);
              return payload.attachment();
            }
            askNext();
          }
          case Answer.Failure<Part>(NodeId from, GarageException cause) -> failed(from, cause);
        }
      }
      throw failure != null
          ? failure
          : new GarageException.Missing("block " + hash + " has no node");
    }

    private void askNext() {
      late = Deadline.NEVER;
      if (!unasked.isEmpty()) {
        NodeId node = unasked.removeFirst();
        Duration usual = peers.preference().hedgeAfter(node, BlockMessages.READ);
        late = Deadline.after(peers.clock(), clamp(usual));
        fanout.ask(List.of(node));
      }
    }

    private void failed(NodeId from, GarageException cause) {
      if (cause instanceof GarageException.Stale stale) {
        peers.fence().adopt(stale.epoch(), from);
        throw stale;
      }
      candidates.remove(from);
      note(cause);
      askNext();
    }

    private boolean isGood(NodeId from, Payload<Part> payload) {
      ByteBuffer bytes = payload.attachment();
      Part part = payload.value();
      int end = Math.min(read.to(), part.plainLength());
      boolean good =
          part.plainLength() <= BlockFetch.BLOCK_BYTES_MAX
              && end - read.from() == bytes.remaining()
              && crc(bytes) == part.crc()
              && (whole || part.plainLength() >= read.to());
      if (good) {
        to = Math.min(to, part.plainLength());
      } else {
        candidates.remove(from);
        note(new GarageException.Corrupt(from.shortHex() + " sent wrong bytes of block " + hash));
      }
      return good;
    }
  }

  private static Duration clamp(Duration usual) {
    Duration atLeast = usual.compareTo(HEDGE_MIN) < 0 ? HEDGE_MIN : usual;
    return atLeast.compareTo(HEDGE_MAX) > 0 ? HEDGE_MAX : atLeast;
  }

  /** The CRC32C of what remains of {@code bytes}. */
  static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  /** The caller's sink, how far it has come, and whether it was the one that failed. */
  static final class Progress implements BlockSink {
    private final BlockSink sink;
    private final int to;
    private int position;
    private boolean inSink;

    Progress(BlockSink sink, int from, int to) {
      if (from < 0 || to <= from) {
        throw new GarageException.InvalidInput("not a range of a block: " + from + " to " + to);
      }
      this.sink = sink;
      this.position = from;
      this.to = to;
    }

    /** The whole block, however long it is. */
    static Progress whole(BlockSink sink) {
      return new Progress(sink, 0, Integer.MAX_VALUE);
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
    private void pass(ByteBuffer bytes) {
      ByteBuffer buffer = buffer(bytes.remaining());
      int start = buffer.position();
      buffer.put(bytes).limit(buffer.position()).position(start);
      accept(buffer);
    }

    /** A failure of the client's connection is not a replica's: another one would not help. */
    private void checkNotFromSink(GarageException e) {
      if (inSink) {
        throw e;
      }
    }
  }
}
