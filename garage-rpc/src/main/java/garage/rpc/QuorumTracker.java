package garage.rpc;

import garage.common.error.GarageException;
import garage.common.id.NodeId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How far the quorums of one operation have come. */
final class QuorumTracker {
  /** Failures named in a message; the others are counted. */
  private static final int CAUSES_SHOWN_MAX = 8;

  private final List<Quorum> quorums;
  private final Set<NodeId> succeeded = new HashSet<>();
  private final Map<NodeId, GarageException> failed = new LinkedHashMap<>();

  QuorumTracker(List<Quorum> quorums) {
    this.quorums = List.copyOf(quorums);
  }

  void succeeded(NodeId node) {
    succeeded.add(node);
  }

  void failed(NodeId node, GarageException cause) {
    failed.put(node, cause);
  }

  /** Whether every quorum is there. */
  boolean isReached() {
    return quorums.stream().allMatch(q -> count(q, succeeded) >= q.needed());
  }

  /** Whether some quorum can no longer be reached. */
  boolean isImpossible() {
    return quorums.stream()
        .anyMatch(q -> q.nodes().size() - count(q, failed.keySet()) < q.needed());
  }

  /** Whether some quorum with {@code node} in it is short of the nodes {@code countedOn}. */
  boolean helps(NodeId node, Set<NodeId> countedOn) {
    return quorums.stream()
        .anyMatch(q -> q.nodes().contains(node) && count(q, countedOn) < q.needed());
  }

  /** What the operation fails with, and why. */
  GarageException failure(String operation, boolean late) {
    if (!failed.isEmpty()
        && failed.values().stream().allMatch(e -> e instanceof GarageException.StorageFull)) {
      return new GarageException.StorageFull(operation + ": " + failed.values());
    }
    List<String> causes = new ArrayList<>();
    failed.forEach((node, e) -> causes.add(node.shortHex() + ": " + e.getMessage()));
    int needed = quorums.stream().mapToInt(Quorum::needed).max().orElse(0);
    return new GarageException.QuorumNotReached(
        "%s: could not reach quorum of %d (sets=%d)%s: %d of %d requests succeeded, others: %s"
            .formatted(
                operation,
                needed,
                quorums.size(),
                late ? " in time" : "",
                succeeded.size(),
                quorums.stream().flatMap(q -> q.nodes().stream()).distinct().count(),
                causes.size() <= CAUSES_SHOWN_MAX
                    ? causes
                    : causes.subList(0, CAUSES_SHOWN_MAX) + " and more"));
  }

  private static int count(Quorum quorum, Set<NodeId> nodes) {
    int count = 0;
    for (NodeId node : quorum.nodes()) {
      count += nodes.contains(node) ? 1 : 0;
    }
    return count;
  }
}
