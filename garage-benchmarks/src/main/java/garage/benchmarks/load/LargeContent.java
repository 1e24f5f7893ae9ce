package garage.benchmarks.load;

import java.io.InputStream;
import java.util.Random;

/**
 * Bytes nobody keeps: they are made as they are read. Each stretch of 4 KiB has a stamp of its own,
 * so that no two blocks are equal and none compresses.
 *
 * @param number equal numbers give equal bytes
 */
record LargeContent(long number, long length) {
  private static final int STRETCH = 4096;
  private static final byte[] BASE = random();

  private static byte[] random() {
    byte[] bytes = new byte[STRETCH];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  /** The bytes from an offset that is a multiple of 4 KiB. */
  InputStream from(long offset, long count) {
    return new Made(offset, count);
  }

  private final class Made extends InputStream {
    private final byte[] stretch = new byte[STRETCH];
    private final long end;
    private long at;

    Made(long offset, long count) {
      at = offset;
      end = offset + count;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int wanted) {
      if (at == end && wanted > 0) {
        return -1;
      }
      int done = 0;
      while (done < wanted && at < end) {
        int within = (int) (at % STRETCH);
        if (within == 0) {
          make();
        }
        int n = (int) Math.min(Math.min(wanted - done, STRETCH - within), end - at);
        System.arraycopy(stretch, within, target, offset + done, n);
        done += n;
        at += n;
      }
      return done;
    }

    /** The stretch at hand: the base turned by a place of its own, and a stamp in front. */
    private void make() {
      long stamp = ((number << 40) ^ (at / STRETCH)) * 0x9E3779B97F4A7C15L;
      int turn = (int) (stamp >>> 52);
      System.arraycopy(BASE, turn, stretch, 0, STRETCH - turn);
      System.arraycopy(BASE, 0, stretch, STRETCH - turn, turn);
      for (int i = 0; i < Long.BYTES; i++) {
        stretch[i] = (byte) (stamp >>> (8 * i));
      }
    }
  }
}
