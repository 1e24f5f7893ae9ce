package garage.block;

import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.layout.ConsistencyMode;
import garage.layout.Epoch;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.layout.ReplicaSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Blocks on the nodes that the layout gives their partitions to. */
public final class LayoutPlacement implements BlockPlacement {
  private final Supplier<LayoutHistory> layout;
  private final ConsistencyMode consistency;
  private volatile @Nullable Known known;

  /** What was worked out of one history, which never changes: every block asks for it. */
  private record Known(LayoutHistory history, AtomicReferenceArray<Replicas> of) {}

  /** {@code layout} gives the history as this node knows it now. */
  public LayoutPlacement(Supplier<LayoutHistory> layout, ConsistencyMode consistency) {
    this.layout = layout;
    this.consistency = consistency;
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
    List<Group> groups =
        sets.stream().map(s -> new Group(s.nodes(), s.writeQuorum(consistency))).toList();
    Set<NodeId> counting = Set.copyOf(groups.stream().flatMap(g -> g.nodes().stream()).toList());
    List<NodeId> receiving = history.receivingNodes(partition);
    return new Replicas(
        number(history.epoch()),
        groups,
        receiving.stream().filter(n -> !counting.contains(n)).toList(),
        former(history, partition).filter(n -> !receiving.contains(n)).toList());
  }

  private static Stream<NodeId> former(LayoutHistory history, Partition partition) {
    return history.older().stream()
        .flatMap(version -> version.nodesOf(partition).stream())
        .distinct();
  }

  @Override
  public long epoch() {
    return number(layout.get().epoch());
  }

  @Override
  public boolean isAlone(NodeId self) {
    return layout.get().nodes().equals(List.of(self));
  }

  @Override
  public Optional<LayoutHistory> layout() {
    return Optional.of(layout.get());
  }

  @Override
  public boolean isStable() {
    LayoutHistory history = layout.get();
    return history.epoch().isStable() && history.current().isAssigned();
  }

  private static long number(Epoch epoch) {
    return epoch.number();
  }
}
