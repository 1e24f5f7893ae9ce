package garage.layout.assign;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Looks at every assignment there is: the truth for demands of a few partitions and nodes. */
final class BruteForce {
  private final Demand demand;
  private final List<Set<Integer>> choices = new ArrayList<>();

  BruteForce(Demand demand) {
    this.demand = demand;
    choose(0, new TreeSet<>());
  }

  /** The largest size for which an assignment exists; 0 if there is none. */
  long optimum(long sizeMax) {
    for (long size = sizeMax; size > 0; size--) {
      if (fewestMoves(size, noKeepers()) < Integer.MAX_VALUE) {
        return size;
      }
    }
    return 0;
  }

  /** The fewest moves of all assignments; the greatest number if there is no assignment. */
  int fewestMoves(long size, List<Set<Integer>> keepers) {
    int[] room = new int[demand.nodeCount()];
    for (int node = 0; node < room.length; node++) {
      room[node] = (int) (demand.capacities()[node] / size);
    }
    return fewestMoves(0, room, keepers);
  }

  private int fewestMoves(int partition, int[] room, List<Set<Integer>> keepers) {
    if (partition == demand.partitions()) {
      return 0;
    }
    int fewest = Integer.MAX_VALUE;
    for (Set<Integer> choice : choices) {
      if (choice.stream().allMatch(node -> room[node] > 0)) {
        choice.forEach(node -> room[node]--);
        int rest = fewestMoves(partition + 1, room, keepers);
        if (rest < Integer.MAX_VALUE) {
          int moves =
              (int) choice.stream().filter(node -> !keepers.get(partition).contains(node)).count();
          fewest = Math.min(fewest, rest + moves);
        }
        choice.forEach(node -> room[node]++);
      }
    }
    return fewest;
  }

  private List<Set<Integer>> noKeepers() {
    List<Set<Integer>> none = new ArrayList<>();
    for (int p = 0; p < demand.partitions(); p++) {
      none.add(Set.of());
    }
    return none;
  }

  /** Collects every set of as many distinct nodes as there are copies, in enough zones. */
  private void choose(int from, Set<Integer> chosen) {
    if (chosen.size() == demand.copies()) {
      long zones = chosen.stream().map(node -> demand.zoneOf()[node]).distinct().count();
      if (zones >= demand.zonesRequired()) {
        choices.add(new TreeSet<>(chosen));
      }
      return;
    }
    for (int node = from; node < demand.nodeCount(); node++) {
      chosen.add(node);
      choose(node + 1, chosen);
      chosen.remove(node);
    }
  }
}
