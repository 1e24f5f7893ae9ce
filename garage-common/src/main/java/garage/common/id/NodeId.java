package garage.common.id;

/** The identity of a node: the SHA-256 of its public key, as DER SubjectPublicKeyInfo. */
public record NodeId(Bytes32 value) implements Comparable<NodeId> {
  /** Reads exactly 32 bytes. */
  public static NodeId of(byte[] bytes) {
    return new NodeId(Bytes32.of(bytes));
  }

  /**
   * Parses 64 hex digits.
   *
   * @throws IllegalArgumentException if {@code hex} is anything else
   */
  public static NodeId parse(String hex) {
    return new NodeId(Bytes32.parse(hex));
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
  public int compareTo(NodeId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
