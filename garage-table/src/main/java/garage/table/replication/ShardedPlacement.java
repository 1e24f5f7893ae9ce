package garage.table.replication;

import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.layout.ConsistencyMode;
import garage.layout.Epoch;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.layout.ReplicaSet;
import garage.table.Placement;
import garage.table.Replicas;
import java.util.List;
import java.util.function.Supplier;

/** Rows spread over the storage nodes by the layout's assignment of partitions. */
public final class ShardedPlacement implements Placement {
  private final Supplier<LayoutHistory> layout;
  private final ConsistencyMode consistency;

  /** {@code layout} gives the history as this node knows it now. */
  public ShardedPlacement(Supplier<LayoutHistory> layout, ConsistencyMode consistency) {
    this.layout = layout;
    this.consistency = consistency;
  }

  @Override
  public Replicas replicas(Partition partition) {
    LayoutHistory history = layout.get();
    List<ReplicaSet> sets = history.countingSets(partition);
    if (sets.isEmpty()) {
      throw new GarageException.QuorumNotReached(
          "no layout has been applied yet: see `garage status` and `garage layout assign`");
    }
    return new Replicas(
        number(history.epoch()),
        sets.stream().map(ReplicaSet::nodes).toList(),
        sets.getFirst().readQuorum(consistency),
        sets.getFirst().writeQuorum(consistency));
  }

  @Override
  public List<NodeId> nodes() {
    return layout.get().live().stream()
        .flatMap(version -> version.storageNodes().stream())
        .distinct()
        .toList();
  }

  @Override
  public int copies() {
    return layout.get().current().replication().copies();
  }

  @Override
  public long epoch() {
    return number(layout.get().epoch());
  }

  /** Epochs in their order as one number: what messages carry. */
  static long number(Epoch epoch) {
    int phase =
        switch (epoch.phase()) {
          case COPY -> 0;
          case JOINT -> 1;
          case STABLE -> 2;
        };
    return epoch.layout() * 3 + phase;
  }
}
