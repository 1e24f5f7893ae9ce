package garage.rpc.peering;

import garage.common.check.Invariant;
import garage.common.env.Address;
import garage.rpc.handshake.ClusterSecret;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a node takes part in the mesh.
 *
 * @param publicAddress where peers reach this node; null: where its connections come from, at the
 *     port it listens on
 * @param hostname shown to the operator
 * @param suspectAfter silence after which a peer counts as failed
 */
public record RpcSettings(
    ClusterSecret secret,
    Address bindAddress,
    @Nullable Address publicAddress,
    List<PeerAddress> bootstrapPeers,
    String hostname,
    Duration suspectAfter) {
  /** A peer that is frozen at any moment is noticed within five seconds. */
  public static final Duration SUSPECT_AFTER = Duration.ofSeconds(4);

  public RpcSettings {
    bootstrapPeers = List.copyOf(bootstrapPeers);
    Invariant.check(
        suspectAfter.compareTo(MeshLimits.PING_EVERY) > 0,
        "a peer is not suspected between two pings",
        suspectAfter);
  }

  /** The default times, and no public address. */
  public static RpcSettings of(
      ClusterSecret secret, Address bindAddress, List<PeerAddress> bootstrapPeers, String host) {
    return new RpcSettings(secret, bindAddress, null, bootstrapPeers, host, SUSPECT_AFTER);
  }

  /** With the address that peers are told. */
  public RpcSettings withPublicAddress(Address address) {
    return new RpcSettings(secret, bindAddress, address, bootstrapPeers, hostname, suspectAfter);
  }
}
