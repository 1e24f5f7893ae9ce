package garage.server.config;

import garage.common.env.Address;
import garage.common.id.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * A peer to connect to at start.
 *
 * @param id null to learn it from the peer, which has to prove the cluster's secret in any case
 */
public record PeerAddress(@Nullable NodeId id, Address address) {
  /**
   * Parses {@code host:port} or {@code id@host:port}.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static PeerAddress parse(String text) {
    int at = text.indexOf('@');
    NodeId id = at < 0 ? null : NodeId.parse(text.substring(0, at));
    return new PeerAddress(id, Address.parse(text.substring(at + 1)));
  }

  @Override
  public String toString() {
    return id == null ? address.toString() : id + "@" + address;
  }
}
