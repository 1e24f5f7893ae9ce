package garage.server.it;

import static garage.server.it.ClusterUnderTest.BUCKET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * What an operator does to a cluster in the course of years, in a minute and under load: a node is
 * added, a dead one replaced, one removed. Clients, with the SDK's own retries, see no error;
 * nothing is lost.
 */
class LayoutChangeTest {
  private static final int CLIENTS = 3;

  /** Each command of the operator lets clients go on, so that there is load as long as it takes. */
  private static final int OPERATIONS_PER_COMMAND = 10;

  private static final int OPERATIONS_PER_UPLOAD = 100;
  private static final int PATIENCE_SECONDS = 240;

  private static final long SEED = Long.getLong("test.seed", 20_261_122L);

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  private final AtomicBoolean done = new AtomicBoolean();
  private final Semaphore permits = new Semaphore(OPERATIONS_PER_COMMAND);

  @Test
  void clientsDoNotNoticeChangesOfTheLayout() {
    System.out.println("LayoutChangeTest runs with -Dtest.seed=" + SEED);
    List<LoadClient> loads = loads();
    try (ClusterUnderTest cluster = ClusterUnderTest.start(directory, 3);
        S3Client first = cluster.client(1);
        S3Client second = cluster.client(2)) {
      List<Runnable> tasks = new ArrayList<>();
      for (LoadClient load : loads) {
        S3Client s3 = loads.indexOf(load) % 2 == 0 ? first : second;
        tasks.add(() -> {
          while (mayGoOn()) {
            load.run(s3, 1, () -> {});
          }
        });
      }
      tasks.add(() -> {
        try {
          operate(cluster);
        } finally {
          done.set(true);
          permits.release(CLIENTS);
        }
      });
      try {
        InParallel.run(tasks, Runnable::run);
        for (int k : List.of(1, 2, 5)) {
          try (S3Client s3 = cluster.client(k)) {
            verify(s3, loads);
          }
        }
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(e + "\n" + cluster.logs(), e);
      }
    }
  }

  private boolean mayGoOn() {
    permits.acquireUninterruptibly();
    return !done.get();
  }

  private Output garage(ClusterUnderTest cluster, int node, String... command) {
    permits.release(OPERATIONS_PER_COMMAND);
    return cluster.garage(node, command);
  }

  private void operate(ClusterUnderTest cluster) {
    assertEquals(4, cluster.add()); // it gets a role, too
    assertEquals(5, cluster.add("--only", "5")); // it gets none
    String dead = id(cluster, 3);
    awaitHistory(cluster, "The cluster is stable");

    cluster.kill(3);
    stage(cluster, "assign", id(cluster, 5), "--replace", dead);
    apply(cluster, "The cluster is stable");

    stage(cluster, "remove", id(cluster, 4));
    apply(cluster, "The cluster is stable");
  }

  /** The identity of a node, as soon as it has one. */
  private String id(ClusterUnderTest cluster, int node) {
    long until = end();
    while (true) {
      Output output = garage(cluster, node, "node", "id", "-q");
      if (output.exitCode() == 0) {
        return output.succeeded().strip().replaceAll("@.*", "");
      }
      assertTrue(System.nanoTime() < until, output.toString());
    }
  }

  /** Nodes may have to find each other first. */
  private void stage(ClusterUnderTest cluster, String... words) {
    List<String> command = new ArrayList<>(List.of("layout"));
    command.addAll(List.of(words));
    long until = end();
    Output output = garage(cluster, 1, command.toArray(String[]::new));
    while (output.exitCode() != 0) {
      assertTrue(System.nanoTime() < until, output.toString());
      output = garage(cluster, 1, command.toArray(String[]::new));
    }
  }

  /** Applies what is staged, and waits until the history says so. */
  private void apply(ClusterUnderTest cluster, String complete) {
    String shown = garage(cluster, 1, "layout", "show").succeeded();
    String version = shown.replaceAll("(?s).*layout apply --version (\\d+).*", "$1");
    garage(cluster, 1, "layout", "apply", "--version", version).succeeded();
    awaitHistory(cluster, complete);
  }

  private void awaitHistory(ClusterUnderTest cluster, String text) {
    long until = end();
    String history = "";
    while (!history.contains(text)) {
      history = garage(cluster, 1, "layout", "history").succeeded();
      if (System.nanoTime() > until) {
        fail("not complete in time:\n" + history);
      }
    }
  }

  private static long end() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
  }

  private static List<LoadClient> loads() {
    Random random = new Random(SEED);
    List<LoadClient> loads = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      loads.add(
          new LoadClient(BUCKET, "moved/" + i + "/", random.nextLong(), OPERATIONS_PER_UPLOAD));
    }
    return loads;
  }

  private static void verify(S3Client s3, List<LoadClient> loads) {
    InParallel.run(loads, load -> load.verify(s3));
    Map<String, Long> listed = new TreeMap<>();
    for (S3Object object : s3.listObjectsV2Paginator(b -> b.bucket(BUCKET)).contents()) {
      listed.put(object.key(), object.size());
    }
    loads.forEach(load -> load.verifyListed(listed));
    assertEquals(Map.of(), listed);
  }
}
