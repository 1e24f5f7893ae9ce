package garage.rpc.peering;

import garage.common.id.NodeId;

/** Told, on a task of its own, when a peer comes or goes. */
public interface PeerListener {
  /** Calls to {@code peer} can be made from now on. */
  void connected(NodeId peer);

  /** The connection was lost, or the peer is suspected to have failed. */
  void lost(NodeId peer);
}
