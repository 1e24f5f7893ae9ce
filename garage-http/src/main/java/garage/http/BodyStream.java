package garage.http;

import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A body's bytes. Reading blocks until there are some, and throws no checked exception: a body that
 * does not arrive whole ends in a {@link RequestFailure}, never in an early end. For one task.
 */
public abstract class BodyStream extends InputStream {
  private static final int COPY_BYTES = 16 * 1024;

  private final byte[] one = new byte[1];

  /**
   * Reads 1 to {@code length} bytes (0 only if {@code length} is); -1 at the end.
   *
   * @throws RequestFailure if the rest will not come
   */
  @Override
  public abstract int read(byte[] bytes, int offset, int length);

  @Override
  public int read() {
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes) {
    return read(bytes, 0, bytes.length);
  }

  /** Reads until {@code length} bytes are there or the body ends; answers their number. */
  @Override
  public int readNBytes(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    int total = 0;
    while (total < length) {
      int n = read(bytes, offset + total, length - total);
      if (n < 0) {
        break;
      }
      total += n;
    }
    return total;
  }

  /** Reads to the end; null if there are more than {@code maximum} bytes. */
  public byte @Nullable [] readAll(int maximum) {
    byte[] bytes = new byte[Math.min(maximum, COPY_BYTES) + 1];
    int total = 0;
    while (true) {
      total += readNBytes(bytes, total, bytes.length - total);
      if (total < bytes.length) {
        return Arrays.copyOf(bytes, total);
      }
      if (total > maximum) {
        return null;
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(2L * bytes.length, maximum + 1L));
    }
  }

  @Override
  public void close() {}

  /** A body that is in memory already. */
  public static BodyStream of(byte[] bytes) {
    return new BodyStream() {
      private int at;

      @Override
      public int read(byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (at == bytes.length) {
          return length == 0 ? 0 : -1;
        }
        int n = Math.min(length, bytes.length - at);
        System.arraycopy(bytes, at, target, offset, n);
        at += n;
        return n;
      }
    };
  }
}
