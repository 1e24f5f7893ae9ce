package garage.benchmarks.chaos;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * One fault and what becomes of a cluster under load. Afterwards everything that was acknowledged
 * is read through every node, and then of every node alone. For the latter the nodes are stopped
 * and started one at a time, as ones that read what they have themselves ({@code consistency_mode =
 * "dangerous"}): with as many copies as nodes each must have everything, else there must be as many
 * copies of each row and each block as there should be ({@link Copies}).
 */
final class Trial {
  /** First and longest wait between two looks at each node alone, in seconds. */
  private static final double LOOK_AFTER = 10;

  private static final double LOOK_AFTER_MAX = 120;

  private final Fault fault;
  private final Scene scene;
  private final Nodes nodes;
  private final Workload load;
  private final String prefix;
  private final double seconds;
  private final int patience;
  private final Set<String> wrong = new TreeSet<>();
  private double p99During;

  Trial(Fault fault, Scene scene, int clients, double seconds, int patience, long seed) {
    this.fault = fault;
    this.scene = scene;
    this.nodes = scene.nodes();
    this.prefix = fault.name().toLowerCase(Locale.ROOT) + "/";
    this.load = new Workload(clients, prefix, seed ^ fault.name().hashCode());
    this.seconds = seconds;
    this.patience = patience;
  }

  Outcome run() throws InterruptedException {
    List<Store> stores = nodes.stores(fault.clientsAt());
    load.start(stores);
    pause(seconds);
    double before = load.percentileMillis(0.99);
    try {
      befall();
    } finally {
      load.stop();
    }
    long end = System.nanoTime();
    nodes.mend();
    wrong.addAll(load.wrong());
    for (int k : nodes.all()) {
      for (String problem : load.verify(nodes.store(k), prefix)) {
        wrong.add("through node " + k + ": " + problem);
      }
    }
    Set<String> missing = wrong.isEmpty() ? awaitReplicas(end) : Set.of();
    double complete = missing.isEmpty() && wrong.isEmpty() ? (System.nanoTime() - end) / 1e9 : -1;
    load.errors().stream().limit(3).forEach(error -> scene.note("error: " + error));
    return new Outcome(
        fault,
        load.operations(),
        stores.stream().mapToLong(Store::retries).sum(),
        load.errorCount(),
        before,
        p99During,
        wrong,
        complete,
        missing,
        scene.takeNotes());
  }

  private void befall() throws InterruptedException {
    fault.begin(scene);
    long until = System.nanoTime() + patience * 1_000_000_000L;
    for (int i = 0; i < seconds || !fault.over(scene); i++) {
      fault.during(scene);
      pause(1);
      if (System.nanoTime() > until) {
        wrong.add("it was not over after " + patience + " s");
        break;
      }
    }
    p99During = load.percentileMillis(0.99);
    if (fault.loadEndsFirst()) {
      load.stop();
    }
    fault.end(scene);
    if (!fault.clientsSeeIt()) {
      pause(seconds / 2);
    }
  }

  /**
   * Looks at each node alone, less and less often, until nothing is missing or it took too long.
   */
  private Set<String> awaitReplicas(long since) throws InterruptedException {
    double wait = LOOK_AFTER;
    while (true) {
      pause(wait);
      Set<String> missing = lookAtEachAlone();
      if (missing.isEmpty() || (System.nanoTime() - since) / 1e9 > patience) {
        return missing;
      }
      wait = Math.min(wait * 2, LOOK_AFTER_MAX);
    }
  }

  private Set<String> lookAtEachAlone() throws InterruptedException {
    Set<String> missing = new TreeSet<>();
    Copies copies = new Copies(load.contents());
    boolean everywhere = nodes.copies() == nodes.storing().size();
    nodes.run("stop");
    nodes.consistency("dangerous");
    try {
      for (int k : nodes.storing()) {
        nodes.startAlone(k, Map.of());
        Store alone = nodes.store(k, true);
        if (everywhere) {
          for (String problem : load.verify(alone, prefix)) {
            missing.add("on node " + k + ": " + problem);
          }
        } else {
          copies.ask(k, alone, nodes.blocks(k));
        }
        nodes.run("kill", "" + k); // what it has no answer to it would go on with for a while
      }
    } finally {
      nodes.consistency("consistent");
    }
    if (!everywhere) {
      missing.addAll(copies.missing(nodes.copies(), fault.holdEverything()));
    }
    nodes.mend();
    return missing;
  }

  private static void pause(double seconds) throws InterruptedException {
    Thread.sleep((long) (seconds * 1000));
  }
}
