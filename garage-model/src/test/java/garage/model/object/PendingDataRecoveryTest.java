package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.common.id.Uuid;
import garage.model.ModelCluster;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of data whose write ended in a way that is not known, while the node goes on. */
final class PendingDataRecoveryTest {
  private static Uuid begin(Client client, String key, String text) {
    Uuid dataId = client.data().begin(new DataOwner.OfObject(Client.key(key)));
    client.append(dataId, text);
    return dataId;
  }

  @Test
  void dataThatNoObjectCameToReferToIsGivenBackWithoutARestart() {
    ModelCluster.run(
        1,
        1,
        cluster -> {
          Client client = new Client(cluster.first());
          cluster.first().runs(() -> client.data().doubt(begin(client, "a", "one two")));
          cluster.settle();
          assertEquals(0, client.data().pending(10).size());
          assertEquals(0, cluster.first().blocks().count());
        });
  }

  @Test
  void dataThatAnObjectRefersToAllTheSameIsKept() {
    ModelCluster.run(
        2,
        1,
        cluster -> {
          Client client = new Client(cluster.first());
          cluster
              .first()
              .runs(() -> {
                Uuid dataId = begin(client, "a", "one two");
                ObjectVersion.Stored object =
                    Client.object(new Content.Blocks(dataId), 6, "one two");
                client
                    .objects()
                    .put(Client.key("a"), object, ByteBuffer.allocate(0), client.deadline());
                client.data().doubt(dataId);
              });
          cluster.settle();
          assertEquals(0, client.data().pending(10).size());
          assertEquals(Optional.of("onetwo"), client.get("a"));
        });
  }

  /**
   * Two of five replicas have taken a version that did not take effect, one or both have not heard
   * so, and take the next: what they keep as an old version must have its data, if they keep it.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatAReplicaKeepsAsAnOldVersionHasItsData(boolean oneHears) {
    ModelCluster.run(
        5,
        5,
        cluster -> {
          ModelCluster.Node late = cluster.nodes.get(2);
          cluster.first().runs(() -> writeOnTwo(cluster));
          cluster.nodes.subList(1, 3).forEach(cluster::isolate);
          cluster.first().work();
          cluster.heal();
          if (oneHears) {
            cluster.isolate(late);
            cluster.settle();
            cluster.heal();
          }
          new Client(cluster.last()).put("a", Versioning.ENABLED, "last");
          cluster.settle();
          for (Client reader : Client.ofAll(cluster)) {
            for (VersionScan.Listed listed : reader.versions("a")) {
              assertTrue(reader.get("a", listed.id()).isPresent());
            }
          }
          List<String> history = new Client(late).history("a");
          assertEquals(
              List.of("a*last", "a zero"), history.stream().filter(notOf("one two")).toList());
          assertEquals(0, new Client(cluster.first()).data().pending(10).size());
          assertEquals(history.size() > 2 ? 2 : 0, cluster.blocks.count());
        });
  }

  private static Predicate<String> notOf(String text) {
    return line -> !line.endsWith(text);
  }

  /** The first node began it, as one that is no replica of the object does. */
  private static void writeOnTwo(ModelCluster cluster) {
    Client client = new Client(cluster.first());
    client.put("a", Versioning.ENABLED, "zero");
    Uuid dataId = begin(client, "a", "one two");
    List.of(0, 3, 4).forEach(node -> cluster.isolate(cluster.nodes.get(node)));
    Client other = new Client(cluster.nodes.get(1));
    assertThrows(
        GarageException.QuorumNotReached.class,
        () ->
            other
                .objects()
                .put(
                    Client.target("a", Versioning.ENABLED),
                    Client.object(new Content.Blocks(dataId), 6, "one two"),
                    ByteBuffer.allocate(0),
                    other.deadline()));
    client.data().doubt(dataId);
    cluster.heal();
  }

  @Test
  void whatShowsOfARunOnlyAfterItWasGivenUpIsGivenBackToo() {
    ModelCluster.run(
        4,
        1,
        cluster -> {
          Client client = new Client(cluster.first());
          cluster
              .first()
              .runs(() -> {
                Uuid dataId = client.data().begin(new DataOwner.OfObject(Client.key("a")));
                client.data().abandon(dataId);
                cluster.first().work();
                client.append(dataId, "one two");
              });
          assertEquals(2, cluster.first().blocks().count());
          cluster.settle();
          assertEquals(0, cluster.first().blocks().count());
        });
  }

  @Test
  void dataThatIsStillBeingWrittenIsLeftAlone() {
    ModelCluster.run(
        3,
        1,
        cluster -> {
          Client client = new Client(cluster.first());
          cluster.first().runs(() -> begin(client, "a", "one two"));
          cluster.settle();
          assertEquals(1, client.data().pending(10).size());
          assertTrue(cluster.first().blocks().count() > 0);
        });
  }
}
