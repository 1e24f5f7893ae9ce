package garage.rpc.membership;

import garage.common.id.NodeId;
import garage.layout.ConsistencyMode;
import garage.layout.Epoch;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.layout.ReplicaSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How far a change of layout has come, as far as this node has heard. In a stable epoch: which of
 * the new nodes have everything, and which old nodes still hold something.
 *
 * @param epoch the present one
 * @param parts what is brought to the new nodes, summed over them, by name
 * @param partitionsReady for how many partitions enough new nodes are ready for the next epoch
 * @param waitingFor new nodes whose readiness is missing somewhere; not all of them are needed
 * @param silent nodes of the live layouts that have said nothing of this epoch
 * @param done nodes of no live layout that hold nothing any more: they can be switched off
 * @param leaving nodes that hold partitions they are not of any more, and how many
 * @param secondsLeft an estimate for the present phase; -1 if there is none
 */
public record TransitionProgress(
    Epoch epoch,
    List<Part> parts,
    int partitionsReady,
    List<NodeId> waitingFor,
    List<NodeId> silent,
    List<NodeId> done,
    SortedMap<NodeId, Long> leaving,
    long secondsLeft) {
  /** One kind of thing that is brought. */
  public record Part(String name, long done, long remaining) {}

  public TransitionProgress {
    parts = List.copyOf(parts);
    waitingFor = List.copyOf(waitingFor);
    silent = List.copyOf(silent);
    done = List.copyOf(done);
    leaving = new TreeMap<>(leaving);
  }

  /** Whether the next epoch may begin: enough nodes of every new set are ready for it. */
  static boolean mayAdvance(LayoutHistory history, Map<NodeId, List<PartReport>> reports) {
    if (history.epoch().isStable()) {
      return false;
    }
    long nodesReady =
        history.current().nodes().stream().filter(n -> everywhereReady(reports.get(n))).count();
    return nodesReady > history.current().nodes().size() / 2
        && partitionsReady(history, reports) == Partition.COUNT;
  }

  /** {@code secondsLeft} is the caller's estimate. */
  static TransitionProgress of(
      LayoutHistory history, Map<NodeId, List<PartReport>> reports, long secondsLeft) {
    TreeSet<NodeId> waiting = new TreeSet<>();
    for (Partition partition : Partition.all()) {
      for (NodeId node : history.current().nodesOf(partition)) {
        if (!ready(reports.get(node), partition)) {
          waiting.add(node);
        }
      }
    }
    history.current().nodes().stream()
        .filter(node -> !everywhereReady(reports.get(node)))
        .forEach(waiting::add);
    SortedMap<NodeId, Long> leaving = new TreeMap<>();
    List<NodeId> done = new ArrayList<>();
    reports.forEach((node, parts) -> {
      long held = parts.stream().mapToLong(PartReport::leaving).max().orElse(0);
      if (held > 0) {
        leaving.put(node, held);
      } else if (!history.nodes().contains(node)) {
        done.add(node);
      }
    });
    return new TransitionProgress(
        history.epoch(),
        parts(reports),
        partitionsReady(history, reports),
        List.copyOf(waiting),
        history.nodes().stream().filter(node -> !reports.containsKey(node)).toList(),
        done.stream().sorted().toList(),
        leaving,
        waiting.isEmpty() ? 0 : secondsLeft);
  }

  /** All items still to be looked at. */
  long remaining() {
    return parts.stream().mapToLong(Part::remaining).sum();
  }

  private static List<Part> parts(Map<NodeId, List<PartReport>> reports) {
    TreeMap<String, Part> sums = new TreeMap<>();
    for (List<PartReport> parts : reports.values()) {
      for (PartReport p : parts) {
        sums.merge(
            p.name(),
            new Part(p.name(), p.done(), p.remaining()),
            (a, b) -> new Part(a.name(), a.done() + b.done(), a.remaining() + b.remaining()));
      }
    }
    return List.copyOf(sums.values());
  }

  private static int partitionsReady(LayoutHistory history, Map<NodeId, List<PartReport>> reports) {
    int count = 0;
    for (Partition partition : Partition.all()) {
      count += isReady(history, reports, partition) ? 1 : 0;
    }
    return count;
  }

  /** Any read quorum of the new set must meet a node that is ready: a write quorum is. */
  private static boolean isReady(
      LayoutHistory history, Map<NodeId, List<PartReport>> reports, Partition partition) {
    ReplicaSet set = history.current().replicaSet(partition).orElse(null);
    return set != null
        && set.nodes().stream().filter(node -> ready(reports.get(node), partition)).count()
            >= set.writeQuorum(ConsistencyMode.CONSISTENT);
  }

  private static boolean ready(@Nullable List<PartReport> parts, Partition partition) {
    return parts != null
        && !parts.isEmpty() // a node that brings nothing cannot tell
        && parts.stream().allMatch(p -> p.everywhere() || p.ready().contains(partition));
  }

  private static boolean everywhereReady(@Nullable List<PartReport> parts) {
    return parts != null
        && parts.stream().allMatch(p -> !p.everywhere() || p.ready().contains(Partition.of(0)));
  }
}
