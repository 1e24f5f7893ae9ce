package garage.rpc.peering;

import garage.common.env.Address;
import garage.common.env.Deadline;
import garage.common.id.NodeId;
import java.util.List;

/** A service outside the cluster where nodes are looked up, and where they announce themselves. */
public interface PeerSource {
  /** For the log. */
  String name();

  /**
   * The nodes that have announced themselves, this one perhaps among them.
   *
   * @throws garage.common.error.GarageException if the service does not answer as it should
   */
  List<PeerAddress> peers(Deadline deadline);

  /**
   * Says where this node is reached; it is said again in every round.
   *
   * @throws garage.common.error.GarageException if the service does not answer as it should
   */
  void announce(NodeId self, Address address, String hostname, Deadline deadline);
}
