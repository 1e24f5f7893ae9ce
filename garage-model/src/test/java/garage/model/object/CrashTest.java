package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.db.KeyRange;
import garage.db.Scan;
import garage.model.ModelCluster;
import garage.model.counter.BucketCounters;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The power goes at each commit of a request in turn. After the start that follows and its recovery
 * the object is as before the request or as after it, as after it if that was answered, and nothing
 * is kept that nothing refers to.
 */
final class CrashTest {
  /** More commits than any of these requests makes. */
  private static final int COMMITS_MAX = 60;

  static Stream<Arguments> requests() {
    return Stream.of(
        request("a first object", _ -> {}, c -> c.putBlocks("a", "one two"), "", "onetwo"),
        request(
            "blocks over blocks",
            c -> c.putBlocks("a", "one two"),
            c -> c.putBlocks("a", "three two four"),
            "onetwo",
            "threetwofour"),
        request(
            "bytes over blocks",
            c -> c.putBlocks("a", "one two"),
            c -> c.put("a", "small"),
            "onetwo",
            "small"),
        request("a deletion", c -> c.putBlocks("a", "one two"), c -> c.delete("a"), "onetwo", ""),
        request("an upload", _ -> {}, CrashTest::upload, "", "onetwothree"),
        request(
            "an upload over another",
            CrashTest::upload,
            c -> {
              Upload upload = c.begin("a");
              c.complete(upload, List.of(c.part(upload, 1, "four")));
            },
            "onetwothree",
            "four"),
        request(
            "an abort",
            _ -> {},
            c -> {
              Upload upload = c.begin("a");
              c.part(upload, 1, "four");
              c.abort(upload);
            },
            "",
            ""),
        request(
            "an abort of a completion",
            _ -> {},
            c -> {
              Upload upload = c.begin("a");
              c.start(upload, List.of(c.part(upload, 1, "four")));
              c.abort(upload);
            },
            "",
            ""));
  }

  private static Arguments request(
      String name, Consumer<Client> before, Consumer<Client> request, String was, String becomes) {
    return Arguments.of(name, before, request, was, becomes);
  }

  private static void upload(Client client) {
    Upload upload = client.begin("a");
    Part first = client.part(upload, 1, "one two");
    client.part(upload, 2, "not chosen");
    client.complete(upload, List.of(first, client.part(upload, 2, "three")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void aCrashAtAnyCommitLosesNothingAndLeaksNothing(
      String name, Consumer<Client> before, Consumer<Client> request, String was, String becomes) {
    int commits = 0;
    boolean done = false;
    while (!done) {
      boolean[] answered = {false};
      int at = commits++;
      assertTrue(at < COMMITS_MAX, name + " comes to no end");
      ModelCluster.run(
          1 + at,
          1,
          cluster -> {
            ModelCluster.Node node = cluster.first();
            node.runs(() -> before.accept(new Client(node)));
            node.crashAfter(at);
            try {
              node.runs(() -> request.accept(new Client(node)));
              answered[0] = true;
              node.powerOff();
            } catch (ModelCluster.PowerLost e) {
              cluster.simulation.note("crashed as told");
            }
            node.restart();
            settle(cluster);
            check(node, answered[0] ? List.of(becomes) : List.of(was, becomes));
          });
      done = answered[0];
    }
    assertTrue(commits > 1, "it was crashed");
  }

  /** Aborts what a client would abort, and lets the background work come to its end. */
  private static void settle(ModelCluster cluster) {
    ModelCluster.Node node = cluster.first();
    node.work();
    Client client = new Client(node);
    client.uploadsInProgress().forEach(client::abort);
    cluster.settle();
  }

  private static void check(ModelCluster.Node node, List<String> allowed) {
    Client client = new Client(node);
    Optional<String> object = client.get("a");
    assertTrue(allowed.contains(object.orElse("")), () -> object + " is not of " + allowed);
    Optional<Objects.Found> found = client.objects().head(Client.key("a"), client.deadline());
    assertEquals(0, rows(node, ObjectData.PENDING_TREE), "pending data");
    assertEquals(0, rows(node, ReleaseQueue.TREE), "releases");
    long blocks =
        object
            .map(o ->
                switch (o) {
                  case "onetwo" -> 2L;
                  case "onetwothree", "threetwofour" -> 3L;
                  case "four" -> 1L;
                  default -> 0L;
                })
            .orElse(0L);
    assertEquals(blocks, node.blocks().count(), "blocks");
    assertEquals(blocks, rows(node, DataBlock.Schema.NAME), "rows of block lists");
    long parts =
        found
            .map(f -> f.object().content() instanceof Content.Parts p ? (long) p.count() : 0L)
            .orElse(0L);
    assertEquals(parts, rows(node, Part.Schema.NAME), "rows of parts");
    long size = found.map(f -> f.object().size()).orElse(0L);
    assertEquals(new BucketCounters.Counts(found.isPresent() ? 1 : 0, size, 0), client.counts());
  }

  private static long rows(ModelCluster.Node node, String tree) {
    long rows = 0;
    try (Scan scan = node.store().scan(node.store().tree(tree), KeyRange.all())) {
      while (scan.next() != null) {
        rows++;
      }
    }
    return rows;
  }
}
