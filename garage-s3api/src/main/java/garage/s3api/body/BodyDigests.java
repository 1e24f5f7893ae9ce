package garage.s3api.body;

import garage.common.hash.ChecksumAlgorithm;
import garage.common.hash.Digests;
import garage.common.hash.RunningChecksum;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The MD5 and the checksum of bytes as they pass; for one task at a time. */
public final class BodyDigests {
  private final MessageDigest md5 = Digests.md5();
  private final @Nullable RunningChecksum checksum;
  private long length;

  /** {@code algorithm} is the checksum to compute, null for none. */
  public BodyDigests(@Nullable ChecksumAlgorithm algorithm) {
    this.checksum = algorithm == null ? null : algorithm.start();
  }

  /** The sums of bytes that are in memory. */
  public static BodySums of(byte[] bytes, @Nullable ChecksumAlgorithm algorithm) {
    BodyDigests digests = new BodyDigests(algorithm);
    digests.update(ByteBuffer.wrap(bytes));
    return digests.finish();
  }

  /** Adds the buffer's remaining bytes, and leaves it as it is. */
  public void update(ByteBuffer bytes) {
    length += bytes.remaining();
    md5.update(bytes.duplicate());
    if (checksum != null) {
      checksum.update(bytes.duplicate());
    }
  }

  /** The sums over all bytes added. */
  public BodySums finish() {
    return new BodySums(
        HexFormat.of().formatHex(md5.digest()),
        checksum == null ? null : checksum.finish(),
        length);
  }
}
