package garage.common.hash;

import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The checksums S3 clients may send and ask for; the constants' names are the wire names. */
public enum ChecksumAlgorithm {
  CRC32(4),
  CRC32C(4),
  CRC64NVME(8),
  SHA1(20),
  SHA256(32);

  private final int lengthBytes;
  private final String headerName;

  ChecksumAlgorithm(int lengthBytes) {
    this.lengthBytes = lengthBytes;
    this.headerName = "x-amz-checksum-" + name().toLowerCase(Locale.ROOT);
  }

  /** Length of a value in bytes. */
  public int lengthBytes() {
    return lengthBytes;
  }

  /** The header and trailer that carries it, in lower case: {@code x-amz-checksum-crc32}. */
  public String headerName() {
    return headerName;
  }

  /** Whether the checksum of a whole follows from those of its parts (the CRCs). */
  public boolean combines() {
    return this != SHA1 && this != SHA256;
  }

  /** A computation that has seen no bytes. */
  public RunningChecksum start() {
    return switch (this) {
      case CRC32 -> new RunningChecksum.Crc(this, new CRC32());
      case CRC32C -> new RunningChecksum.Crc(this, new CRC32C());
      case CRC64NVME -> new RunningChecksum.Crc(this, new Crc64Nvme());
      case SHA1 -> new RunningChecksum.Digest(this, Digests.sha1());
      case SHA256 -> new RunningChecksum.Digest(this, Digests.sha256());
    };
  }

  /** The algorithm of a wire name of either case, or null. */
  public static @Nullable ChecksumAlgorithm ofName(String name) {
    for (ChecksumAlgorithm algorithm : values()) {
      if (algorithm.name().equalsIgnoreCase(name)) {
        return algorithm;
      }
    }
    return null;
  }

  /** The algorithm whose value a header of this name (of either case) carries, or null. */
  public static @Nullable ChecksumAlgorithm ofHeader(String headerName) {
    for (ChecksumAlgorithm algorithm : values()) {
      if (algorithm.headerName.equalsIgnoreCase(headerName)) {
        return algorithm;
      }
    }
    return null;
  }

  CrcPolynomial polynomial() {
    return switch (this) {
      case CRC32 -> CrcPolynomial.CRC32;
      case CRC32C -> CrcPolynomial.CRC32C;
      case CRC64NVME -> CrcPolynomial.CRC64NVME;
      case SHA1, SHA256 -> throw new IllegalArgumentException(this + " values do not combine");
    };
  }
}
