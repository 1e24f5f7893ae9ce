package garage.rpc.peering;

import garage.common.env.Address;
import garage.common.env.Network;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the configured peers into addresses to dial. Names are resolved in every round, and all
 * their addresses used, because a name may stand for all nodes and change with them. Who answered
 * at an address is remembered, so that connected peers are not dialled again under every name.
 */
final class Discovery {
  /** Addresses whose owner is remembered. */
  private static final int OWNERS_MAX = 2048;

  private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);

  private final List<PeerAddress> configured;
  private final Network network;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Address, NodeId> owners = new LinkedHashMap<>();
  private final Set<Address> unresolved = new HashSet<>();

  Discovery(List<PeerAddress> configured, Network network) {
    this.configured = configured;
    this.network = network;
  }

  /** The node that answered last at {@code address}; null if none did. */
  @Nullable NodeId owner(Address address) {
    lock.lock();
    try {
      return owners.get(address);
    } finally {
      lock.unlock();
    }
  }

  /** {@code node} has answered at {@code address}. */
  void found(Address address, NodeId node) {
    lock.lock();
    try {
      owners.remove(address);
      owners.put(address, node);
      if (owners.size() > OWNERS_MAX) {
        owners.remove(owners.keySet().iterator().next());
      }
    } finally {
      lock.unlock();
    }
  }

  /** The addresses of all configured peers now; only one task at a time may ask. */
  List<PeerAddress> round() {
    List<PeerAddress> round = new ArrayList<>();
    for (PeerAddress peer : configured) {
      List<Address> addresses = resolve(peer.address());
      for (Address address :
          addresses.subList(0, Math.min(addresses.size(), MeshLimits.RESOLVED_MAX))) {
        round.add(new PeerAddress(peer.id(), address));
      }
    }
    return round;
  }

  private List<Address> resolve(Address name) {
    List<Address> addresses;
    try {
      addresses = network.resolve(name);
    } catch (GarageException.Unreachable e) {
      addresses = List.of();
    }
    if (!addresses.isEmpty()) {
      unresolved.remove(name);
    } else if (unresolved.add(name)) {
      LOG.warn("The peer {} cannot be resolved; trying again", name);
    }
    return addresses;
  }
}
