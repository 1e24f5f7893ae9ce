package garage.rpc.handshake;

import garage.common.id.Bytes32;

/** The 32 bytes that every node and operator of a cluster knows ({@code rpc_secret}). */
public record ClusterSecret(Bytes32 value) {
  /**
   * Parses 64 hex digits.
   *
   * @throws IllegalArgumentException if {@code hex} is anything else; the message does not show it
   */
  public static ClusterSecret parse(String hex) {
    try {
      return new ClusterSecret(Bytes32.parse(hex.strip()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("rpc_secret must be 64 hex digits (32 bytes)");
    }
  }

  /** Never shows the bytes. */
  @Override
  public String toString() {
    return "ClusterSecret[hidden]";
  }
}
