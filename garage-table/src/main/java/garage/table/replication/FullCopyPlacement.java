package garage.table.replication;

import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.table.Placement;
import garage.table.Replicas;
import java.util.List;
import java.util.function.Supplier;

/** A copy of every row on every node of the layout, gateways included; majorities on both sides. */
public final class FullCopyPlacement implements Placement {
  private final Supplier<LayoutHistory> layout;

  /** {@code layout} gives the history as this node knows it now. */
  public FullCopyPlacement(Supplier<LayoutHistory> layout) {
    this.layout = layout;
  }

  @Override
  public Replicas replicas(Partition partition) {
    LayoutHistory history = layout.get();
    List<NodeId> nodes = history.nodes();
    if (nodes.isEmpty()) {
      throw new GarageException.QuorumNotReached(
          "no layout has been applied yet: see `garage status` and `garage layout assign`");
    }
    int majority = nodes.size() / 2 + 1;
    return new Replicas(
        ShardedPlacement.number(history.epoch()), List.of(nodes), majority, majority);
  }

  @Override
  public List<NodeId> nodes() {
    return layout.get().nodes();
  }

  @Override
  public int copies() {
    return Math.max(1, nodes().size());
  }

  @Override
  public long epoch() {
    return ShardedPlacement.number(layout.get().epoch());
  }
}
