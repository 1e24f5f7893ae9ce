package garage.rpc.peering;

import garage.common.env.Address;
import garage.common.id.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Where a peer is said to be.
 *
 * @param id who must answer there; null for whoever does
 */
public record PeerAddress(@Nullable NodeId id, Address address) {
  /**
   * Parses {@code host:port} or {@code id@host:port}.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static PeerAddress parse(String text) {
    int at = text.indexOf('@');
    Address address = Address.parse(text.substring(at + 1));
    if (at < 0) {
      return new PeerAddress(null, address);
    }
    try {
      return new PeerAddress(NodeId.parse(text.substring(0, at)), address);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a peer: write host:port, or 64 hex digits and @host:port", e);
    }
  }

  @Override
  public String toString() {
    return (id == null ? "" : id + "@") + address;
  }
}
