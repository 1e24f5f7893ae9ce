package garage.layout.assign;

import garage.common.check.Invariant;
import java.util.Arrays;

/**
 * A directed network whose arcs have whole capacities and costs. Arcs come in pairs: {@code a} and
 * {@code a ^ 1} lead to and fro, and what flows through one is residual capacity of the other.
 * Plain arrays, as a network of 1000 nodes and 256 partitions has a million arcs.
 */
final class FlowNetwork {
  /** No arc, at the end of a vertex's list. */
  static final int NONE = -1;

  private final int[] first;
  private int[] next;
  private int[] head;
  private int[] residual;
  private byte[] cost;
  private int arcs;

  /** A network without arcs; {@code arcsExpected} only sizes the arrays. */
  FlowNetwork(int vertices, int arcsExpected) {
    first = new int[vertices];
    Arrays.fill(first, NONE);
    next = new int[2 * arcsExpected];
    head = new int[2 * arcsExpected];
    residual = new int[2 * arcsExpected];
    cost = new byte[2 * arcsExpected];
  }

  /** Adds an arc and gives its number; of a vertex's arcs the last added is the first tried. */
  int addArc(int from, int to, int capacity, int unitCost) {
    Invariant.check(capacity >= 0 && unitCost >= 0 && unitCost <= 1, "not an arc", capacity);
    if (arcs == head.length) {
      grow();
    }
    int arc = arcs;
    add(from, to, capacity, unitCost);
    add(to, from, 0, -unitCost);
    return arc;
  }

  int vertices() {
    return first.length;
  }

  int arcs() {
    return arcs;
  }

  /** The first arc out of {@code vertex}, or {@link #NONE}. */
  int first(int vertex) {
    return first[vertex];
  }

  /** The arc after {@code arc} out of the same vertex, or {@link #NONE}. */
  int next(int arc) {
    return next[arc];
  }

  /** Where {@code arc} leads. */
  int head(int arc) {
    return head[arc];
  }

  /** Where {@code arc} begins. */
  int tail(int arc) {
    return head[arc ^ 1];
  }

  int cost(int arc) {
    return cost[arc];
  }

  /** How much more can flow through {@code arc}. */
  int residual(int arc) {
    return residual[arc];
  }

  /** How much flows through {@code arc}, one that was added. */
  int flow(int arc) {
    return residual[arc ^ 1];
  }

  /** Sends {@code amount} through {@code arc}. */
  void push(int arc, int amount) {
    residual[arc] -= amount;
    residual[arc ^ 1] += amount;
  }

  private void add(int from, int to, int capacity, int unitCost) {
    next[arcs] = first[from];
    head[arcs] = to;
    residual[arcs] = capacity;
    cost[arcs] = (byte) unitCost;
    first[from] = arcs++;
  }

  private void grow() {
    int size = Math.max(16, 2 * arcs);
    next = Arrays.copyOf(next, size);
    head = Arrays.copyOf(head, size);
    residual = Arrays.copyOf(residual, size);
    cost = Arrays.copyOf(cost, size);
  }
}
