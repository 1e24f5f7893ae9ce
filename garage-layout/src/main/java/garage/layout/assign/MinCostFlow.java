package garage.layout.assign;

import static garage.layout.assign.FlowNetwork.NONE;

import garage.common.check.Invariant;
import java.util.Arrays;

/**
 * A maximum flow of least cost, by the primal-dual method.
 *
 * <p>Every vertex has a potential, and an arc the reduced cost {@code cost + potential(tail) -
 * potential(head)}. The invariant is that no arc with residual capacity has a negative reduced
 * cost. It holds in the beginning, with potentials of 0 and costs of 0 or 1, and each round keeps
 * it: the distances from the source by reduced cost (Dijkstra, with one bucket per distance, as
 * they are small) are added to the potentials, after which every shortest path consists of arcs of
 * reduced cost 0; and flow is sent along such arcs only, until no path of them is left (Dinic).
 * Then the distance to the sink has grown, so there are at most as many rounds as paths of
 * different cost.
 *
 * <p>At the end the invariant is the proof: a flow is of least cost among those of its value if and
 * only if potentials with that property exist. {@link #isProvenOptimal} checks it anew.
 *
 * @see <a href="https://doi.org/10.1145/321694.321699">Edmonds and Karp, Theoretical improvements
 *     in algorithmic efficiency for network flow problems (1972)</a>
 * @see <a href="https://doi.org/10.1007/11685654_10">Dinitz, Dinitz' algorithm: the original
 *     version and Even's version (2006)</a>
 */
final class MinCostFlow {
  private static final int FAR = Integer.MAX_VALUE;

  private final FlowNetwork network;
  private final int source;
  private final int sink;
  private final int[] potential;
  private final int[] distance;
  private final int[] level;
  private final int[] cursor;
  private final int[] queue;

  MinCostFlow(FlowNetwork network, int source, int sink) {
    this.network = network;
    this.source = source;
    this.sink = sink;
    int vertices = network.vertices();
    potential = new int[vertices];
    distance = new int[vertices];
    level = new int[vertices];
    cursor = new int[vertices];
    queue = new int[vertices];
  }

  /** Sends as much as can flow, at the least cost, and gives the amount. */
  int run() {
    int total = 0;
    while (measureDistances()) {
      int farthest = distance[sink];
      for (int v = 0; v < potential.length; v++) {
        potential[v] += Math.min(distance[v], farthest);
      }
      int before = total;
      while (layOutLevels()) {
        total += sendBlockingFlow();
      }
      Invariant.check(total > before, "a path to the sink carries flow", farthest);
    }
    return total;
  }

  /** Whether the potentials prove that no flow of the same value costs less. */
  boolean isProvenOptimal() {
    for (int arc = 0; arc < network.arcs(); arc++) {
      if (network.residual(arc) > 0 && reducedCost(arc) < 0) {
        return false;
      }
    }
    return true;
  }

  /** Sets the distance of every vertex not farther than the sink; false if that is unreachable. */
  private boolean measureDistances() {
    Arrays.fill(distance, FAR);
    distance[source] = 0;
    Buckets open = new Buckets();
    open.add(0, source);
    for (int d = 0; d < open.count(); d++) {
      for (int v = open.poll(d); v != NONE; v = open.poll(d)) {
        if (distance[v] == d) {
          relax(v, open);
        }
      }
      if (distance[sink] <= d) {
        return true;
      }
    }
    return false;
  }

  private void relax(int v, Buckets open) {
    for (int arc = network.first(v); arc != NONE; arc = network.next(arc)) {
      if (network.residual(arc) > 0) {
        int d = distance[v] + reducedCost(arc);
        int w = network.head(arc);
        if (d < distance[w]) {
          distance[w] = d;
          open.add(d, w);
        }
      }
    }
  }

  /** Numbers the vertices by their steps from the source; false if the sink is out of reach. */
  private boolean layOutLevels() {
    Arrays.fill(level, NONE);
    level[source] = 0;
    queue[0] = source;
    int end = 1;
    for (int begin = 0; begin < end && level[sink] == NONE; begin++) {
      int v = queue[begin];
      for (int arc = network.first(v); arc != NONE; arc = network.next(arc)) {
        int w = network.head(arc);
        if (level[w] == NONE && isAdmissible(arc)) {
          level[w] = level[v] + 1;
          queue[end++] = w;
        }
      }
    }
    return level[sink] != NONE;
  }

  /**
   * Sends flow along paths that go up a level with every arc, until there is none. Depth first,
   * without recursion as paths may be long; {@code queue} holds the arcs of the path.
   */
  private int sendBlockingFlow() {
    for (int v = 0; v < cursor.length; v++) {
      cursor[v] = network.first(v);
    }
    int sent = 0;
    int depth = 0;
    int v = source;
    while (true) {
      int arc = v == sink ? NONE : forwardArc(v);
      if (v == sink) {
        sent += augment(depth);
        depth = 0;
        v = source;
      } else if (arc != NONE) {
        queue[depth++] = arc;
        v = network.head(arc);
      } else if (depth == 0) {
        return sent;
      } else {
        level[v] = NONE; // a dead end: never enter it again
        v = network.tail(queue[--depth]);
      }
    }
  }

  private int forwardArc(int v) {
    int arc = cursor[v];
    while (arc != NONE && !(level[network.head(arc)] == level[v] + 1 && isAdmissible(arc))) {
      arc = network.next(arc);
    }
    cursor[v] = arc;
    return arc;
  }

  private int augment(int depth) {
    int amount = Integer.MAX_VALUE;
    for (int i = 0; i < depth; i++) {
      amount = Math.min(amount, network.residual(queue[i]));
    }
    for (int i = 0; i < depth; i++) {
      network.push(queue[i], amount);
    }
    return amount;
  }

  private boolean isAdmissible(int arc) {
    return network.residual(arc) > 0 && reducedCost(arc) == 0;
  }

  private int reducedCost(int arc) {
    return network.cost(arc) + potential[network.tail(arc)] - potential[network.head(arc)];
  }

  /** Vertices by distance; one that was brought nearer stays in its old bucket too. */
  private static final class Buckets {
    private int[][] vertices = new int[8][];
    private int[] sizes = new int[8];
    private int count;

    void add(int distance, int vertex) {
      if (distance >= vertices.length) {
        int length = Math.max(distance + 1, 2 * vertices.length);
        vertices = Arrays.copyOf(vertices, length);
        sizes = Arrays.copyOf(sizes, length);
      }
      int[] bucket = vertices[distance];
      if (bucket == null) {
        bucket = new int[64];
      } else if (sizes[distance] == bucket.length) {
        bucket = Arrays.copyOf(bucket, 2 * bucket.length);
      }
      bucket[sizes[distance]++] = vertex;
      vertices[distance] = bucket;
      count = Math.max(count, distance + 1);
    }

    /** Takes a vertex out of a bucket, {@link FlowNetwork#NONE} if it is empty. */
    int poll(int distance) {
      return sizes[distance] == 0 ? NONE : vertices[distance][--sizes[distance]];
    }

    int count() {
      return count;
    }
  }
}
