package garage.admin;

import garage.admin.api.ClusterResponse;
import garage.common.id.NodeId;
import garage.layout.ConsistencyMode;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.layout.ReplicaSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Judges a cluster by which of its nodes are up. Healthy: every storage node is. Degraded: every
 * partition still has a write quorum in each set that counts. Unavailable: one has not, or there is
 * no layout, so that requests fail.
 */
final class ClusterHealth {
  private ClusterHealth() {}

  static ClusterResponse.Health of(
      LayoutHistory history, Set<NodeId> up, int known, ConsistencyMode consistency) {
    Set<NodeId> storage = new TreeSet<>();
    history.live().forEach(version -> storage.addAll(version.storageNodes()));
    int quorum = 0;
    int all = 0;
    for (Partition partition : Partition.all()) {
      var sets = history.countingSets(partition);
      if (!sets.isEmpty()) {
        quorum += sets.stream().allMatch(set -> hasQuorum(set, up, consistency)) ? 1 : 0;
        all += sets.stream().allMatch(set -> up.containsAll(set.nodes())) ? 1 : 0;
      }
    }
    long storageUp = storage.stream().filter(up::contains).count();
    return new ClusterResponse.Health(
        status(quorum, all == Partition.COUNT && storageUp == storage.size()),
        known,
        up.size(),
        storage.size(),
        storageUp,
        Partition.COUNT,
        quorum,
        all);
  }

  private static String status(int quorum, boolean complete) {
    if (quorum < Partition.COUNT) {
      return "unavailable";
    }
    return complete ? "healthy" : "degraded";
  }

  private static boolean hasQuorum(ReplicaSet set, Set<NodeId> up, ConsistencyMode consistency) {
    long count = set.nodes().stream().filter(up::contains).count();
    return count >= set.writeQuorum(consistency);
  }
}
