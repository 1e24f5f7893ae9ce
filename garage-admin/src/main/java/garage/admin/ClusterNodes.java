package garage.admin;

import garage.common.env.Deadline;
import garage.common.id.NodeId;
import garage.rpc.membership.Membership;
import garage.rpc.membership.NodeStatus;
import garage.rpc.peering.Mesh;
import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.PeerInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The nodes as this one sees them. */
public interface ClusterNodes {
  /** This node. */
  NodeId self();

  /** Every node known, this one included. */
  List<PeerInfo> all();

  /** What a node said of itself last, perhaps before it failed; null if it never did. */
  @Nullable NodeStatus status(NodeId node);

  /** Connects to a further node; see {@link Mesh#connect}. */
  NodeId connect(PeerAddress peer, Deadline deadline);

  /** The nodes of a mesh. */
  static ClusterNodes of(Mesh mesh, Membership membership) {
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
      public @Nullable NodeStatus status(NodeId node) {
        return membership.status(node);
      }

      @Override
      public NodeId connect(PeerAddress peer, Deadline deadline) {
        return mesh.connect(peer, deadline);
      }
    };
  }
}
