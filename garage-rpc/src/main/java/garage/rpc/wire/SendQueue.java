package garage.rpc.wire;

import garage.common.error.GarageException;
import garage.rpc.Priority;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which chunk goes next on a connection. Control frames first; then the highest priority
 * that has anything to send, its messages taking turns chunk by chunk. So a message delays another
 * of its priority by one chunk per turn, and one of a higher priority by at most the chunk being
 * sent.
 *
 * <p><b>Credit.</b> A receiver assembles whole messages, so what it must be protected from is
 * messages begun, not bytes. For each priority the sender starts with some credit, of which the
 * receiver may lend it more; a message longer than a chunk is begun only when its whole length is
 * covered, in the order of arrival, or when the peer holds no other; and the receiver gives the
 * length back when it has let go of the message. Taking the whole length at once means that
 * messages begun can always be finished: no set of half-sent ones can starve each other. No round
 * trip is spent while credit lasts. Messages of one chunk need none: the number of calls under way
 * bounds them, and so status and metadata never wait behind blocks.
 *
 * <p>Pure state, to be guarded by its owner's lock.
 */
final class SendQueue {
  private final ArrayDeque<Frame> control = new ArrayDeque<>();
  private final List<Lane> lanes;

  /** {@code firstCredit}: bytes that may be sent of each priority as long as no more is lent. */
  SendQueue(int firstCredit) {
    this.lanes = Frame.PRIORITIES.stream().map(each -> new Lane(each, firstCredit)).toList();
  }

  /** A message in the queue. */
  private static final class Stream {
    final Outgoing outgoing;
    int sent;
    boolean opened;

    Stream(Outgoing outgoing) {
      this.outgoing = outgoing;
    }

    int costBytes() {
      return outgoing.message().isSingleChunk() ? 0 : outgoing.message().length();
    }
  }

  /** The state of one priority. */
  private static final class Lane {
    final Priority priority;
    long limit;
    long credit;
    long creditToReturn;
    final ArrayDeque<Stream> waiting = new ArrayDeque<>();
    final ArrayDeque<Stream> active = new ArrayDeque<>();

    Lane(Priority priority, int firstCredit) {
      this.priority = priority;
      this.limit = firstCredit;
      this.credit = firstCredit;
    }

    void promote() {
      for (Stream s = waiting.peek(); s != null && isCovered(s); s = waiting.peek()) {
        credit -= s.costBytes();
        active.add(waiting.remove());
      }
    }

    /** A message longer than all credit goes when the peer holds no other. */
    private boolean isCovered(Stream stream) {
      return stream.costBytes() <= credit || credit == limit;
    }

    @Nullable Stream find(Outgoing outgoing) {
      for (Stream s : active) {
        if (s.outgoing.equals(outgoing)) {
          return s;
        }
      }
      for (Stream s : waiting) {
        if (s.outgoing.equals(outgoing)) {
          return s;
        }
      }
      return null;
    }
  }

  /** How far a message had got when it was taken back. */
  enum Withdrawn {
    /** It was not in the queue: sent, or never added. */
    ABSENT,
    /** The peer has not heard of it. */
    UNOPENED,
    /** The peer has its beginning. */
    OPENED
  }

  /** Queues a message. */
  void add(Outgoing outgoing) {
    Lane lane = lane(outgoing.priority());
    Stream stream = new Stream(outgoing);
    if (stream.costBytes() == 0) {
      lane.active.add(stream);
    } else {
      lane.waiting.add(stream);
    }
  }

  /** Queues a frame that goes before all messages; bounded by the calls under way. */
  void addControl(Frame frame) {
    control.add(frame);
  }

  /** The peer gives back credit. */
  void credit(Priority priority, int bytes) {
    Lane lane = lane(priority);
    if (bytes == 0 || lane.credit + bytes > lane.limit) {
      throw new GarageException.Corrupt("more credit than was taken: " + bytes);
    }
    lane.credit += bytes;
  }

  /** The peer lends more credit, for as long as the connection lasts. */
  void lend(Priority priority, int bytes) {
    Lane lane = lane(priority);
    if (bytes == 0 || lane.limit + bytes > WireLimits.CREDIT_BYTES) {
      throw new GarageException.Corrupt("more credit than there can be: " + bytes);
    }
    lane.limit += bytes;
    lane.credit += bytes;
  }

  /** Tells the peer, as soon as possible, that {@code bytes} of its messages are gone. */
  void returnCredit(Priority priority, int bytes) {
    lane(priority).creditToReturn += bytes;
  }

  /** Takes back a message. */
  Withdrawn withdraw(Outgoing outgoing) {
    Lane lane = lane(outgoing.priority());
    Stream stream = lane.find(outgoing);
    if (stream == null) {
      return Withdrawn.ABSENT;
    }
    boolean reserved = lane.active.remove(stream);
    lane.waiting.remove(stream);
    if (stream.opened) {
      return Withdrawn.OPENED; // the peer gives its credit back
    }
    lane.credit += reserved ? stream.costBytes() : 0;
    return Withdrawn.UNOPENED;
  }

  /** The parts of the frame that goes next; null if nothing can go. */
  ByteBuffer @Nullable [] next() {
    Frame first = control.poll();
    if (first != null) {
      return new ByteBuffer[] {first.header()};
    }
    for (Lane lane : lanes) {
      if (lane.creditToReturn > 0) {
        int bytes = Math.toIntExact(lane.creditToReturn);
        lane.creditToReturn = 0;
        return new ByteBuffer[] {new Frame.Credit(lane.priority, bytes).header()};
      }
    }
    for (Lane lane : lanes) {
      lane.promote();
      Stream stream = lane.active.poll();
      if (stream != null) {
        return chunk(lane, stream);
      }
    }
    return null;
  }

  /** Whether {@link #next} would give something. */
  boolean isReady() {
    if (!control.isEmpty()) {
      return true;
    }
    for (Lane lane : lanes) {
      lane.promote();
      if (lane.creditToReturn > 0 || !lane.active.isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static ByteBuffer[] chunk(Lane lane, Stream stream) {
    Message message = stream.outgoing.message();
    Frame frame =
        stream.opened
            ? new Frame.Data(stream.outgoing.id(), Frame.NO_CHUNK)
            : stream.outgoing.open();
    stream.opened = true;
    int from = stream.sent;
    int to = Math.min(message.length(), from + WireLimits.CHUNK_BYTES);
    stream.sent = to;
    if (to == message.length()) {
      stream.outgoing.sent();
    } else {
      lane.active.add(stream);
    }
    return message.chunk(frame.header(), from, to);
  }

  private Lane lane(Priority priority) {
    return lanes.get(Frame.number(priority));
  }
}
