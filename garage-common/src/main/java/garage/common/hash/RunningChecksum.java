package garage.common.hash;

import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** A checksum being computed over bytes as they pass; for one task at a time. */
public sealed interface RunningChecksum {
  /** Adds bytes. */
  void update(byte[] bytes, int offset, int length);

  /** Adds the buffer's remaining bytes and consumes them. */
  void update(ByteBuffer bytes);

  /** The value over all bytes added; afterwards none have been. */
  Checksum finish();

  /** One of the cyclic redundancy checks. */
  final class Crc implements RunningChecksum {
    private final ChecksumAlgorithm algorithm;
    private final java.util.zip.Checksum crc;

    Crc(ChecksumAlgorithm algorithm, java.util.zip.Checksum crc) {
      this.algorithm = algorithm;
      this.crc = crc;
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
      crc.update(bytes, offset, length);
    }

    @Override
    public void update(ByteBuffer bytes) {
      crc.update(bytes);
    }

    @Override
    public Checksum finish() {
      byte[] value = Checksum.bigEndian(crc.getValue(), algorithm.lengthBytes());
      crc.reset();
      return Checksum.of(algorithm, value);
    }
  }

  /** One of the cryptographic digests. */
  final class Digest implements RunningChecksum {
    private final ChecksumAlgorithm algorithm;
    private final MessageDigest digest;

    Digest(ChecksumAlgorithm algorithm, MessageDigest digest) {
      this.algorithm = algorithm;
      this.digest = digest;
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
      digest.update(bytes, offset, length);
    }

    @Override
    public void update(ByteBuffer bytes) {
      digest.update(bytes);
    }

    @Override
    public Checksum finish() {
      return Checksum.of(algorithm, digest.digest());
    }
  }
}
