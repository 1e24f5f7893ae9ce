package garage.benchmarks.chaos;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Lets one fault after the other befall three nodes under load. After each: everything that was
 * acknowledged is read through every node, and then of every node alone. For the latter the nodes
 * are stopped and started one at a time, as ones that read what they have themselves ({@code
 * consistency_mode = "dangerous"}): with three copies on three nodes each must have everything.
 */
@Command(name = "chaos", mixinStandardHelpOptions = true, showDefaultValues = true)
final class ChaosCommand implements Callable<Integer> {
  @Option(names = "--script", required = true, hidden = true)
  Path script = Path.of("");

  @Option(names = "--dir", required = true, description = "Where the nodes keep what they have")
  Path directory = Path.of("");

  @Option(names = "--port", description = "The first of the nodes' ports")
  int port = 3900;

  @Option(names = "--faults", split = ",", description = "Of: ${COMPLETION-CANDIDATES}")
  List<Fault> faults = Arrays.asList(Fault.values());

  @Option(names = "--clients", description = "Clients at work")
  int clients = 8;

  @Option(names = "--seconds", description = "How long there is load before, during and after each")
  double seconds = 10;

  @Option(names = "--patience", description = "Seconds until every replica must be complete")
  int patience = 900;

  @Option(names = "--seed", description = "For the load and the places of faults")
  long seed = System.nanoTime();

  @Option(names = "--report", description = "A file for the report")
  @Nullable Path report;

  @Option(names = "--json", description = "A file for it as lines of JSON")
  @Nullable Path json;

  private final List<Path> mounted = new ArrayList<>();

  /** The process ends with 1 if anything was lost, wrong or not repaired. */
  public static void main(String[] arguments) {
    CommandLine line =
        new CommandLine(new ChaosCommand()).setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(line.execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Files.createDirectories(directory);
    Path home = directory.toAbsolutePath().resolve("cluster");
    Nodes nodes = new Nodes(script, home, port);
    List<Outcome> outcomes = new ArrayList<>();
    System.out.println("seed " + seed + "\n\n" + Outcome.HEADING.strip());
    try (Scene scene = new Scene(nodes, directory, new Random(seed))) {
      mountForFullDisk(nodes);
      nodes.make();
      for (Fault fault : faults) {
        Outcome outcome = befall(fault, scene);
        outcomes.add(outcome);
        System.out.println(outcome.markdown());
        explain(outcome);
      }
    } finally {
      end(nodes);
    }
    write(outcomes);
    return outcomes.stream().allMatch(Outcome::passed) ? 0 : 1;
  }

  private void mountForFullDisk(Nodes nodes) throws IOException, InterruptedException {
    if (!faults.contains(Fault.FULL_DISK)) {
      return;
    }
    Path data = Files.createDirectories(nodes.files(3).resolve("data"));
    int exit =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=600m", "tmpfs", data.toString())
            .inheritIO()
            .start()
            .waitFor();
    if (exit != 0) {
      throw new IOException("a small disk cannot be mounted: be root, or leave out full_disk");
    }
    mounted.add(data);
  }

  private void end(Nodes nodes) throws IOException, InterruptedException {
    for (int k : Nodes.all()) {
      try {
        nodes.run("kill", "" + k);
      } catch (IllegalStateException e) {
        // it does not run
      }
    }
    for (Path directory : mounted) {
      new ProcessBuilder("umount", directory.toString()).inheritIO().start().waitFor();
    }
  }

  private Outcome befall(Fault fault, Scene scene) throws InterruptedException {
    String prefix = fault.name().toLowerCase(Locale.ROOT) + "/";
    Nodes nodes = scene.nodes();
    Workload load = new Workload(clients, prefix, seed ^ fault.name().hashCode());
    List<Store> stores = nodes.stores(fault.clientsAt());
    load.start(stores);
    pause(seconds);
    double before = load.percentileMillis(0.99);
    double during;
    Set<String> wrong = new TreeSet<>();
    try {
      fault.begin(scene);
      for (int i = 0; i < seconds; i++) {
        fault.during(scene);
        pause(1);
      }
      during = load.percentileMillis(0.99);
      fault.end(scene);
    } finally {
      if (!fault.clientsSeeIt()) {
        pause(seconds / 2);
      }
      load.stop();
    }
    long end = System.nanoTime();
    nodes.mend();
    wrong.addAll(load.wrong());
    for (int k : Nodes.all()) {
      for (String problem : load.verify(nodes.store(k), prefix)) {
        wrong.add("through node " + k + ": " + problem);
      }
    }
    Set<String> missing = wrong.isEmpty() ? awaitReplicas(load, prefix, nodes, end) : Set.of();
    double complete = missing.isEmpty() && wrong.isEmpty() ? (System.nanoTime() - end) / 1e9 : -1;
    load.errors().stream().limit(3).forEach(error -> scene.note("error: " + error));
    return new Outcome(
        fault,
        load.operations(),
        stores.stream().mapToLong(Store::retries).sum(),
        load.errorCount(),
        before,
        during,
        wrong,
        complete,
        missing,
        scene.takeNotes());
  }

  /**
   * Looks at each node alone, less and less often, until nothing is missing or it took too long.
   */
  private Set<String> awaitReplicas(Workload load, String prefix, Nodes nodes, long since)
      throws InterruptedException {
    double wait = 10;
    while (true) {
      pause(wait);
      Set<String> missing = lookAtEachAlone(load, prefix, nodes);
      if (missing.isEmpty() || (System.nanoTime() - since) / 1e9 > patience) {
        return missing;
      }
      wait = Math.min(wait * 2, 120);
    }
  }

  private static Set<String> lookAtEachAlone(Workload load, String prefix, Nodes nodes)
      throws InterruptedException {
    Set<String> missing = new TreeSet<>();
    nodes.run("stop");
    nodes.consistency("dangerous");
    try {
      for (int k : Nodes.all()) {
        nodes.startAlone(k, Map.of());
        for (String problem : load.verify(nodes.store(k, true), prefix)) {
          missing.add("on node " + k + ": " + problem);
        }
        nodes.run("stop", "" + k);
      }
    } finally {
      nodes.consistency("consistent");
    }
    nodes.mend();
    return missing;
  }

  private static void explain(Outcome outcome) {
    outcome.notes().forEach(note -> System.out.println("    " + note));
    outcome.wrong().stream().limit(10).forEach(what -> System.out.println("    WRONG " + what));
    outcome.missing().stream().limit(5).forEach(what -> System.out.println("    MISSING " + what));
  }

  private void write(List<Outcome> outcomes) throws IOException {
    if (report != null) {
      StringBuilder text = new StringBuilder("# Chaos, seed " + seed + "\n\n" + Outcome.HEADING);
      outcomes.forEach(outcome -> text.append(outcome.markdown()).append('\n'));
      for (Outcome outcome : outcomes) {
        outcome
            .notes()
            .forEach(note ->
                text.append("\n- ")
                    .append(outcome.fault().description())
                    .append(": ")
                    .append(note));
      }
      Files.writeString(report, text.append('\n'));
    }
    if (json != null) {
      try (PrintWriter lines = new PrintWriter(json.toFile(), StandardCharsets.UTF_8)) {
        outcomes.forEach(outcome -> lines.println(outcome.json()));
      }
    }
  }

  private static void pause(double seconds) throws InterruptedException {
    Thread.sleep((long) (seconds * 1000));
  }
}
