package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.id.Uuid;
import garage.model.ModelCluster;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of data whose write ended in a way that is not known, while the node goes on. */
final class PendingDataRecoveryTest {
  private static Uuid begin(Client client, String key, String text) {
    Uuid dataId = client.data().begin(new DataOwner.OfObject(Client.key(key)));
    client.append(dataId, text);
    return dataId;
  }

  private static void rest(ModelCluster cluster) {
    for (int round = 0; round < 4; round++) {
      cluster.first().work();
      cluster.simulation.clock().sleep(Duration.ofMinutes(6));
    }
  }

  @Test
  void dataThatNoObjectCameToReferToIsGivenBackWithoutARestart() {
    ModelCluster.run(
        1,
        1,
        cluster -> {
          Client client = new Client(cluster.first());
          cluster.first().runs(() -> client.data().doubt(begin(client, "a", "one two")));
          rest(cluster);
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
          rest(cluster);
          assertEquals(0, client.data().pending(10).size());
          assertEquals(Optional.of("onetwo"), client.get("a"));
        });
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
          rest(cluster);
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
          rest(cluster);
          assertEquals(1, client.data().pending(10).size());
          assertTrue(cluster.first().blocks().count() > 0);
        });
  }
}
