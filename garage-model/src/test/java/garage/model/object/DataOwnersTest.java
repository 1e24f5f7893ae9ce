package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.block.BlockBuffer;
import garage.common.hash.Digests;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.db.Batch;
import garage.model.ModelCluster;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** What data is of, what goes with a block that is lost, and what is left over. */
final class DataOwnersTest {
  private static final Hash LOST = Digests.sha256("lost".getBytes(StandardCharsets.UTF_8));

  private static void withThree(BiConsumer<ModelCluster, Client> test) {
    for (long seed = 1; seed <= 5; seed++) {
      ModelCluster.run(
          seed, 3, cluster -> test.accept(cluster, new Client(cluster.nodes.getLast())));
    }
  }

  private static DataOwners owners(ModelCluster cluster) {
    return cluster.first().model().objects().owners();
  }

  private static DataOwners.Run run(ModelCluster cluster, Uuid dataId) {
    return owners(cluster).run(dataId, cluster.first().deadline());
  }

  private static DataOwners.Purged purge(ModelCluster cluster, Uuid dataId) {
    return owners(cluster).purge(LOST, dataId, cluster.first().deadline());
  }

  private static Uuid dataOf(Client client, String key) {
    var found = client.objects().get(Client.key(key), client.deadline()).orElseThrow();
    return ((Content.Blocks) found.object().content()).dataId();
  }

  @Test
  void anObjectWhoseBlockIsLostGoesAndOthersStay() {
    withThree((cluster, client) -> {
      client.putBlocks("a", "some lost words");
      client.putBlocks("b", "other words");
      Uuid data = dataOf(client, "a");
      var run = run(cluster, data);
      assertEquals(new DataOwners.User.OfObject(Client.key("a")), run.user());
      assertFalse(run.released());

      assertEquals(new DataOwners.Purged(1, 0, true), purge(cluster, data));
      assertEquals(Optional.empty(), client.get("a"));
      assertEquals(Optional.of("otherwords"), client.get("b"));
      assertEquals(List.of("b*other words"), client.history(""));
    });
  }

  @Test
  void anObjectThatWasOverwrittenIsNotTouched() {
    withThree((cluster, client) -> {
      client.putBlocks("a", "lost");
      Uuid data = dataOf(client, "a");
      client.putBlocks("a", "anew");
      assertEquals(0, purge(cluster, data).objects());
      assertEquals(Optional.of("anew"), client.get("a"));
    });
  }

  @Test
  void ofTheVersionsOfAKeyThoseGoThatNeedTheBlock() {
    withThree((cluster, client) -> {
      client.putBlocks("a", Versioning.ENABLED, "first");
      VersionId broken = client.putBlocks("a", Versioning.ENABLED, "lost");
      Uuid data = dataOf(client, "a");
      client.putBlocks("a", Versioning.ENABLED, "third");

      assertEquals(new DataOwners.Purged(1, 0, true), purge(cluster, data));
      assertEquals(Optional.empty(), client.get("a", broken));
      assertEquals(List.of("a*third", "a first"), client.history("a"));

      assertEquals(1, purge(cluster, dataOf(client, "a")).objects());
      assertEquals(List.of("a*first"), client.history("a"), "the version before is the present");
    });
  }

  @Test
  void anUploadWithALostPartIsAbortedAndAnObjectMadeOfItRemoved() {
    withThree((cluster, client) -> {
      Upload open = client.begin("open");
      Part part = client.part(open, 1, "lost");
      var user = run(cluster, part.dataId()).user();
      assertEquals(new DataOwners.User.OfUpload(Client.key("open"), open.id(), false), user);
      assertEquals(new DataOwners.Purged(0, 1, true), purge(cluster, part.dataId()));
      assertFalse(client.abort(open), "it is gone");

      Upload whole = client.begin("whole");
      List<Part> parts = List.of(client.part(whole, 1, "good"), client.part(whole, 2, "lost"));
      assertTrue(client.complete(whole, parts));
      Uuid second = parts.getLast().dataId();
      assertInstanceOf(DataOwners.User.OfObject.class, run(cluster, second).user());
      assertEquals(new DataOwners.Purged(1, 0, true), purge(cluster, second));
      assertEquals(Optional.empty(), client.get("whole"));
    });
  }

  /** Its request will be acknowledged, and must then be whole. */
  @Test
  void whatIsBeingWrittenIsLeftAlone() {
    withThree((cluster, client) -> {
      Uuid data = begin(client, "a");
      assertEquals(new DataOwners.Purged(0, 0, false), purge(cluster, data));
      checkAll(cluster);
      assertEquals(1, cluster.blocks.count());
      publish(client, "a", data);
      checkAll(cluster);
      assertEquals(Optional.of("lost"), client.get("a"));
    });
  }

  /** The disk of the node that was writing is gone, and what it knew of its requests with it. */
  @Test
  void whatALostNodeWasWritingIsGivenBack() {
    withThree((cluster, client) -> {
      client.putBlocks("kept", "kept");
      Uuid data = begin(client, "a");
      var store = cluster.nodes.getLast().store();
      store.commit(new Batch().delete(store.tree(ObjectData.PENDING_TREE), data.toBytes()));
      cluster.nodes.forEach(ModelCluster.Node::work);
      assertEquals(2, cluster.blocks.count(), "nobody has asked for it");
      checkAll(cluster);
      assertEquals(1, cluster.blocks.count());
      assertEquals(Optional.of("kept"), client.get("kept"));
    });
  }

  @Test
  void partsOfAnUploadThatIsOverAreGivenBackAndThoseOfOthersAreNot() {
    withThree((cluster, client) -> {
      Upload over = client.begin("over");
      client.abort(over);
      cluster.nodes.forEach(ModelCluster.Node::work);
      Part late = client.part(client.begin("open"), 1, "open");
      Part left = client.late(over, 1, "left over"); // as if the abort had missed it
      assertEquals(3, cluster.blocks.count());
      checkAll(cluster);
      cluster.nodes.forEach(ModelCluster.Node::work);
      assertEquals(1, cluster.blocks.count());
      assertFalse(client.data().exists(left.dataId(), client.deadline()));
      assertTrue(client.data().exists(late.dataId(), client.deadline()));
    });
  }

  private static Uuid begin(Client client, String key) {
    Uuid data = client.data().begin(new DataOwner.OfObject(Client.key(key)));
    byte[] plain = "lost".getBytes(StandardCharsets.UTF_8);
    BlockBuffer buffer = client.data().buffer(plain.length, client.deadline());
    buffer.bytes().put(plain).flip();
    client.data().append(DataBlock.of(data, 0, LOST, plain.length), buffer, client.deadline());
    return data;
  }

  private static void publish(Client client, String key, Uuid data) {
    var object = Client.object(new Content.Blocks(data), 4, "lost");
    client.objects().put(Client.key(key), object, Client.bytes(""), client.deadline());
    client.data().settle(data);
  }

  private static void checkAll(ModelCluster cluster) {
    for (ModelCluster.Node node : cluster.nodes) {
      node.model().objects().checkData();
      node.model().objects().checkParts();
    }
    cluster.nodes.forEach(ModelCluster.Node::work);
    cluster.simulation.clock().sleep(ObjectTables.Settings.READERS_MAX.plusSeconds(1));
    cluster.nodes.forEach(ModelCluster.Node::work);
  }

  @Test
  void aDownloadUnderWayIsNotDisturbed() {
    withThree((cluster, client) -> {
      client.putBlocks("a", "lost");
      Uuid data = dataOf(client, "a");
      client.put("a", "anew");
      cluster.nodes.forEach(node -> node.model().objects().checkData());
      cluster.nodes.forEach(ModelCluster.Node::work);
      assertTrue(client.data().exists(data, client.deadline()), "somebody may be reading it");
      checkAll(cluster);
      assertEquals(0, cluster.blocks.count());
    });
  }
}
