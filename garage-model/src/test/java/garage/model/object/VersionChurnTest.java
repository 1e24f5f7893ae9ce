package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.model.ModelCluster;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Versions of one key, written with and without ids, one after the other, by a node that may be cut
 * off: what was acknowledged is there, and the present one is the first that is listed.
 */
final class VersionChurnTest {
  private static final int SEEDS = Integer.getInteger("seeds", 20);
  private static final long SEED = Long.getLong("seed", 1);
  private static final int OPERATIONS = 14;
  private static final String REMOVED = "removed";

  @Test
  void whatWasAcknowledgedIsThere() {
    for (long seed = SEED; seed < SEED + SEEDS; seed++) {
      try {
        ModelCluster.run(seed, 3, cluster -> new Run(cluster).run());
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static final class Run {
    private final ModelCluster cluster;
    private final RandomSource random;

    /** Those with ids that were acknowledged, and whose removal was not begun. */
    private final Set<VersionId> named = new LinkedHashSet<>();

    /** What the one without an id may be: the last acknowledged, or any of unknown outcome. */
    private final Set<String> perhaps = new HashSet<>();

    private Optional<String> ofNull = Optional.empty();
    private final List<String> log = new ArrayList<>();

    Run(ModelCluster cluster) {
      this.cluster = cluster;
      this.random = cluster.simulation.random();
    }

    void run() {
      for (int i = 0; i < OPERATIONS; i++) {
        if (random.nextInt(3) == 0) {
          cluster.heal();
        } else if (random.nextInt(2) == 0) {
          cluster.heal();
          cluster.isolate(cluster.nodes.get(random.nextInt(3)));
        }
        operation(new Client(cluster.nodes.get(random.nextInt(3))), "v" + i);
        if (random.nextInt(3) == 0) {
          cluster.heal();
          look();
        }
        if (random.nextInt(8) == 0) {
          cluster.heal();
          cluster.settle();
        }
      }
      cluster.heal();
      look();
      cluster.settle();
      look();
      Client client = new Client(cluster.first());
      named.add(client.put("a", Versioning.ENABLED, "last"));
      cluster.settle();
      look();
      List<String> history = client.history("a");
      for (Client reader : Client.ofAll(cluster)) {
        assertEquals(history, reader.history("a"), log::toString);
      }
      assertEquals(history.size(), client.counts().objects(), () -> history + " " + log);
    }

    private void operation(Client client, String value) {
      int what = random.nextInt(10);
      String said = what + " " + value + cluster.nodes.stream().map(cluster::isIsolated).toList();
      try {
        switch (what) {
          case 0, 1, 2 -> named.add(client.put("a", Versioning.ENABLED, value));
          case 3, 4, 5 -> {
            perhaps.add(value);
            client.put("a", Versioning.SUSPENDED, value);
            ofNull = Optional.of(value);
            perhaps.remove(value);
          }
          case 6 -> {
            perhaps.add(REMOVED);
            client.remove("a", VersionId.NULL);
            ofNull = Optional.empty();
            perhaps.remove(REMOVED);
          }
          case 7, 8 -> {
            for (VersionScan.Listed old : client.versions("a")) {
              if (!old.latest()) {
                client.annotate("a", old.id(), now -> now);
                break;
              }
            }
          }
          default -> {
            for (VersionScan.Listed latest : client.versions("a")) {
              if (!latest.id().isNull()) {
                named.remove(latest.id());
                client.remove("a", latest.id());
              }
              break;
            }
          }
        }
        log.add(said);
      } catch (GarageException e) {
        log.add(said + "?");
      }
    }

    private void look() {
      for (Client reader : Client.ofAll(cluster)) {
        List<VersionScan.Listed> listed = reader.versions("a");
        String all = reader.history("a") + " " + log;
        for (int i = 0; i < listed.size(); i++) {
          assertEquals(i == 0, listed.get(i).latest(), all);
        }
        assertTrue(listed.stream().map(VersionScan.Listed::id).toList().containsAll(named), all);
        Optional<String> seen = reader.get("a", VersionId.NULL);
        boolean may = seen.equals(ofNull) || perhaps.contains(seen.orElse(REMOVED));
        assertTrue(may, () -> seen + " " + ofNull + " " + all);
      }
    }
  }
}
