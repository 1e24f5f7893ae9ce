package garage.layout.assign;

import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.layout.LayoutHistory;
import garage.layout.LayoutParameters;
import garage.layout.LayoutVersion;
import garage.layout.NodeRole;
import garage.layout.Partition;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Computes the next layout version: which nodes are to keep each partition.
 *
 * <p>In order of importance, the result
 *
 * <ol>
 *   <li>keeps each partition on as many nodes and in as many zones as the parameters ask for, no
 *       node above its capacity;
 *   <li>has the largest partition size, and so the largest usable capacity, there is;
 *   <li>moves the fewest copies of partitions to nodes that did not keep them;
 *   <li>fills nodes evenly and mixes which of them share partitions, by a pseudo-random order of
 *       the choices that remain.
 * </ol>
 *
 * <p>The first three are optimal, not approximated: {@link PartitionSizing} says why for the size,
 * {@link MinCostFlow} for the moves. The same input gives the same output on every node, whatever
 * order its maps are in, so that what one node shows is what another applies.
 *
 * @see <a href="https://arxiv.org/abs/2302.13798">Oulamara and Auvolat, An algorithm for
 *     geo-distributed and redundant storage in Garage (2023)</a>
 */
public final class LayoutPlanner {
  private LayoutPlanner() {}

  /** The version that applying the staged changes of {@code history} would give. */
  public static LayoutPlan plan(LayoutHistory history) {
    return plan(history.current(), history.nextRoles(), history.nextParameters());
  }

  /** The version after {@code previous}; version 1 where there is none. */
  public static LayoutPlan plan(
      @Nullable LayoutVersion previous, Map<NodeId, NodeRole> roles, LayoutParameters parameters) {
    SortedMap<NodeId, NodeRole> sorted = new TreeMap<>(roles);
    LayoutVersion before = previous != null && previous.isAssigned() ? previous : null;
    Demand demand = Demand.of(sorted, parameters);
    @Nullable Infeasibility cause = demand.infeasibility();
    if (cause != null) {
      return new LayoutPlan.Infeasible(cause);
    }
    PartitionSizing sizing = new PartitionSizing(demand);
    long size = sizing.optimum();
    List<List<NodeId>> replicas = new PartitionGraph(demand, size, keepers(before)).assign();
    AssignmentCheck.verify(demand, size, replicas);
    long number = previous == null ? 1 : previous.number() + 1;
    LayoutVersion next = LayoutVersion.of(number, sorted, parameters, new ByteSize(size), replicas);
    return new LayoutPlan.Feasible(next, new AssignmentReport(next, before, sizing.limits(size)));
  }

  /**
   * Applies the staged changes of {@code history} as version {@code number}.
   *
   * @throws GarageException.InvalidInput if that is not the next number
   * @throws GarageException.Conflict if there is no layout that satisfies the parameters, or an
   *     earlier change of layout is under way
   */
  public static AppliedLayout apply(LayoutHistory history, long number) {
    history.checkApplicable(number);
    return switch (plan(history)) {
      case LayoutPlan.Feasible(LayoutVersion next, AssignmentReport report) ->
          new AppliedLayout(history.apply(next), report);
      case LayoutPlan.Infeasible(Infeasibility cause) ->
          throw new GarageException.Conflict(cause.message());
    };
  }

  private static List<List<NodeId>> keepers(@Nullable LayoutVersion before) {
    return Partition.all().stream()
        .map(partition -> before == null ? List.<NodeId>of() : before.nodesOf(partition))
        .toList();
  }
}
