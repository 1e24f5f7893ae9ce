package garage.layout.assign;

import garage.common.check.Invariant;
import garage.common.id.ByteSize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The largest partition size for which an assignment exists, and what stands in the way of a larger
 * one.
 *
 * <p>An assignment for size s is an integral flow of 256·R in {@link PartitionGraph}'s network (R
 * copies, in Z zones at least). All partitions are alike there: the network is mapped to itself by
 * every permutation of them. So if there is a flow, the average of it over all permutations is also
 * one, and treats every partition alike; conversely a fractional flow implies an integral one, as
 * all arc capacities are whole. It therefore suffices to look at the flow summed over the
 * partitions. A zone with S slots, where a node of capacity c has min(256, c / s), can take from
 * the first copies, which have to be in distinct zones, up to 256, and from the other copies any
 * number, together no more than S. That is possible if and only if
 *
 * <ul>
 *   <li>the sum of min(256, S) over the zones is at least 256·Z, and
 *   <li>the sum of S over the zones is at least 256·R.
 * </ul>
 *
 * <p>Both sums only fall as s grows: bisection finds the optimum.
 */
final class PartitionSizing {
  /** More names than this do not help the reader. */
  private static final int NAMES_MAX = 5;

  private final Demand demand;

  PartitionSizing(Demand demand) {
    this.demand = demand;
  }

  /** The largest feasible partition size in bytes; the demand must be feasible. */
  long optimum() {
    long feasible = 1;
    long infeasible = Arrays.stream(demand.capacities()).max().orElse(0) + 1;
    Invariant.check(isFeasible(feasible), "every node has room for partitions of one byte");
    while (infeasible - feasible > 1) {
      long middle = feasible + (infeasible - feasible) / 2;
      if (isFeasible(middle)) {
        feasible = middle;
      } else {
        infeasible = middle;
      }
    }
    return feasible;
  }

  /** Whether an assignment exists for partitions of {@code size} bytes. */
  boolean isFeasible(long size) {
    int[] zoneSlots = demand.zoneSlots(size);
    return zonesSuffice(zoneSlots) && Arrays.stream(zoneSlots).sum() >= demand.totalCopies();
  }

  /** What keeps partitions from being larger than {@code optimum}, as sentences for the user. */
  List<String> limits(long optimum) {
    int[] zoneSlots = demand.zoneSlots(optimum + 1);
    if (!zonesSuffice(zoneSlots)) {
      return List.of(
          "Each partition needs copies in %d of the %d zones, so the small zones limit the others:"
              .formatted(demand.zonesRequired(), demand.zoneCount()),
          "  " + names(zonesBelow(zoneSlots)) + ".",
          "Give these zones more capacity, add another zone, or lower the zone redundancy.");
    }
    List<String> full = fullNodes(optimum + 1);
    if (!full.isEmpty()) {
      return List.of(
          "A node keeps each partition once at most, so these are larger than they can use:",
          "  " + names(full) + ".",
          "Give the other nodes more capacity, or add nodes.");
    }
    return List.of(
        "There are %d copies of partitions for %d nodes, which do not divide evenly by capacity."
            .formatted(demand.totalCopies(), demand.nodeCount()));
  }

  private boolean zonesSuffice(int[] zoneSlots) {
    int distinct =
        Arrays.stream(zoneSlots).map(slots -> Math.min(demand.partitions(), slots)).sum();
    return distinct >= demand.partitions() * demand.zonesRequired();
  }

  private List<String> zonesBelow(int[] zoneSlots) {
    long[] capacities = demand.zoneCapacities();
    return IntStream.range(0, zoneSlots.length)
        .filter(zone -> zoneSlots[zone] < demand.partitions())
        .mapToObj(zone -> named(demand.zones().get(zone), capacities[zone]))
        .toList();
  }

  private List<String> fullNodes(long size) {
    return IntStream.range(0, demand.nodeCount())
        .filter(node -> demand.slots(node, size) == demand.partitions())
        .mapToObj(node -> named(demand.nodes().get(node).shortHex(), demand.capacities()[node]))
        .toList();
  }

  private static String named(Object name, long bytes) {
    return String.format(Locale.ROOT, "%s (%s)", name, new ByteSize(bytes).decimal());
  }

  private static String names(List<String> all) {
    List<String> shown = new ArrayList<>(all.subList(0, Math.min(NAMES_MAX, all.size())));
    if (all.size() > NAMES_MAX) {
      shown.add("and %d more".formatted(all.size() - NAMES_MAX));
    }
    return String.join(", ", shown);
  }
}
