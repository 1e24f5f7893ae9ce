package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import garage.model.ModelCluster;
import garage.model.counter.BucketCounters;
import garage.table.register.RegisterRow;
import garage.testkit.property.CrdtLaws;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a key's versions are after each kind of write, seen from any node. */
final class VersionsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void everyVersionIsReadByItsIdAndListedLatestFirst(int nodes) {
    ModelCluster.run(
        1,
        nodes,
        cluster -> {
          Client client = new Client(cluster.first());
          Client other = new Client(cluster.nodes.getLast());
          VersionId one = client.put("a", Versioning.ENABLED, "one");
          VersionId two = other.putBlocks("a", Versioning.ENABLED, "two");
          VersionId gone = client.mark("a", Versioning.ENABLED);
          VersionId three = other.put("a", Versioning.ENABLED, "three");
          client.put("b", Versioning.ENABLED, "other");
          assertEquals(Optional.of("one"), other.get("a", one));
          assertEquals(Optional.of("two"), client.get("a", two));
          assertEquals(Optional.of("-"), client.get("a", gone));
          assertEquals(Optional.of("three"), client.get("a", three));
          assertEquals(Optional.of("three"), client.get("a"));
          assertEquals(Optional.empty(), client.get("b", three));
          assertEquals(List.of("a*three", "a -", "a two", "a one", "b*other"), other.history(""));
          assertEquals(counts(4, 16), count(cluster, 0));
        });
  }

  @Test
  void removingThePresentVersionBringsTheOneBeforeItBack() {
    ModelCluster.run(
        2,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          Client other = new Client(cluster.nodes.getLast());
          VersionId one = client.put("a", Versioning.ENABLED, "one");
          VersionId two = client.putBlocks("a", Versioning.ENABLED, "two");
          VersionId gone = client.mark("a", Versioning.ENABLED);
          assertEquals(Optional.empty(), other.get("a"));
          assertEquals(Set.of(gone), other.remove("a", gone));
          assertEquals(Optional.of("two"), client.get("a"));
          assertEquals(Optional.of("two"), other.get("a", two));
          assertEquals(List.of("a*two", "a one"), client.history("a"));
          assertEquals(Set.of(one), client.remove("a", one, gone));
          assertEquals(List.of("a*two"), other.history(""));
          assertEquals(Set.of(two), other.remove("a", two));
          assertEquals(List.of(), client.history(""));
          assertEquals(Optional.empty(), client.get("a", two));
          assertEquals(Set.of(), client.remove("a", one, two, gone));
          settle(cluster);
          assertEquals(counts(0, 0), count(cluster, 1));
          assertEquals(0, cluster.blocks.count(), "what is removed is given back");
        });
  }

  @Test
  void theDataOfAnOldVersionIsKeptAndReadWholeUntilItIsRemoved() {
    ModelCluster.run(
        3,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          VersionId old = client.putBlocks("a", Versioning.ENABLED, "of three blocks");
          Upload upload = client.begin("a");
          List<Part> parts = List.of(client.part(upload, 1, "part"));
          client.publish((Uploads.Start.Go) client.start(upload, parts), parts, Versioning.ENABLED);
          VersionId assembled = client.versions("a").getFirst().id();
          client.put("a", Versioning.ENABLED, "last");
          settle(cluster);
          Client other = new Client(cluster.nodes.getLast());
          assertEquals(Optional.of("ofthreeblocks"), other.get("a", old));
          assertEquals(Optional.of("part"), other.get("a", assembled));
          other.remove("a", old, assembled);
          settle(cluster);
          assertEquals(0, cluster.blocks.count());
          assertEquals(counts(1, 4), count(cluster, 2));
        });
  }

  @Test
  void withVersioningSuspendedTheVersionWithoutAnIdIsReplacedWhereverItIs() {
    ModelCluster.run(
        4,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          Client other = new Client(cluster.nodes.getLast());
          client.putBlocks("a", "before");
          VersionId one = client.put("a", Versioning.ENABLED, "one");
          assertEquals(Optional.of("before"), other.get("a", VersionId.NULL));
          assertEquals(List.of("a*one", "a before"), other.history(""));
          assertEquals(VersionId.NULL, other.put("a", Versioning.SUSPENDED, "two"));
          assertEquals(List.of("a*two", "a one"), client.history(""));
          client.put("a", Versioning.SUSPENDED, "three");
          assertEquals(List.of("a*three", "a one"), client.history(""));
          client.put("a", Versioning.ENABLED, "four");
          assertEquals(List.of("a*four", "a three", "a one"), client.history(""));
          assertEquals(VersionId.NULL, client.mark("a", Versioning.SUSPENDED));
          assertEquals(List.of("a*-", "a four", "a one"), client.history(""));
          assertEquals(Set.of(VersionId.NULL), client.remove("a", VersionId.NULL));
          assertEquals(List.of("a*four", "a one"), other.history(""));
          assertEquals(Optional.of("one"), other.get("a", one));
          settle(cluster);
          assertEquals(0, cluster.blocks.count());
          assertEquals(counts(2, 7), count(cluster, 0));
        });
  }

  @Test
  void whatTheVersionWithoutAnIdTookThePlaceOfIsGivenBackWhileThatIsThePresentOne() {
    ModelCluster.run(
        4,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          client.putBlocks("a", "before that");
          client.put("a", Versioning.ENABLED, "one");
          client.put("a", Versioning.SUSPENDED, "two");
          assertEquals(counts(2, 6), count(cluster, 0));
          settle(cluster);
          assertEquals(0, cluster.blocks.count());
          cluster.simulation.clock().sleep(Duration.ofDays(2));
          settle(cluster);
          for (ModelCluster.Node node : cluster.nodes) {
            var rows = node.store().tree(VersionSchema.NAME);
            assertEquals(1, node.store().approximateCount(rows), "its tombstone is collected");
          }
          assertEquals(List.of("a*two", "a one"), new Client(cluster.last()).history(""));
          client.remove("a", VersionId.NULL);
          assertEquals(List.of("a*one"), new Client(cluster.last()).history(""));
          client.remove("a", client.versions("a").getFirst().id());
          settle(cluster);
          assertEquals(counts(0, 0), count(cluster, 1));
        });
  }

  /** Each time one replica alone takes it, and then the present one again, as tags change. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aVersionWithoutAnIdIsThereUntilAnotherHasTakenEffect(boolean isMarker) {
    for (int alone = 0; alone < 3; alone++) {
      int which = alone;
      ModelCluster.run(
          6,
          3,
          cluster -> {
            Client client = new Client(cluster.nodes.get((which + 1) % 3));
            client.putBlocks("a", "kept all the time");
            VersionId zero = client.put("a", Versioning.ENABLED, "zero");
            VersionId one = client.put("a", Versioning.ENABLED, "one");
            inVain(cluster, which, isMarker);
            assertEquals(Optional.of("keptallthetime"), client.get("a", VersionId.NULL));
            again(cluster, client, zero);
            for (ModelCluster.Node node : cluster.nodes) {
              Client reader = new Client(node);
              assertEquals(List.of("a*one", "a zero", "a kept all the time"), reader.history("a"));
              assertEquals(Optional.of("keptallthetime"), reader.get("a", VersionId.NULL));
            }
            settle(cluster);
            assertEquals(Optional.of("keptallthetime"), client.get("a", VersionId.NULL));
            assertEquals(counts(3, 21), count(cluster, which));
            client.remove("a", zero);
            client.remove("a", one);
            assertEquals(Optional.of("keptallthetime"), client.get("a"));
            client.remove("a", VersionId.NULL);
            settle(cluster);
            assertEquals(counts(0, 0), count(cluster, which));
            assertEquals(0, cluster.blocks.count());
          });
    }
  }

  /** A quorum of others, which knows nothing of it, makes it the second version written in vain. */
  @Test
  void aVersionWithoutAnIdGivesWayToOneThatIsKnownToHaveBeenWrittenAfterIt() {
    for (int alone = 0; alone < 3; alone++) {
      int which = alone;
      ModelCluster.run(
          6,
          3,
          cluster -> {
            Client client = new Client(cluster.nodes.get((which + 1) % 3));
            client.putBlocks("a", "before");
            client.put("a", Versioning.ENABLED, "one");
            inVain(cluster, which, false);
            cluster.heal();
            client.put("a", Versioning.ENABLED, "two");
            settle(cluster);
            for (ModelCluster.Node node : cluster.nodes) {
              Client reader = new Client(node);
              assertEquals(Optional.of("in vain"), reader.get("a", VersionId.NULL));
              assertEquals(List.of("a*two", "a in vain", "a one"), reader.history("a"));
            }
            client.remove("a", VersionId.NULL);
            client.remove("a", client.versions("a").getFirst().id());
            client.remove("a", client.versions("a").getFirst().id());
            settle(cluster);
            assertEquals(List.of(), client.history(""));
            assertEquals(counts(0, 0), count(cluster, which));
            assertEquals(0, cluster.blocks.count());
          });
    }
  }

  /** A write into a suspended bucket that one replica alone takes. */
  private static void inVain(ModelCluster cluster, int which, boolean isMarker) {
    Client cut = new Client(cluster.nodes.get(which));
    cluster.isolate(cluster.nodes.get(which));
    assertThrows(
        GarageException.class,
        () -> {
          if (isMarker) {
            cut.mark("a", Versioning.SUSPENDED);
          } else {
            cut.put("a", Versioning.SUSPENDED, "in vain");
          }
        });
  }

  /**
   * Writes the present version once more, as something is said of an old one, at a quorum that has
   * not seen what another replica holds alone.
   */
  private static void again(ModelCluster cluster, Client client, VersionId old) {
    client
        .objects()
        .annotate(
            Client.key("a"),
            old,
            now -> {
              cluster.heal(); // a quorum has promised
              return now;
            },
            client.deadline());
  }

  /** A marker that one replica alone has accepted is the present version, or it is none yet. */
  @Test
  void aVersionThatDidNotTakeEffectIsNotListedBeforeThePresentOne() {
    for (int alone = 0; alone < 3; alone++) {
      int which = alone;
      ModelCluster.run(
          6,
          3,
          cluster -> {
            Client other = new Client(cluster.nodes.get((which + 1) % 3));
            other.put("a", Versioning.ENABLED, "zero");
            other.put("a", Versioning.ENABLED, "one");
            ModelCluster.Node node = cluster.nodes.get(which);
            cluster.isolate(node);
            Client cut = new Client(node);
            assertThrows(GarageException.class, () -> cut.mark("a", Versioning.ENABLED));
            assertThrows(GarageException.class, () -> cut.mark("b", Versioning.ENABLED));
            cluster.heal();
            for (ModelCluster.Node reader : cluster.nodes) {
              Client client = new Client(reader);
              boolean marked = client.get("a").isEmpty();
              List<String> kept = List.of("a*one", "a zero");
              List<String> all = List.of("a*-", "a one", "a zero");
              assertEquals(marked ? all : kept, client.history("a"));
              List<String> ofNew = client.history("b");
              assertTrue(ofNew.isEmpty() || ofNew.equals(List.of("b*-")), ofNew::toString);
            }
          });
    }
  }

  /** Who asks finds the marker first, and a quorum of others that knows nothing of it. */
  @Test
  void aVersionThatDidNotTakeEffectIsNotReadByItsId() {
    for (int alone = 0; alone < 3; alone++) {
      int which = alone;
      ModelCluster.run(
          6,
          3,
          cluster -> {
            ModelCluster.Node node = cluster.nodes.get(which);
            Client cut = new Client(node);
            cut.put("a", Versioning.ENABLED, "one");
            cluster.isolate(node);
            assertThrows(GarageException.class, () -> cut.mark("a", Versioning.ENABLED));
            assertThrows(GarageException.class, () -> cut.mark("b", Versioning.ENABLED));
            cluster.heal();
            for (String key : List.of("a", "b")) {
              Optional<String> shown = cut.get(key, held(node, key));
              boolean marked = cut.history(key).contains(key + "*-");
              assertTrue(marked || shown.isEmpty(), "seen, it has taken effect");
            }
          });
    }
  }

  /** One replica alone has it as an old version: once it was listed, whoever asks must find it. */
  @Test
  void whatIsListedIsThereForAll() {
    for (int alone = 0; alone < 3; alone++) {
      int which = alone;
      ModelCluster.run(
          6,
          3,
          cluster -> {
            Client client = new Client(cluster.nodes.get((which + 1) % 3));
            client.put("a", Versioning.ENABLED, "zero");
            cluster.isolate(cluster.nodes.get(which));
            Client cut = new Client(cluster.nodes.get(which));
            assertThrows(GarageException.class, () -> cut.put("a", Versioning.ENABLED, "in vain"));
            cluster.heal();
            client.put("a", Versioning.ENABLED, "one");
            List<VersionScan.Listed> listed = cut.versions("a");
            for (ModelCluster.Node node : cluster.nodes) {
              Client reader = new Client(node);
              for (VersionScan.Listed version : listed) {
                assertTrue(reader.get("a", version.id()).isPresent(), version::toString);
              }
              assertEquals(listed, reader.versions("a"));
            }
          });
    }
  }

  /** The version that a replica's register holds. */
  private static VersionId held(ModelCluster.Node node, String key) {
    byte[] value =
        node.store().get(node.store().tree(ObjectSchema.NAME), Client.key(key).storeKey());
    RegisterRow<ObjectState> row =
        RegisterRow.codec(ObjectState.CODEC).decode(java.util.Objects.requireNonNull(value));
    return ((ObjectState.Present) java.util.Objects.requireNonNull(row.version())).id(row.id());
  }

  /** The present one is written again as an old one's tags change: that replica takes it, too. */
  @ParameterizedTest
  @EnumSource(
      value = Versioning.class,
      names = {"ENABLED", "SUSPENDED"})
  void whatDidNotTakeEffectIsNoOldVersionWhereThePresentOneIsWrittenAgain(Versioning versioning) {
    for (int alone = 0; alone < 3; alone++) {
      int which = alone;
      ModelCluster.run(
          6,
          3,
          cluster -> {
            Client client = new Client(cluster.nodes.get((which + 1) % 3));
            VersionId zero = client.put("a", Versioning.ENABLED, "zero");
            client.put("a", Versioning.ENABLED, "one");
            Client cut = new Client(cluster.nodes.get(which));
            cluster.isolate(cluster.nodes.get(which));
            assertThrows(GarageException.class, () -> cut.put("a", versioning, "in vain"));
            again(cluster, client, zero);
            settle(cluster);
            for (ModelCluster.Node node : cluster.nodes) {
              assertEquals(List.of("a*one", "a zero"), new Client(node).history("a"));
            }
            assertEquals(counts(2, 7), count(cluster, which));
          });
    }
  }

  @Test
  void whatDidNotTakeEffectIsNoOldVersionWhereTheLastVersionIsRemoved() {
    for (int alone = 0; alone < 3; alone++) {
      int which = alone;
      ModelCluster.run(
          6,
          3,
          cluster -> {
            ModelCluster.Node node = cluster.nodes.get((which + 1) % 3);
            Client client = new Client(node);
            VersionId one = client.put("a", Versioning.ENABLED, "one");
            Client cut = new Client(cluster.nodes.get(which));
            cluster.isolate(cluster.nodes.get(which));
            assertThrows(GarageException.class, () -> cut.put("a", Versioning.ENABLED, "in vain"));
            client.remove("a", one);
            cluster.heal();
            cluster.isolate(cluster.nodes.get((which + 2) % 3)); // the other two must agree
            assertEquals(Optional.empty(), client.get("a"));
            settle(cluster);
            assertEquals(List.of(), client.history("a"));
            assertEquals(counts(0, 0), count(cluster, which));
          });
    }
  }

  /** A node that has not heard yet that versions are kept deletes without a marker. */
  @Test
  void aVersionThatIsDeletedAsIfNoneWereKeptIsAnOldOne() {
    ModelCluster.run(
        7,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          VersionId one = client.put("a", Versioning.ENABLED, "one");
          client.delete("a");
          assertEquals(Optional.empty(), client.get("a"));
          assertEquals(Optional.of("one"), client.get("a", one));
          assertEquals(List.of("a one"), client.history("a"));
        });
  }

  @Test
  void anObjectWhoseDeletionOneReplicaMissedIsNotListedAsAVersion() {
    for (int stale = 0; stale < 3; stale++) {
      int which = stale;
      ModelCluster.run(
          5,
          3,
          cluster -> {
            Client client = new Client(cluster.nodes.get((which + 1) % 3));
            client.put("a", "deleted");
            cluster.isolate(cluster.nodes.get(which));
            client.delete("a");
            cluster.heal();
            for (ModelCluster.Node node : cluster.nodes) {
              assertEquals(List.of(), new Client(node).history(""));
            }
          });
    }
  }

  /** Whoever missed the deletion of an object must not bring it back as an old version. */
  @Test
  void whatWasDeletedBeforeVersionsWereKeptIsNoVersion() {
    for (int stale = 0; stale < 3; stale++) {
      int which = stale;
      ModelCluster.run(
          5,
          3,
          cluster -> {
            ModelCluster.Node missed = cluster.nodes.get(which);
            ModelCluster.Node writer = cluster.nodes.get((which + 1) % 3);
            Client client = new Client(writer);
            client.put("a", "deleted");
            cluster.isolate(missed);
            client.delete("a");
            cluster.heal();
            client.put("a", Versioning.ENABLED, "one");
            client.put("a", Versioning.ENABLED, "two");
            for (ModelCluster.Node node : cluster.nodes) {
              assertEquals(List.of("a*two", "a one"), new Client(node).history(""));
              assertEquals(Optional.empty(), new Client(node).get("a", VersionId.NULL));
            }
          });
    }
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
                ids[i] = new Client(writer).put("a", Versioning.ENABLED, "v" + i);
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
              for (ModelCluster.Node node : cluster.nodes) {
                assertEquals(List.of("a*v0"), new Client(node).history(""));
              }
            });
      }
    }
  }

  @Test
  void whatIsSaidOfAnOldVersionIsSaidOfThatVersionForGood() {
    ModelCluster.run(
        7,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          Client other = new Client(cluster.nodes.getLast());
          VersionId one = client.put("a", Versioning.ENABLED, "one");
          VersionId two = client.put("a", Versioning.ENABLED, "two");
          List<Tag> tags = List.of(new Tag("k", "v"));
          client.objects().annotate(Client.key("a"), one, a -> a.withTags(tags), client.deadline());
          assertEquals(tags, tags(other, one));
          assertEquals(List.of(), tags(other, two));
          assertEquals(List.of("a*two", "a one"), other.history(""));
          other.remove("a", two);
          assertEquals(tags, tags(client, one), "the present one again");
          client
              .objects()
              .annotate(Client.key("a"), one, a -> a.withTags(List.of()), client.deadline());
          VersionId three = other.put("a", Versioning.ENABLED, "three");
          assertEquals(List.of(), tags(client, one));
          assertEquals(Optional.of("one"), client.get("a", one));
          assertEquals(Optional.of("three"), client.get("a", three));
        });
  }

  private static List<Tag> tags(Client client, VersionId id) {
    return ((Objects.Found) client.objects().version(Client.key("a"), id, false, client.deadline()))
        .object()
        .annotations()
        .tags();
  }

  /** A listing takes several pages where a key has more versions than one, and where keys have. */
  @Test
  void aListingOfManyVersionsIsWholeAndGoesOnAnywhere() {
    ModelCluster.run(
        8,
        1,
        cluster -> {
          Client client = new Client(cluster.first());
          client.put("k\0", "null");
          List<String> expected = new ArrayList<>();
          for (int i = 0; i < 1_300; i++) {
            client.put("k\0", Versioning.ENABLED, "v" + i);
            expected.addFirst((i == 1_299 ? "k\0*v" : "k\0 v") + i);
          }
          expected.add("k\0 null");
          client.put("k", "before");
          client.put("l", Versioning.ENABLED, "after");
          expected.addFirst("k*before");
          expected.add("l*after");
          assertEquals(expected, client.history(""));
          List<VersionScan.Listed> all = client.versions("k\0");
          for (int at : new int[] {0, 500, 1_299, 1_300}) {
            try (VersionScan.Cursor cursor =
                client.objects().versions(Client.BUCKET, "", client.deadline())) {
              cursor.seekAfter("k\0", all.get(at).id());
              var next = java.util.Objects.requireNonNull(cursor.next());
              assertEquals(at == 1_300 ? "l" : "k\0", next.key());
              assertEquals(at == 1_300 ? next.id() : all.get(at + 1).id(), next.id());
            }
          }
        });
  }

  @Test
  void aNodePassesOverWhatAPrefixHides() {
    ModelCluster.run(
        9,
        3,
        cluster -> {
          Client client = new Client(cluster.first());
          for (String key : List.of("a", "d/1", "d/1", "d/1", "d/2", "d/2", "e/1", "f")) {
            client.put(key, Versioning.ENABLED, "x");
          }
          client.mark("e/1", Versioning.ENABLED);
          assertEquals(List.of("a", "d/1", "e/1", "f"), grouped(client, false));
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4})
  void aPrefixIsListedIfAndOnlyIfAVersionIsBehindIt(int nodes) {
    for (int seed = 1; seed <= 25; seed++) {
      String which = "seed " + seed;
      ModelCluster.run(
          seed,
          nodes,
          cluster -> {
            RandomSource random = cluster.simulation.random();
            for (int i = 0; i < 40; i++) {
              cluster.isolate(cluster.nodes.get(random.nextInt(nodes)));
              Client client = new Client(reachable(cluster));
              change(client, "abc".charAt(random.nextInt(3)) + "/" + random.nextInt(3), random);
              cluster.heal();
              Client reader = new Client(cluster.nodes.get(random.nextInt(nodes)));
              List<String> groups =
                  reader.versions("").stream()
                      .map(v -> v.key().substring(0, 1))
                      .distinct()
                      .toList();
              assertEquals(
                  groups,
                  grouped(reader, true).stream().map(key -> key.substring(0, 1)).toList(),
                  which);
            }
          });
    }
  }

  private static ModelCluster.Node reachable(ModelCluster cluster) {
    return cluster.nodes.stream().filter(n -> !cluster.isIsolated(n)).findFirst().orElseThrow();
  }

  private static void change(Client client, String key, RandomSource random) {
    switch (random.nextInt(5)) {
      case 0 -> client.put(key, Versioning.ENABLED, "x");
      case 1 -> client.mark(key, Versioning.ENABLED);
      default -> {
        List<VersionScan.Listed> there = client.versions(key);
        if (!there.isEmpty()) {
          client.remove(key, there.get(random.nextInt(there.size())).id());
        }
      }
    }
  }

  /** The keys shown of a listing with a delimiter, perhaps going on behind each prefix. */
  private static List<String> grouped(Client client, boolean seeks) {
    List<String> keys = new ArrayList<>();
    Objects.Span span = new Objects.Span("", "/", 10);
    try (VersionScan.Cursor cursor =
        client.objects().versions(Client.BUCKET, span, client.deadline())) {
      for (var next = cursor.next(); next != null; next = cursor.next()) {
        keys.add(next.key());
        if (seeks) {
          cursor.seek(next.key().charAt(0) + "0"); // the first key behind the prefix
        }
      }
    }
    return keys;
  }

  @Test
  void anIdIsReadBackFromItsTextAndNothingElseIs() {
    VersionId id = new VersionId(new Timestamp(5, -3, 2));
    assertEquals(Optional.of(id), VersionId.parse(id.text()));
    assertEquals(Optional.of(VersionId.NULL), VersionId.parse("null"));
    for (String other : List.of("", "x", id.text() + "0", id.text().substring(1), "f".repeat(40))) {
      assertEquals(Optional.empty(), VersionId.parse(other), other);
    }
  }

  @Test
  void rowsOfVersionsMergeByTheLaws() {
    for (VersionId id : List.of(VersionId.NULL, new VersionId(new Timestamp(7, 1, 1)))) {
      CrdtLaws.check(
          "version row",
          300,
          g -> {
            Timestamp order = g.timestamp();
            if (g.bool()) {
              return id.isNull() || g.bool()
                  ? VersionRow.removed(Client.key("a"), id, order)
                  : VersionRow.renamed(Client.key("a"), id, order);
            }
            Timestamp written = id.written() == null ? order : id.written();
            var kept =
                new VersionRow.Kept(
                    written, new ObjectVersion.DeleteMarker("o", 1), ByteBuffer.allocate(0));
            return VersionRow.kept(Client.key("a"), id, order, kept);
          },
          VersionRow::merge);
    }
  }

  static void settle(ModelCluster cluster) {
    for (int round = 0; round < 4; round++) {
      cluster.nodes.forEach(ModelCluster.Node::work);
      cluster.simulation.clock().sleep(Duration.ofMinutes(11));
    }
  }

  static BucketCounters.Counts counts(long objects, long bytes) {
    return new BucketCounters.Counts(objects, bytes, 0);
  }

  static BucketCounters.Counts count(ModelCluster cluster, int node) {
    ModelCluster.Node asked = cluster.nodes.get(node % cluster.nodes.size());
    assertTrue(asked.machine.isRunning(), "a node that is asked runs");
    return asked.model().counters().read(Client.BUCKET, asked, asked.deadline());
  }
}
