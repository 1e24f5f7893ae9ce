package garage.common.id;

/** A random 256-bit identifier of a bucket, a version or an upload. */
public record Uuid(Bytes32 value) implements Comparable<Uuid> {
  /** Reads exactly 32 bytes. */
  public static Uuid of(byte[] bytes) {
    return new Uuid(Bytes32.of(bytes));
  }

  /**
   * Parses 64 hex digits.
   *
   * @throws IllegalArgumentException if {@code hex} is anything else
   */
  public static Uuid parse(String hex) {
    return new Uuid(Bytes32.parse(hex));
  }

  /** A fresh array of the 32 bytes. */
  public byte[] toBytes() {
    return value.toBytes();
  }

  /** The first 16 hex digits, as tables and logs show it. */
  public String shortHex() {
    return value.toString().substring(0, 16);
  }

  @Override
  public int compareTo(Uuid other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
