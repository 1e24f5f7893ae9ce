package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertThrows;

import garage.common.error.GarageException;
import garage.model.ModelCluster;
import java.util.function.Consumer;

/**
 * Three nodes, one of which is cut off now and then: so it alone has what the others have not, or
 * lacks what they have.
 *
 * @param index of that node
 */
record LoneReplica(ModelCluster cluster, int index) {
  private static final int SEED = 6;
  private static final int NODES = 3;

  /** Runs {@code test} with each of the nodes in turn. */
  static void each(Consumer<LoneReplica> test) {
    for (int i = 0; i < NODES; i++) {
      int index = i;
      ModelCluster.run(SEED, NODES, cluster -> test.accept(new LoneReplica(cluster, index)));
    }
  }

  ModelCluster.Node node() {
    return cluster.nodes.get(index);
  }

  /** A client of it. */
  Client client() {
    return new Client(node());
  }

  /** A client of another, which is not cut off. */
  Client other() {
    return new Client(next(1));
  }

  /** The node that many places behind it. */
  ModelCluster.Node next(int places) {
    return cluster.nodes.get((index + places) % NODES);
  }

  void cutOff() {
    cluster.isolate(node());
  }

  /** Joins it to the others again. */
  void heal() {
    cluster.heal();
  }

  /** It is cut off, and takes alone what its client writes then. */
  void inVain(Consumer<Client> write) {
    cutOff();
    assertThrows(GarageException.class, () -> write.accept(client()));
  }

  /** It is cut off and misses what the other client writes. */
  void misses(Consumer<Client> write) {
    cutOff();
    write.accept(other());
    heal();
  }
}
