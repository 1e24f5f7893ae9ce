package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;

import garage.common.env.RandomSource;
import garage.model.ModelCluster;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listings of the versions of many keys: in pages, from any place, and behind a delimiter. */
final class VersionListingTest {
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
    Client.withThree((_, client) -> {
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
}
