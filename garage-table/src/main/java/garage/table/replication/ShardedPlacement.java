package garage.table.replication;

import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.layout.ConsistencyMode;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.layout.ReplicaSet;
import garage.rpc.Preference;
import garage.rpc.membership.EpochFence;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Rows spread over the storage nodes by the layout's assignment of partitions. */
public final class ShardedPlacement implements Placement {
  private final Supplier<LayoutHistory> layout;
  private final ConsistencyMode consistency;
  private final EpochFence fence;
  private final @Nullable Preference preference;
  private volatile @Nullable Known known;

  /** What was worked out of one history, which never changes: every row asks for it. */
  private record Known(LayoutHistory history, AtomicReferenceArray<Replicas> of) {}

  /** {@code layout} gives the history as this node knows it now. */
  public ShardedPlacement(
      Supplier<LayoutHistory> layout, ConsistencyMode consistency, EpochFence fence) {
    this(layout, consistency, fence, null);
  }

  /** As above; {@code preference} says which nodes to ask first. */
  public ShardedPlacement(
      Supplier<LayoutHistory> layout,
      ConsistencyMode consistency,
      EpochFence fence,
      @Nullable Preference preference) {
    this.layout = layout;
    this.consistency = consistency;
    this.fence = fence;
    this.preference = preference;
  }

  @Override
  public Preference preference(NodeId self) {
    return preference != null ? preference : Placement.super.preference(self);
  }

  @Override
  public Replicas replicas(Partition partition) {
    LayoutHistory history = layout.get();
    Known now = known;
    if (now == null || !now.history().equals(history)) {
      now = new Known(history, new AtomicReferenceArray<>(Partition.COUNT));
      known = now;
    }
    Replicas replicas = now.of().get(partition.number());
    if (replicas == null) {
      replicas = replicas(history, partition);
      now.of().set(partition.number(), replicas);
    }
    return replicas;
  }

  private Replicas replicas(LayoutHistory history, Partition partition) {
    List<ReplicaSet> sets = history.countingSets(partition);
    if (sets.isEmpty()) {
      throw new GarageException.QuorumNotReached(
          "no layout has been applied yet: see `garage status` and `garage layout assign`");
    }
    return new Replicas(
        history.epoch().number(),
        sets.stream().map(this::counting).toList(),
        history.receivingNodes(partition).stream()
            .filter(node -> sets.stream().noneMatch(set -> set.nodes().contains(node)))
            .toList());
  }

  private Replicas.Counting counting(ReplicaSet set) {
    return new Replicas.Counting(
        set.nodes(), set.readQuorum(consistency), set.writeQuorum(consistency));
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
  public Optional<LayoutHistory> layout() {
    return Optional.of(layout.get());
  }

  @Override
  public EpochFence fence() {
    return fence;
  }
}
