package garage.server.process;

import garage.common.env.Address;
import garage.server.config.GarageConfig;
import garage.server.config.Subnet;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out where peers reach this machine, for those who ask for it: peers themselves see where
 * connections come from, but a subnet has to be looked for, and a registry has to be told.
 */
final class PublicAddress {
  private static final Logger LOG = LoggerFactory.getLogger(PublicAddress.class);

  private PublicAddress() {}

  /** The settings with a public address, where one is needed and not set. */
  static GarageConfig.Rpc in(GarageConfig.Rpc rpc) {
    Subnet subnet = rpc.reach().publicSubnet();
    boolean registered =
        rpc.reach().discovery().consul() != null || rpc.reach().discovery().kubernetes() != null;
    if (rpc.publicAddress() != null || (subnet == null && !registered)) {
      return rpc;
    }
    Optional<String> host = first(addresses(), subnet);
    if (host.isEmpty()) {
      LOG.warn("This machine has no address for peers{}: set rpc_public_addr", within(subnet));
      return rpc;
    }
    Address found = new Address(host.get(), rpc.bindAddress().port());
    LOG.info("Peers are told to reach this node at {}", found);
    return rpc.reachedAt(found);
  }

  private static String within(@Nullable Subnet subnet) {
    return subnet == null ? "" : " in rpc_public_addr_subnet";
  }

  /** The first of these that is in the subnet. */
  static Optional<String> first(List<InetAddress> addresses, @Nullable Subnet subnet) {
    return addresses.stream()
        .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
        .filter(address -> subnet == null || subnet.contains(address.getAddress()))
        .map(InetAddress::getHostAddress)
        .findFirst();
  }

  private static List<InetAddress> addresses() {
    try {
      return NetworkInterface.networkInterfaces()
          .filter(PublicAddress::isUp)
          .flatMap(NetworkInterface::inetAddresses)
          .toList();
    } catch (SocketException e) {
      LOG.warn("This machine's addresses cannot be found out: {}", e.getMessage());
      return List.of();
    }
  }

  private static boolean isUp(NetworkInterface network) {
    try {
      return network.isUp();
    } catch (SocketException e) {
      return false;
    }
  }
}
