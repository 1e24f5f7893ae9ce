package garage.table.replication;

import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.layout.LayoutHistory;
import garage.layout.LayoutPhase;
import garage.layout.LayoutVersion;
import garage.layout.Partition;
import garage.rpc.membership.EpochFence;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A copy of every row on every node of the layout, gateways included; majorities on both sides. */
public final class FullCopyPlacement implements Placement {
  private final Supplier<LayoutHistory> layout;
  private final EpochFence fence;

  /** {@code layout} gives the history as this node knows it now. */
  public FullCopyPlacement(Supplier<LayoutHistory> layout, EpochFence fence) {
    this.layout = layout;
    this.fence = fence;
  }

  @Override
  public Replicas replicas(Partition partition) {
    LayoutHistory history = layout.get();
    List<LayoutVersion> live = history.live();
    if (history.nodes().isEmpty()) {
      throw new GarageException.QuorumNotReached(
          "no layout has been applied yet: see `garage status` and `garage layout assign`");
    }
    boolean copying = history.epoch().phase() == LayoutPhase.COPY;
    List<LayoutVersion> counting = copying ? live.subList(0, 1) : live;
    List<NodeId> counted = counting.stream().flatMap(v -> v.nodes().stream()).toList();
    return new Replicas(
        history.epoch().number(),
        counting.stream().map(v -> majority(v.nodes())).toList(),
        history.nodes().stream().filter(node -> !counted.contains(node)).toList());
  }

  private static Replicas.Counting majority(List<NodeId> nodes) {
    int majority = nodes.size() / 2 + 1;
    return new Replicas.Counting(nodes, majority, majority);
  }

  /** One: the partition of these rows means nothing. */
  @Override
  public List<Partition> partitions() {
    return List.of(Partition.of(0));
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
  public Optional<LayoutHistory> layout() {
    return Optional.of(layout.get());
  }

  @Override
  public List<NodeId> holders(LayoutVersion version, Partition partition) {
    return version.nodes();
  }

  @Override
  public boolean everywhere() {
    return true;
  }

  @Override
  public EpochFence fence() {
    return fence;
  }
}
