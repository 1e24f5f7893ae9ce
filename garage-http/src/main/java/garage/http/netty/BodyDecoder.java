package garage.http.netty;

import garage.http.ProtocolError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;

/** Finds the end of a request's body in the bytes of its connection; on the event loop. */
sealed interface BodyDecoder {
  /**
   * Takes what belongs to the body out of {@code in}, and passes its content on in buffers that the
   * receiver releases; answers whether the body has ended.
   *
   * @throws ProtocolException if the framing is malformed
   */
  boolean decode(ByteBuf in, Consumer<ByteBuf> content);

  /** Bytes of content to come; -1 if unknown. */
  long remaining();

  static BodyDecoder of(RequestHead head, ByteBufAllocator allocator) {
    return head.contentLength() == RequestHead.CHUNKED
        ? new Chunked(allocator)
        : new Fixed(head.contentLength());
  }

  /** A body of a length known beforehand. */
  final class Fixed implements BodyDecoder {
    private long remaining;

    Fixed(long length) {
      this.remaining = length;
    }

    @Override
    public boolean decode(ByteBuf in, Consumer<ByteBuf> content) {
      int n = (int) Math.min(remaining, in.readableBytes());
      remaining -= n;
      if (n > 0) {
        content.accept(in.readRetainedSlice(n));
      }
      return remaining == 0;
    }

    @Override
    public long remaining() {
      return remaining;
    }
  }

  /**
   * The chunked transfer coding. Content is copied together, since a hostile client can send chunks
   * of one byte and a buffer object for each would cost a hundred times what it sends.
   *
   * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#section-7.1">RFC 9112 §7.1</a>
   */
  final class Chunked implements BodyDecoder {
    /** Digits of a chunk's size: 2^60 bytes are enough, and more could overflow. */
    private static final int SIZE_DIGITS_MAX = 15;

    /** Bytes of one chunk's extensions, which are read over. */
    private static final int EXTENSION_BYTES_MAX = 1024;

    /** Bytes of all trailer fields, which are read over. */
    private static final int TRAILER_BYTES_MAX = 8 * 1024;

    private enum State {
      SIZE,
      EXTENSION,
      SIZE_FEED,
      DATA,
      DATA_RETURN,
      DATA_FEED,
      TRAILER,
      TRAILER_FEED,
      END
    }

    private final ByteBufAllocator allocator;
    private State state = State.SIZE;
    private long size;
    private int digits;
    private int lineBytes;
    private int trailerBytes;

    Chunked(ByteBufAllocator allocator) {
      this.allocator = allocator;
    }

    @Override
    public long remaining() {
      return state == State.END ? 0 : -1;
    }

    @Override
    public boolean decode(ByteBuf in, Consumer<ByteBuf> content) {
      ByteBuf out = allocator.buffer(Math.max(1, in.readableBytes()));
      try {
        while (in.isReadable() && state != State.END) {
          if (state == State.DATA) {
            int n = (int) Math.min(size, in.readableBytes());
            out.writeBytes(in, n);
            size -= n;
            state = size == 0 ? State.DATA_RETURN : State.DATA;
          } else {
            state = next(in.readByte());
          }
        }
        if (out.isReadable()) {
          content.accept(out.retain());
        }
      } finally {
        out.release();
      }
      return state == State.END;
    }

    private State next(byte b) {
      return switch (state) {
        case SIZE -> size(b);
        case EXTENSION -> extension(b);
        case SIZE_FEED -> {
          expect(b, '\n');
          digits = 0;
          lineBytes = 0;
          yield size > 0 ? State.DATA : State.TRAILER;
        }
        case DATA_RETURN -> {
          expect(b, '\r');
          yield State.DATA_FEED;
        }
        case DATA_FEED -> {
          expect(b, '\n');
          yield State.SIZE;
        }
        case TRAILER -> trailer(b);
        case TRAILER_FEED -> {
          expect(b, '\n');
          boolean empty = lineBytes == 0;
          lineBytes = 0;
          yield empty ? State.END : State.TRAILER;
        }
        case DATA, END -> throw new IllegalStateException("no framing here");
      };
    }

    private State size(byte b) {
      int digit = b < 0 ? -1 : Character.digit(b, 16);
      if (digit >= 0 && digits < SIZE_DIGITS_MAX) {
        size = (digits == 0 ? 0 : size << 4) | digit;
        digits++;
        return State.SIZE;
      }
      if (digits > 0 && b == '\r') {
        return State.SIZE_FEED;
      }
      if (digits > 0 && b == ';') {
        return State.EXTENSION;
      }
      throw bad("A chunk size is not a hexadecimal number.");
    }

    private State extension(byte b) {
      if (b == '\r') {
        return State.SIZE_FEED;
      }
      lineBytes++;
      if (lineBytes > EXTENSION_BYTES_MAX || isControl(b)) {
        throw bad("A chunk extension is too long or holds a control character.");
      }
      return State.EXTENSION;
    }

    private State trailer(byte b) {
      if (b == '\r') {
        return State.TRAILER_FEED;
      }
      lineBytes++;
      trailerBytes++;
      if (trailerBytes > TRAILER_BYTES_MAX || isControl(b)) {
        throw bad("The trailer is too long or holds a control character.");
      }
      return State.TRAILER;
    }

    private static void expect(byte b, char expected) {
      if (b != expected) {
        throw bad("A chunk is not followed by CRLF.");
      }
    }

    private static boolean isControl(byte b) {
      return (b >= 0 && b < ' ' && b != '\t') || b == 0x7f;
    }

    private static ProtocolException bad(String detail) {
      return new ProtocolException(ProtocolError.Kind.BAD_BODY, detail);
    }
  }
}
