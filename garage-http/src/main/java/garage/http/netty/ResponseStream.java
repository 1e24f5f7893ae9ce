package garage.http.netty;

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
import org.jspecify.annotations.Nullable;

/**
 * Sends a streamed body in pieces. A piece is taken from the server's {@link SendBudget} when there
 * are bytes to put into it. While there is plenty, at most {@code sendBufferBytes} are held; beyond
 * that the writer waits until half of it has gone. Otherwise pieces are small, and each waits until
 * the one before has gone. The first piece starts with the response's head, so a short body is one
 * write, and a writer that fails early has sent nothing yet.
 */
final class ResponseStream implements BodySink {
  /** Bytes of content in a piece; a reader slower than one per write timeout is cut off. */
  static final int PIECE_BYTES = 60 * 1024;

  /** Bytes of content in a piece while the server holds much unsent: with a head about 8 KiB. */
  static final int PIECE_BYTES_MIN = 7 * 1024;

  /** Eight hex digits and CRLF. */
  private static final int CHUNK_HEAD_BYTES = 10;

  private static final int CHUNK_TAIL_BYTES = 7; // CRLF, then the last chunk

  private final Outlet outlet;
  private final Framing framing;
  private final long length;
  private final Exchange.Context context;
  private final ResponseHead head;
  private final boolean close;
  private final Gate gate;

  // Under the gate.
  private long unsent;
  private boolean failed;

  // Of the request's task alone.
  private @Nullable ByteBuf piece;
  private int pieceStart;
  private int room;
  private long written;
  private long placed;
  private boolean headPlaced;
  private boolean begun;

  ResponseStream(Outlet outlet, Exchange.Context context, ResponseHead head, boolean close) {
    this.outlet = outlet;
    this.context = context;
    this.gate = new Gate(context.clock());
    this.head = head;
    this.close = close;
    this.framing = head.framing();
    this.length = head.length();
  }

  /** Whether any byte may have reached the client. */
  boolean hasBegun() {
    return begun;
  }

  /** Whether the client is gone, or there was no room to send to it. */
  boolean isStopped() {
    return gate.locked(() -> failed);
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
      placed(n);
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
      placed(n);
    }
  }

  @Override
  public void flush() {
    if (piece != null || !begun) {
      sendPiece();
    }
  }

  /** Sends the end; the whole body must have been written. */
  void end() {
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
    int bytes = last.capacity();
    outlet.finish(last, () -> context.budget().give(bytes), close);
  }

  /** Gives up what was not sent. */
  void discard() {
    ByteBuf rest = piece;
    piece = null;
    if (rest != null) {
      int bytes = rest.capacity();
      rest.release();
      context.budget().give(bytes);
    }
  }

  private void account(int count) {
    written += count;
    if (length != ResponseBody.UNKNOWN_LENGTH && written > length) {
      throw new IllegalStateException("more than the " + length + " bytes announced");
    }
  }

  private void placed(int count) {
    room -= count;
    placed += count;
  }

  /** Room in the present piece, after sending it if it was full. */
  private int room() {
    if (piece != null && room == 0) {
      sendPiece();
    }
    piece();
    return room;
  }

  private ByteBuf piece() {
    ByteBuf present = piece;
    if (present == null) {
      present = newPiece();
      piece = present;
      if (!headPlaced) {
        headPlaced = true;
        head.write(present, context.date().now(), close);
      }
      if (framing == Framing.CHUNKED) {
        pieceStart = present.writerIndex();
        present.writeZero(CHUNK_HEAD_BYTES);
      }
    }
    return present;
  }

  private ByteBuf newPiece() {
    long rest = length == ResponseBody.UNKNOWN_LENGTH ? PIECE_BYTES : length - placed;
    int overhead = (headPlaced ? 1 : head.sizeEstimate()) + CHUNK_HEAD_BYTES + CHUNK_TAIL_BYTES;
    int full = (int) Math.min(rest, PIECE_BYTES);
    awaitUnsent(context.sendBufferBytes() - full - overhead, context.sendBufferBytes() / 2);
    if (context.budget().takeIfPlenty(full + overhead)) {
      return allocate(full, overhead);
    }
    awaitUnsent(0, 0);
    int least = Math.min(full, PIECE_BYTES_MIN);
    if (!context.budget().take(least + overhead)) {
      fail();
      throw new GarageException.Cancelled("no room to send in time");
    }
    return allocate(least, overhead);
  }

  /** Allocates what was taken from the budget. */
  private ByteBuf allocate(int content, int overhead) {
    boolean allocated = false;
    try {
      ByteBuf fresh = outlet.allocate(content + overhead);
      allocated = true;
      room = content;
      return fresh;
    } finally {
      if (!allocated) {
        context.budget().give(content + overhead);
      }
    }
  }

  private void sendPiece() {
    ByteBuf full = piece();
    endChunk(full);
    piece = null;
    int bytes = full.capacity();
    gate.update(() -> unsent += bytes);
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

  /** If more than {@code enough} is unsent, waits until it is at most {@code until}. */
  private void awaitUnsent(long enough, long until) {
    gate.lock();
    try {
      if (unsent > enough) {
        // The event loop cuts a connection whose client does not read, so this wait ends.
        gate.await(() -> failed || unsent <= until, Deadline.NEVER);
      }
      if (failed) {
        throw new GarageException.Cancelled("the client is gone");
      }
    } finally {
      gate.unlock();
    }
  }

  private void sent(int bytes) {
    context.budget().give(bytes);
    gate.update(() -> unsent -= bytes);
  }
}
