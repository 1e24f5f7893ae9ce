package garage.server.config;

import garage.common.env.Address;
import org.jspecify.annotations.Nullable;

/**
 * What the command line needs to reach a node.
 *
 * @param metadataDir where the node's public key is; null if no file was read
 * @param rpcHost the node told on the command line; null to use this machine's
 */
public record CommandConfig(
    @Nullable String metadataDir,
    @Nullable Address rpcBindAddress,
    @Nullable Address rpcPublicAddress,
    @Nullable PeerAddress rpcHost,
    Secret rpcSecret) {
  /** Where to call: the host told, else the public address, else this machine's bound port. */
  public Address address() {
    if (rpcHost != null) {
      return rpcHost.address();
    }
    if (rpcPublicAddress != null) {
      return rpcPublicAddress;
    }
    if (rpcBindAddress == null) {
      throw new IllegalStateException("a configuration without an address");
    }
    return new Address("127.0.0.1", rpcBindAddress.port());
  }
}
