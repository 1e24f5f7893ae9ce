package garage.http.netty;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.error.GarageException;
import garage.http.BodySink;
import garage.http.ResponseBody;
import garage.http.netty.ResponseHead.Framing;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Sends a streamed body in pieces. At most {@code sendBufferBytes} and one piece are on their way;
 * beyond that the writer waits until half of it has gone. The first piece starts with the
 * response's head, so a short body is one write, and a writer that fails early has sent nothing
 * yet.
 */
final class ResponseStream implements BodySink {
  /** Bytes of content in a piece; a reader slower than one per write timeout is cut off. */
  static final int PIECE_BYTES = 64 * 1024;

  /** Eight hex digits and CRLF. */
  private static final int CHUNK_HEAD_BYTES = 10;

  private static final int CHUNK_TAIL_BYTES = 7; // CRLF, then the last chunk

  private final Outlet outlet;
  private final Framing framing;
  private final long length;
  private final int sendBufferBytes;
  private final Gate gate;
  private final AtomicLong unsent = new AtomicLong();

  // Under the gate.
  private boolean failed;
  private boolean waiting;

  // Of the request's task alone.
  private @Nullable ByteBuf piece;
  private int pieceStart;
  private int room;
  private long written;
  private boolean begun;

  /** {@code first} holds the response's head and room for a piece. */
  ResponseStream(
      Outlet outlet, Clock clock, int sendBufferBytes, ByteBuf first, ResponseHead head) {
    this.outlet = outlet;
    this.gate = new Gate(clock);
    this.sendBufferBytes = sendBufferBytes;
    this.framing = head.framing();
    this.length = head.length();
    startPiece(first);
  }

  /** Bytes to allocate for a piece behind {@code headBytes}. */
  static int pieceCapacity(int headBytes) {
    return headBytes + CHUNK_HEAD_BYTES + PIECE_BYTES + CHUNK_TAIL_BYTES;
  }

  /** Whether any byte may have reached the client. */
  boolean hasBegun() {
    return begun;
  }

  /** The client is gone: whoever writes is told so. */
  void fail() {
    gate.update(() -> failed = true);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) {
    Objects.checkFromIndexSize(offset, count, bytes.length);
    account(count);
    int at = offset;
    int end = offset + count;
    while (at < end) {
      int n = Math.min(end - at, room());
      piece().writeBytes(bytes, at, n);
      room -= n;
      at += n;
    }
  }

  @Override
  public void write(ByteBuffer bytes) {
    account(bytes.remaining());
    int end = bytes.limit();
    while (bytes.position() < end) {
      int n = Math.min(end - bytes.position(), room());
      piece().writeBytes(bytes.limit(bytes.position() + n));
      bytes.limit(end);
      room -= n;
    }
  }

  @Override
  public void flush() {
    if (room < PIECE_BYTES || !begun) {
      sendPiece();
    }
  }

  /** Sends the end; the whole body must have been written. */
  void end(boolean close) {
    if (length != ResponseBody.UNKNOWN_LENGTH && written != length) {
      throw new IllegalStateException("a body of " + length + " bytes ended after " + written);
    }
    ByteBuf last = piece();
    endChunk(last);
    if (framing == Framing.CHUNKED) {
      ascii(last, "0\r\n\r\n");
    }
    piece = null;
    begun = true;
    outlet.finish(last, close);
  }

  /** Gives up what was not sent. */
  void discard() {
    ByteBuf rest = piece;
    piece = null;
    if (rest != null) {
      rest.release();
    }
  }

  private void account(int count) {
    written += count;
    if (length != ResponseBody.UNKNOWN_LENGTH && written > length) {
      throw new IllegalStateException("more than the " + length + " bytes announced");
    }
  }

  /** Room in the present piece, after sending it if it was full. */
  private int room() {
    if (room == 0) {
      sendPiece();
    }
    return room;
  }

  private ByteBuf piece() {
    ByteBuf present = piece;
    if (present == null) {
      present = outlet.allocate(pieceCapacity(0));
      startPiece(present);
    }
    return present;
  }

  private void startPiece(ByteBuf fresh) {
    if (framing == Framing.CHUNKED) {
      pieceStart = fresh.writerIndex();
      fresh.writeZero(CHUNK_HEAD_BYTES);
    }
    piece = fresh;
    room = PIECE_BYTES;
  }

  private void sendPiece() {
    ByteBuf full = piece();
    endChunk(full);
    piece = null;
    room = PIECE_BYTES;
    awaitRoom();
    int bytes = full.readableBytes();
    unsent.addAndGet(bytes);
    begun = true;
    outlet.send(full, () -> sent(bytes));
  }

  /** Fills in the size of the piece's chunk, or takes an empty one back. */
  private void endChunk(ByteBuf full) {
    if (framing != Framing.CHUNKED) {
      return;
    }
    int content = full.writerIndex() - pieceStart - CHUNK_HEAD_BYTES;
    if (content == 0) {
      full.writerIndex(pieceStart);
      return;
    }
    String size = Integer.toHexString(content);
    full.setCharSequence(
        pieceStart,
        "0".repeat(CHUNK_HEAD_BYTES - 2 - size.length()) + size + "\r\n",
        StandardCharsets.US_ASCII);
    ascii(full, "\r\n");
  }

  private static void ascii(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
  }

  private void awaitRoom() {
    if (unsent.get() <= sendBufferBytes && !gate.locked(() -> failed)) {
      return;
    }
    gate.lock();
    try {
      waiting = true;
      // The event loop cuts a connection whose client does not read, so this wait ends.
      gate.await(() -> failed || unsent.get() <= sendBufferBytes / 2, Deadline.NEVER);
      waiting = false;
      if (failed) {
        throw new GarageException.Cancelled("the client is gone");
      }
    } finally {
      gate.unlock();
    }
  }

  private void sent(int bytes) {
    if (unsent.addAndGet(-bytes) <= sendBufferBytes / 2) {
      gate.lock();
      try {
        if (waiting) {
          gate.signal();
        }
      } finally {
        gate.unlock();
      }
    }
  }
}
