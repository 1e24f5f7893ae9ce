package garage.common.id;

/** A SHA-256 digest: the address of a block, the place of a row. */
public record Hash(Bytes32 value) implements Comparable<Hash> {
  /** Reads exactly 32 bytes. */
  public static Hash of(byte[] bytes) {
    return new Hash(Bytes32.of(bytes));
  }

  /**
   * Parses 64 hex digits.
   *
   * @throws IllegalArgumentException if {@code hex} is anything else
   */
  public static Hash parse(String hex) {
    return new Hash(Bytes32.parse(hex));
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
  public int compareTo(Hash other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
