package garage.server.config;

import garage.common.env.Address;
import garage.rpc.handshake.ClusterSecret;
import garage.rpc.peering.PeerAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the command line needs to reach a node.
 *
 * @param metadataDir where the node's public key is; null if no file was read
 * @param rpcHost the node told on the command line; null to use this machine's
 * @param givenSecret not checked yet, since not every command needs it
 */
public record CommandConfig(
    @Nullable String metadataDir,
    @Nullable Address rpcBindAddress,
    @Nullable Address rpcPublicAddress,
    @Nullable PeerAddress rpcHost,
    @Nullable Secret givenSecret) {
  private static final Set<String> WILDCARDS = Set.of("::", "0.0.0.0");

  /**
   * The cluster's secret.
   *
   * @throws garage.common.error.GarageException.InvalidInput if there is none, or it is malformed
   */
  public ClusterSecret rpcSecret() {
    return RpcSecret.of(givenSecret);
  }

  /**
   * Where to call: the host told, else where this machine's node listens. Not its public address,
   * which may lead over a router that does not let it back in.
   */
  public Address address() {
    if (rpcHost != null) {
      return rpcHost.address();
    }
    if (rpcBindAddress == null) {
      throw new IllegalStateException("a configuration without an address");
    }
    return WILDCARDS.contains(rpcBindAddress.host())
        ? new Address("127.0.0.1", rpcBindAddress.port())
        : rpcBindAddress;
  }
}
