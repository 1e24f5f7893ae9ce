package garage.table.replication;

import garage.common.check.Invariant;
import garage.common.id.NodeId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * The nodes that hold a row in one epoch.
 *
 * @param epoch what every message of the operation carries
 * @param counting the sets that count: a quorum is a quorum of each; never empty
 * @param learners nodes that are sent every write and never count: the new set while it is filled
 */
public record Replicas(long epoch, List<Counting> counting, List<NodeId> learners) {
  /**
   * A set that counts.
   *
   * @param read how many of the nodes must answer a read, at least 1
   * @param write how many of the nodes must store a write, at least 1
   */
  public record Counting(List<NodeId> nodes, int read, int write) {
    public Counting {
      nodes = List.copyOf(nodes);
      Invariant.check(read > 0 && write > 0, "quorums are positive");
      Invariant.check(read <= nodes.size() && write <= nodes.size(), "a set has a quorum", nodes);
    }

    /**
     * How many must agree in a read of a register: as many as a write needs, so that what a reader
     * was shown is shown to the next; but one where one is all a read asks for.
     */
    public int agreeing() {
      return read == 1 ? 1 : write;
    }
  }

  public Replicas {
    counting = List.copyOf(counting);
    learners = List.copyOf(learners);
    Invariant.check(!counting.isEmpty(), "some set of replicas counts");
  }

  /** One set that counts alone. */
  public static Replicas of(long epoch, List<NodeId> nodes, int read, int write) {
    return new Replicas(epoch, List.of(new Counting(nodes, read, write)), List.of());
  }

  /** The nodes of each set that counts. */
  public List<List<NodeId>> sets() {
    List<List<NodeId>> sets = new ArrayList<>(counting.size());
    counting.forEach(set -> sets.add(set.nodes()));
    return sets;
  }

  /** Every replica that counts once, in the order of the sets: whom a read asks. */
  public Set<NodeId> all() {
    Set<NodeId> nodes = new LinkedHashSet<>();
    counting.forEach(set -> nodes.addAll(set.nodes()));
    return nodes;
  }

  /** Every replica that counts or learns: who is sent a write. */
  public Set<NodeId> receivers() {
    Set<NodeId> nodes = all();
    nodes.addAll(learners);
    return nodes;
  }

  /** Whether {@code node} is sent every write: it counts or learns. */
  public boolean receives(NodeId node) {
    for (Counting set : counting) {
      if (set.nodes().contains(node)) {
        return true;
      }
    }
    return learners.contains(node);
  }

  /** Whether {@code node} alone counts, and none learns. */
  public boolean isOnly(NodeId node) {
    for (Counting set : counting) {
      if (set.nodes().size() != 1 || !set.nodes().getFirst().equals(node)) {
        return false;
      }
    }
    return learners.isEmpty();
  }

  /** Whether enough nodes of every set for a read satisfy {@code has}. */
  public boolean readReached(Predicate<NodeId> has) {
    return reached(Counting::read, has);
  }

  /** Whether enough nodes of every set for a write satisfy {@code has}. */
  public boolean writeReached(Predicate<NodeId> has) {
    return reached(Counting::write, has);
  }

  /** Whether at least {@code needed} nodes of every set satisfy {@code has}. */
  public boolean reached(ToIntFunction<Counting> needed, Predicate<NodeId> has) {
    for (Counting set : counting) {
      int count = 0;
      for (NodeId node : set.nodes()) {
        count += has.test(node) ? 1 : 0;
      }
      if (count < needed.applyAsInt(set)) {
        return false;
      }
    }
    return true;
  }
}
