package garage.block.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A cheap guess whether zstd would gain anything: the order-0 entropy of a few samples. Compressed
 * Parquet, images and ciphertext are above 7.9 bits a byte, plain tables, text and snappy pages
 * below 6.2, so the line between them is not delicate. It costs about a tenth of a compression at
 * level 1 that fails. Not for use by two tasks at once.
 */
final class Compressibility {
  private static final int SAMPLES = 4;
  private static final int SAMPLE_BYTES = 512;

  /** 95 % of the 8 bits of an incompressible byte. */
  private static final float BITS_PER_BYTE_MAX = 7.6f;

  private final int[] counts = new int[256];

  /** {@code n * log2(n)}, because 256 logarithms a frame would cost more than the counting. */
  private final float[] nLogN = new float[SAMPLES * SAMPLE_BYTES + 1];

  Compressibility() {
    for (int n = 2; n < nLogN.length; n++) {
      nLogN[n] = (float) (n * Math.log(n) / Math.log(2));
    }
  }

  /** Whether compressing the bytes from position to limit is worth trying. */
  boolean worthTrying(ByteBuffer bytes) {
    int length = bytes.remaining();
    if (length < SAMPLES * SAMPLE_BYTES) {
      return true; // too few bytes for a guess, and cheap to try
    }
    Arrays.fill(counts, 0);
    int stride = (length - SAMPLE_BYTES) / (SAMPLES - 1);
    for (int sample = 0; sample < SAMPLES; sample++) {
      int start = bytes.position() + sample * stride;
      for (int i = start; i < start + SAMPLE_BYTES; i++) {
        counts[bytes.get(i) & 0xff]++;
      }
    }
    return entropy() <= BITS_PER_BYTE_MAX;
  }

  private float entropy() {
    float sum = 0;
    for (int count : counts) {
      sum += nLogN[count];
    }
    int total = SAMPLES * SAMPLE_BYTES;
    return (nLogN[total] - sum) / total;
  }
}
