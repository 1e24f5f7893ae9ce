package garage.admin;

import garage.common.env.Deadline;
import garage.common.id.NodeId;
import garage.rpc.peering.Mesh;
import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.PeerInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The nodes as this one sees them. */
public interface ClusterNodes {
  /** This node. */
  NodeId self();

  /** Every node known, this one included. */
  List<PeerInfo> all();

  /** Connects to a further node; see {@link Mesh#connect}. */
  NodeId connect(PeerAddress peer, Deadline deadline);

  /** The nodes of a mesh. */
  static ClusterNodes of(Mesh mesh) {
    return new ClusterNodes() {
      @Override
      public NodeId self() {
        return mesh.self();
      }

      @Override
      public List<PeerInfo> all() {
        List<PeerInfo> all = new ArrayList<>(mesh.peers());
        all.add(Objects.requireNonNull(mesh.peer(mesh.self()), "a node knows itself"));
        return all;
      }

      @Override
      public NodeId connect(PeerAddress peer, Deadline deadline) {
        return mesh.connect(peer, deadline);
      }
    };
  }
}
