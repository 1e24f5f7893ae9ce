package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;

import garage.common.time.Timestamp;
import garage.model.ModelCluster;
import garage.model.counter.BucketCounters;
import garage.testkit.property.CrdtLaws;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
          Client other = new Client(cluster.last());
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
          assertEquals(new BucketCounters.Counts(4, 16, 0), client.counts());
        });
  }

  @Test
  void removingThePresentVersionBringsTheOneBeforeItBack() {
    Client.withThree((cluster, client) -> {
      Client other = new Client(cluster.last());
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
      cluster.settle();
      assertEquals(new BucketCounters.Counts(0, 0, 0), other.counts());
      assertEquals(0, cluster.blocks.count(), "what is removed is given back");
    });
  }

  @Test
  void theDataOfAnOldVersionIsKeptAndReadWholeUntilItIsRemoved() {
    Client.withThree((cluster, client) -> {
      VersionId old = client.putBlocks("a", Versioning.ENABLED, "of three blocks");
      Upload upload = client.begin("a");
      List<Part> parts = List.of(client.part(upload, 1, "part"));
      client.publish(client.started(upload, parts), parts, Versioning.ENABLED);
      VersionId assembled = client.versions("a").getFirst().id();
      client.put("a", Versioning.ENABLED, "last");
      cluster.settle();
      Client other = new Client(cluster.last());
      assertEquals(Optional.of("ofthreeblocks"), other.get("a", old));
      assertEquals(Optional.of("part"), other.get("a", assembled));
      other.remove("a", old, assembled);
      cluster.settle();
      assertEquals(0, cluster.blocks.count());
      assertEquals(new BucketCounters.Counts(1, 4, 0), other.counts());
    });
  }

  @Test
  void withVersioningSuspendedTheVersionWithoutAnIdIsReplacedWhereverItIs() {
    Client.withThree((cluster, client) -> {
      Client other = new Client(cluster.last());
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
      cluster.settle();
      assertEquals(0, cluster.blocks.count());
      assertEquals(new BucketCounters.Counts(2, 7, 0), client.counts());
    });
  }

  @Test
  void whatTheVersionWithoutAnIdTookThePlaceOfIsGivenBackWhileThatIsThePresentOne() {
    Client.withThree((cluster, client) -> {
      Client other = new Client(cluster.last());
      client.putBlocks("a", "before that");
      client.put("a", Versioning.ENABLED, "one");
      client.put("a", Versioning.SUSPENDED, "two");
      assertEquals(new BucketCounters.Counts(2, 6, 0), client.counts());
      cluster.settle();
      assertEquals(0, cluster.blocks.count());
      cluster.simulation.clock().sleep(Duration.ofDays(2));
      cluster.settle();
      for (ModelCluster.Node node : cluster.nodes) {
        var rows = node.store().tree(VersionSchema.NAME);
        assertEquals(1, node.store().approximateCount(rows), "its tombstone is collected");
      }
      assertEquals(List.of("a*two", "a one"), other.history(""));
      client.remove("a", VersionId.NULL);
      assertEquals(List.of("a*one"), other.history(""));
      client.removeLatest("a");
      cluster.settle();
      assertEquals(new BucketCounters.Counts(0, 0, 0), other.counts());
    });
  }

  /** A node that has not heard yet that versions are kept deletes without a marker. */
  @Test
  void aVersionThatIsDeletedAsIfNoneWereKeptIsAnOldOne() {
    Client.withThree((_, client) -> {
      VersionId one = client.put("a", Versioning.ENABLED, "one");
      client.delete("a");
      assertEquals(Optional.empty(), client.get("a"));
      assertEquals(Optional.of("one"), client.get("a", one));
      assertEquals(List.of("a one"), client.history("a"));
    });
  }

  @Test
  void whatIsSaidOfAnOldVersionIsSaidOfThatVersionForGood() {
    Client.withThree((cluster, client) -> {
      Client other = new Client(cluster.last());
      VersionId one = client.put("a", Versioning.ENABLED, "one");
      VersionId two = client.put("a", Versioning.ENABLED, "two");
      List<Tag> tags = List.of(new Tag("k", "v"));
      client.annotate("a", one, now -> now.withTags(tags));
      assertEquals(tags, tags(other, one));
      assertEquals(List.of(), tags(other, two));
      assertEquals(List.of("a*two", "a one"), other.history(""));
      other.remove("a", two);
      assertEquals(tags, tags(client, one), "the present one again");
      client.annotate("a", one, now -> now.withTags(List.of()));
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
}
