package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Tasks;
import garage.model.ModelCluster;
import garage.model.counter.BucketCounters;
import garage.table.register.RegisterRow;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a key's versions are where one replica alone took a write, or one alone missed it. */
final class DivergedReplicasTest {
  private static VersionId put(Client client, String text) {
    return client.put("a", Versioning.ENABLED, text);
  }

  private static void mark(Client client, String key) {
    client.mark(key, Versioning.ENABLED);
  }

  /** The present one is written again, as tags change. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aVersionWithoutAnIdIsThereUntilAnotherHasTakenEffect(boolean isMarker) {
    Consumer<Client> replacing =
        isMarker
            ? client -> client.mark("a", Versioning.SUSPENDED)
            : client -> client.put("a", Versioning.SUSPENDED, "in vain");
    LoneReplica.each(lone -> {
      Client client = lone.other();
      client.putBlocks("a", "kept all the time");
      VersionId zero = put(client, "zero");
      VersionId one = put(client, "one");
      lone.inVain(replacing);
      assertEquals(Optional.of("keptallthetime"), client.get("a", VersionId.NULL));
      again(lone, zero);
      assertKeptUntilRemoved(lone, zero, one);
    });
  }

  /** A quorum of others, which knows nothing of it, makes it the second version written in vain. */
  @Test
  void aVersionWithoutAnIdGivesWayToOneThatIsKnownToHaveBeenWrittenAfterIt() {
    LoneReplica.each(lone -> {
      Client client = lone.other();
      client.putBlocks("a", "before");
      put(client, "one");
      lone.inVain(cut -> cut.put("a", Versioning.SUSPENDED, "in vain"));
      lone.heal();
      put(client, "two");
      lone.cluster().settle();
      for (Client reader : Client.ofAll(lone.cluster())) {
        assertEquals(Optional.of("in vain"), reader.get("a", VersionId.NULL));
        assertEquals(List.of("a*two", "a in vain", "a one"), reader.history("a"));
      }
      client.remove("a", VersionId.NULL);
      client.removeLatest("a");
      client.removeLatest("a");
      assertNothingIsLeft(lone);
    });
  }

  private static void assertNothingIsLeft(LoneReplica lone) {
    lone.cluster().settle();
    assertEquals(List.of(), lone.other().history(""));
    assertEquals(new BucketCounters.Counts(0, 0, 0), lone.client().counts());
    assertEquals(0, lone.cluster().blocks.count());
  }

  /**
   * Writes the present version once more, as something is said of an old one, at a quorum that has
   * not seen what another replica holds alone.
   */
  private static void again(LoneReplica lone, VersionId old) {
    lone.other()
        .annotate(
            "a",
            old,
            now -> {
              lone.heal(); // a quorum has promised
              return now;
            });
  }

  /** A marker that one replica alone has accepted is the present version, or it is none yet. */
  @Test
  void aVersionThatDidNotTakeEffectIsNotListedBeforeThePresentOne() {
    LoneReplica.each(lone -> {
      put(lone.other(), "zero");
      put(lone.other(), "one");
      lone.inVain(cut -> mark(cut, "a"));
      lone.inVain(cut -> mark(cut, "b"));
      lone.heal();
      for (Client client : Client.ofAll(lone.cluster())) {
        boolean marked = client.get("a").isEmpty();
        List<String> kept = List.of("a*one", "a zero");
        List<String> all = List.of("a*-", "a one", "a zero");
        assertEquals(marked ? all : kept, client.history("a"));
        List<String> ofNew = client.history("b");
        assertTrue(ofNew.isEmpty() || ofNew.equals(List.of("b*-")), ofNew::toString);
      }
    });
  }

  /** Who asks finds the marker first, and a quorum of others that knows nothing of it. */
  @Test
  void aVersionThatDidNotTakeEffectIsNotReadByItsId() {
    LoneReplica.each(lone -> {
      Client cut = lone.client();
      put(cut, "one");
      lone.inVain(client -> mark(client, "a"));
      lone.inVain(client -> mark(client, "b"));
      lone.heal();
      for (String key : List.of("a", "b")) {
        Optional<String> shown = cut.get(key, held(lone.node(), key));
        boolean marked = cut.history(key).contains(key + "*-");
        assertTrue(marked || shown.isEmpty(), "seen, it has taken effect");
      }
    });
  }

  /** The version that a replica's register holds. */
  private static VersionId held(ModelCluster.Node node, String key) {
    byte[] value =
        node.store().get(node.store().tree(ObjectSchema.NAME), Client.key(key).storeKey());
    RegisterRow<ObjectState> row =
        RegisterRow.codec(ObjectState.CODEC).decode(java.util.Objects.requireNonNull(value));
    return ((ObjectState.Present) java.util.Objects.requireNonNull(row.version())).id(row.id());
  }

  /** One replica alone has it as an old version: once it was listed, whoever asks must find it. */
  @Test
  void whatIsListedIsThereForAll() {
    LoneReplica.each(lone -> {
      put(lone.other(), "zero");
      lone.inVain(cut -> put(cut, "in vain"));
      lone.heal();
      put(lone.other(), "one");
      List<VersionScan.Listed> listed = lone.client().versions("a");
      for (Client reader : Client.ofAll(lone.cluster())) {
        for (VersionScan.Listed version : listed) {
          assertTrue(reader.get("a", version.id()).isPresent(), version::toString);
        }
        assertEquals(listed, reader.versions("a"));
      }
    });
  }

  /** The present one is written again as an old one's tags change: that replica takes it, too. */
  @ParameterizedTest
  @EnumSource(
      value = Versioning.class,
      names = {"ENABLED", "SUSPENDED"})
  void whatDidNotTakeEffectIsNoOldVersionWhereThePresentOneIsWrittenAgain(Versioning versioning) {
    LoneReplica.each(lone -> {
      VersionId zero = put(lone.other(), "zero");
      put(lone.other(), "one");
      lone.inVain(cut -> cut.put("a", versioning, "in vain"));
      again(lone, zero);
      lone.cluster().settle();
      for (Client reader : Client.ofAll(lone.cluster())) {
        assertEquals(List.of("a*one", "a zero"), reader.history("a"));
      }
      assertEquals(new BucketCounters.Counts(2, 7, 0), lone.client().counts());
    });
  }

  /**
   * One replica alone has taken two, the first of which it has made an old version: that is later
   * than the present one, and stays out of sight until one later than it is the present version.
   */
  @Test
  void ofTwoThatDidNotTakeEffectNoneIsSeenWhileThePresentOneIsEarlier() {
    LoneReplica.each(lone -> {
      VersionId zero = put(lone.other(), "zero");
      VersionId one = put(lone.other(), "one");
      lone.inVain(cut -> put(cut, "in vain"));
      VersionId inVain = held(lone.node(), "a");
      lone.inVain(cut -> put(cut, "in vain as well"));
      again(lone, zero);
      lone.cluster().settle();
      for (Client reader : Client.ofAll(lone.cluster())) {
        assertEquals(List.of("a*one", "a zero"), reader.history("a"));
        assertEquals(Optional.empty(), reader.get("a", inVain));
      }
      lone.other().remove("a", one);
      for (Client reader : Client.ofAll(lone.cluster())) {
        assertEquals(Optional.of("zero"), reader.get("a"));
        assertEquals(List.of("a*zero"), reader.history("a"));
      }
      lone.other().remove("a", zero);
      assertNothingIsLeft(lone);
    });
  }

  /**
   * One replica alone has taken it, and has dropped it as the present one was written again; then
   * its writer, who is still at it, has it dated anew.
   */
  @Test
  void theDataStaysOfAVersionThatTookEffectByALaterDate() {
    LoneReplica.each(lone -> {
      VersionId zero = put(lone.other(), "zero");
      put(lone.other(), "one");
      AtomicReference<VersionId> late = new AtomicReference<>();
      Supplier<VersionId> write =
          () -> lone.client().putBlocks("a", Versioning.ENABLED, "late", lone::cutOff);
      Tasks.Task writer = lone.node().machine.tasks().start("writer", () -> late.set(write.get()));
      lone.cluster().simulation.clock().sleep(Duration.ofSeconds(1));
      VersionId first = held(lone.node(), "a");
      again(lone, zero);
      writer.join();
      assertNotEquals(first, late.get());
      put(lone.other(), "two");
      lone.cluster().settle();
      for (Client reader : Client.ofAll(lone.cluster())) {
        assertEquals(List.of("a*two", "a late", "a one", "a zero"), reader.history("a"));
        assertEquals(Optional.of("late"), reader.get("a", late.get()));
      }
      for (int i = 0; i < 4; i++) {
        lone.other().removeLatest("a");
      }
      assertNothingIsLeft(lone);
    });
  }

  @Test
  void whatDidNotTakeEffectIsNoOldVersionWhereTheLastVersionIsRemoved() {
    LoneReplica.each(lone -> {
      VersionId one = put(lone.other(), "one");
      lone.inVain(cut -> put(cut, "in vain"));
      lone.other().remove("a", one);
      lone.heal();
      lone.cluster().isolate(lone.next(2)); // the other two must agree
      assertEquals(Optional.empty(), lone.other().get("a"));
      assertNothingIsLeft(lone);
    });
  }

  /**
   * One replica alone has taken a version without an id, and then one with an id: the first, made
   * an old version there, is later than the present one, which is written again.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aVersionWithoutAnIdIsThereThoughOneReplicaAloneHasMadeAnOldOneOfAnother(boolean missed) {
    LoneReplica.each(lone -> {
      Client client = lone.other();
      if (missed) {
        lone.misses(of -> of.putBlocks("a", "kept all the time"));
      } else {
        client.putBlocks("a", "kept all the time");
      }
      VersionId zero = put(client, "zero");
      VersionId one = put(client, "one");
      lone.inVain(cut -> cut.put("a", Versioning.SUSPENDED, "in vain"));
      lone.inVain(cut -> put(cut, "in vain as well"));
      again(lone, zero);
      assertKeptUntilRemoved(lone, zero, one);
    });
  }

  private static void assertKeptUntilRemoved(LoneReplica lone, VersionId zero, VersionId one) {
    assertKept(lone);
    lone.cluster().settle();
    assertKept(lone);
    assertEquals(new BucketCounters.Counts(3, 21, 0), lone.client().counts());
    Client client = lone.other();
    client.remove("a", zero);
    client.remove("a", one);
    assertEquals(Optional.of("keptallthetime"), client.get("a"));
    client.remove("a", VersionId.NULL);
    assertNothingIsLeft(lone);
  }

  private static void assertKept(LoneReplica lone) {
    for (Client reader : Client.ofAll(lone.cluster())) {
      assertEquals(List.of("a*one", "a zero", "a kept all the time"), reader.history("a"));
      assertEquals(Optional.of("keptallthetime"), reader.get("a", VersionId.NULL));
    }
  }

  /** Until the next version is acknowledged it is not known which of the two has taken effect. */
  @Test
  void aVersionWithoutAnIdThatWasMadeAnOldOneAloneGivesWayWhereItTookEffect() {
    LoneReplica.each(lone -> {
      Client client = lone.other();
      client.putBlocks("a", "before");
      put(client, "one");
      lone.inVain(cut -> cut.put("a", Versioning.SUSPENDED, "alone"));
      lone.inVain(cut -> put(cut, "two"));
      lone.heal();
      VersionId three = put(client, "three");
      lone.cluster().settle();
      List<String> history = client.history("a");
      for (Client reader : Client.ofAll(lone.cluster())) {
        assertEquals(history, reader.history("a"));
        assertEquals(Optional.of("alone"), reader.get("a", VersionId.NULL));
      }
      assertEquals(0, lone.cluster().blocks.count());
      client.remove("a", three);
      assertEquals(Optional.of("alone"), client.get("a", VersionId.NULL));
    });
  }

  /** The replica that alone has taken two was away as the last of the others was removed. */
  @Test
  void ofTwoThatDidNotTakeEffectNoneIsSeenWhereTheLastVersionIsRemoved() {
    LoneReplica.each(lone -> {
      VersionId one = put(lone.other(), "one");
      lone.inVain(cut -> put(cut, "in vain"));
      VersionId inVain = held(lone.node(), "a");
      lone.inVain(cut -> put(cut, "in vain as well"));
      lone.other().remove("a", one);
      lone.heal();
      lone.cluster().isolate(lone.next(2)); // the other two must agree
      assertEquals(List.of(), lone.other().history("a"));
      assertEquals(Optional.empty(), lone.other().get("a", inVain));
      lone.heal();
      for (Client reader : Client.ofAll(lone.cluster())) {
        assertEquals(List.of(), reader.history("a"));
      }
      assertNothingIsLeft(lone);
    });
  }

  /** A quorum knows nothing of the key: what is there alone becomes a version all at once. */
  @Test
  void ofTwoThatOneReplicaAloneHasNoneIsSeenWhereThereIsNothing() {
    LoneReplica.each(lone -> {
      lone.inVain(cut -> put(cut, "one"));
      VersionId one = held(lone.node(), "a");
      lone.inVain(cut -> put(cut, "two"));
      lone.heal();
      for (Client reader : Client.ofAll(lone.cluster())) {
        Optional<String> read = reader.get("a", one);
        List<String> history = reader.history("a");
        List<String> all = List.of("a*two", "a one");
        assertTrue(history.isEmpty() || history.equals(all), history::toString);
        assertTrue(read.isEmpty() || history.equals(all), "seen, it has taken effect");
      }
    });
  }

  /** A node that has not heard yet that versions are kept deletes without a marker. */
  @Test
  void whatWasDeletedWithoutAMarkerIsThereAsAnOldVersion() {
    LoneReplica.each(lone -> {
      VersionId one = put(lone.other(), "one");
      lone.misses(client -> client.delete("a"));
      for (int i = 0; i < 2; i++) {
        for (Client reader : Client.ofAll(lone.cluster())) {
          assertEquals(List.of("a one"), reader.history("a"));
          assertEquals(Optional.of("one"), reader.get("a", one));
        }
        lone.cluster().settle(); // the deletion is collected
      }
    });
  }

  @Test
  void anObjectWhoseDeletionOneReplicaMissedIsNotListedAsAVersion() {
    LoneReplica.each(lone -> {
      lone.other().put("a", "deleted");
      lone.misses(client -> client.delete("a"));
      for (Client reader : Client.ofAll(lone.cluster())) {
        assertEquals(List.of(), reader.history(""));
      }
    });
  }

  /** Whoever missed the deletion of an object must not bring it back as an old version. */
  @Test
  void whatWasDeletedBeforeVersionsWereKeptIsNoVersion() {
    LoneReplica.each(lone -> {
      lone.other().put("a", "deleted");
      lone.misses(client -> client.delete("a"));
      put(lone.other(), "one");
      put(lone.other(), "two");
      for (Client reader : Client.ofAll(lone.cluster())) {
        assertEquals(List.of("a*two", "a one"), reader.history(""));
        assertEquals(Optional.empty(), reader.get("a", VersionId.NULL));
      }
    });
  }

  /** A quorum that accepted a version and one that superseded it may have one replica in common. */
  @Test
  void aVersionIsSeenThoughNoReplicaButOneHasBothItAndWhatCameAfter() {
    for (int first = 0; first < 3; first++) {
      for (int second = 0; second < 3; second++) {
        int[] away = {first, second};
        ModelCluster.run(
            6,
            3,
            cluster -> {
              VersionId[] ids = new VersionId[2];
              for (int i = 0; i < 2; i++) {
                cluster.isolate(cluster.nodes.get(away[i]));
                ModelCluster.Node writer = cluster.nodes.get((away[i] + 1) % 3);
                ids[i] = put(new Client(writer), "v" + i);
                cluster.heal();
              }
              for (int out = 0; out < 3; out++) {
                cluster.isolate(cluster.nodes.get(out));
                Client reader = new Client(cluster.nodes.get((out + 1) % 3));
                assertEquals(List.of("a*v1", "a v0"), reader.history(""));
                assertEquals(Optional.of("v0"), reader.get("a", ids[0]));
                assertEquals(Optional.of("v1"), reader.get("a", ids[1]));
                cluster.heal();
              }
              Client client = new Client(cluster.first());
              client.remove("a", ids[1]);
              for (Client each : Client.ofAll(cluster)) {
                assertEquals(List.of("a*v0"), each.history(""));
              }
            });
      }
    }
  }
}
