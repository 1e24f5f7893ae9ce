package garage.layout.assign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.id.NodeId;
import garage.layout.Sample;
import garage.layout.Zone;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Size and moves are the optimum that exhaustive search finds, for a few partitions and nodes. */
final class SmallAssignmentsTest {
  private static final int ROUNDS = 400;

  @Test
  void sizeAndMovesAreThoseOfExhaustiveSearch() {
    int infeasible = 0;
    int moving = 0;
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      Demand demand = demand(random);
      BruteForce truth = new BruteForce(demand);
      long optimum = truth.optimum(Arrays.stream(demand.capacities()).max().orElseThrow());
      if (optimum == 0) {
        infeasible++;
        continue;
      }
      String what = "seed " + seed + ": " + describe(demand);
      assertEquals(optimum, new PartitionSizing(demand).optimum(), what);
      List<Set<Integer>> keepers = keepers(random, demand);
      List<List<NodeId>> replicas =
          new PartitionGraph(demand, optimum, ids(demand, keepers)).assign();
      AssignmentCheck.verify(demand, optimum, replicas);
      int moves = moves(demand, replicas, keepers);
      assertEquals(truth.fewestMoves(optimum, keepers), moves, what);
      moving += moves > 0 ? 1 : 0;
    }
    assertTrue(infeasible < ROUNDS / 2, "most demands are feasible, not " + infeasible);
    assertTrue(moving > ROUNDS / 4, "many demands need moves, not " + moving);
  }

  /** Capacities are small numbers, so that partitions do not always fit and rounding matters. */
  private static Demand demand(Random random) {
    int nodes = 2 + random.nextInt(4);
    int zones = 1 + random.nextInt(Math.min(3, nodes));
    int copies = 1 + random.nextInt(Math.min(3, nodes));
    int partitions = 2 + random.nextInt(3);
    return new Demand(
        IntStream.rangeClosed(1, nodes).mapToObj(Sample::node).toList(),
        IntStream.range(0, zones).mapToObj(zone -> new Zone("z" + zone)).toList(),
        IntStream.range(0, nodes).mapToLong(i -> partitions + random.nextInt(40)).toArray(),
        IntStream.range(0, nodes).map(i -> i < zones ? i : random.nextInt(zones)).toArray(),
        partitions,
        copies,
        1 + random.nextInt(Math.min(zones, copies)));
  }

  /** Nodes that keep the partitions before: as many as there are copies, or about as many. */
  private static List<Set<Integer>> keepers(Random random, Demand demand) {
    List<Set<Integer>> keepers = new ArrayList<>();
    for (int p = 0; p < demand.partitions(); p++) {
      Set<Integer> nodes = new HashSet<>();
      for (int copy = 0; copy < demand.copies(); copy++) {
        nodes.add(random.nextInt(demand.nodeCount()));
      }
      keepers.add(nodes);
    }
    return keepers;
  }

  private static List<List<NodeId>> ids(Demand demand, List<Set<Integer>> keepers) {
    return keepers.stream()
        .map(nodes -> nodes.stream().map(node -> demand.nodes().get(node)).toList())
        .toList();
  }

  private static int moves(Demand demand, List<List<NodeId>> replicas, List<Set<Integer>> keepers) {
    int moves = 0;
    for (int p = 0; p < demand.partitions(); p++) {
      for (NodeId node : replicas.get(p)) {
        moves += keepers.get(p).contains(demand.nodes().indexOf(node)) ? 0 : 1;
      }
    }
    return moves;
  }

  private static String describe(Demand demand) {
    return "capacities %s, zones %s, %d partitions, %d copies, %d zones required"
        .formatted(
            Arrays.toString(demand.capacities()),
            Arrays.toString(demand.zoneOf()),
            demand.partitions(),
            demand.copies(),
            demand.zonesRequired());
  }
}
