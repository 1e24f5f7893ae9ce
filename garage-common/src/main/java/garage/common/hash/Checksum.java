package garage.common.hash;

import garage.common.error.GarageException;
import java.util.Base64;
import java.util.List;

/** A checksum's value; {@code base64} is its standard form with padding, as headers carry it. */
public record Checksum(ChecksumAlgorithm algorithm, String base64) {
  public Checksum {
    if (!isValue(algorithm, base64)) {
      throw new IllegalArgumentException("'" + base64 + "' is not a " + algorithm + " value");
    }
  }

  /** The value with these bytes, whose number must be the algorithm's. */
  public static Checksum of(ChecksumAlgorithm algorithm, byte[] bytes) {
    return new Checksum(algorithm, Base64.getEncoder().encodeToString(bytes));
  }

  /**
   * Parses what a client sent.
   *
   * @throws GarageException.InvalidInput if it is not the base64 form of a value of this length
   */
  public static Checksum parse(ChecksumAlgorithm algorithm, String base64) {
    if (!isValue(algorithm, base64)) {
      throw new GarageException.InvalidInput(
          "Value for " + algorithm.headerName() + " header is invalid.");
    }
    return new Checksum(algorithm, base64);
  }

  /** The checksum of {@code bytes}. */
  public static Checksum compute(ChecksumAlgorithm algorithm, byte[] bytes) {
    RunningChecksum running = algorithm.start();
    running.update(bytes, 0, bytes.length);
    return running.finish();
  }

  /**
   * The value S3 calls COMPOSITE: the checksum of the parts' values one after the other. The wire
   * form adds {@code -N}.
   */
  public static Checksum composite(ChecksumAlgorithm algorithm, List<Checksum> parts) {
    RunningChecksum running = algorithm.start();
    for (Checksum part : parts) {
      part.expect(algorithm);
      byte[] bytes = part.bytes();
      running.update(bytes, 0, bytes.length);
    }
    return running.finish();
  }

  /** A fresh array of the value, big-endian for the CRCs. */
  public byte[] bytes() {
    return Base64.getDecoder().decode(base64);
  }

  /**
   * The checksum of this one's content followed by {@code nextLength} bytes whose checksum is
   * {@code next}; only for an algorithm that {@link ChecksumAlgorithm#combines}.
   */
  public Checksum then(Checksum next, long nextLength) {
    next.expect(algorithm);
    CrcPolynomial polynomial = algorithm.polynomial();
    long joined = polynomial.shift(number(), nextLength) ^ next.number();
    return of(algorithm, bigEndian(joined, algorithm.lengthBytes()));
  }

  private void expect(ChecksumAlgorithm expected) {
    if (algorithm != expected) {
      throw new IllegalArgumentException("a " + algorithm + " value among " + expected);
    }
  }

  private long number() {
    long number = 0;
    for (byte b : bytes()) {
      number = number << 8 | (b & 0xff);
    }
    return number;
  }

  static byte[] bigEndian(long number, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (number >>> (8 * (length - 1 - i)));
    }
    return bytes;
  }

  private static boolean isValue(ChecksumAlgorithm algorithm, String base64) {
    if (base64.length() != (algorithm.lengthBytes() + 2) / 3 * 4) {
      return false;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(base64);
      // The decoder lets unused bits pass; equal values must have equal text.
      return bytes.length == algorithm.lengthBytes()
          && Base64.getEncoder().encodeToString(bytes).equals(base64);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
