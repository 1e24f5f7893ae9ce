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
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Lets one fault after the other befall three nodes under load, and then one change of layout after
 * the other a cluster made for it. What follows each, {@link Trial} says.
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
    List<Outcome> outcomes = new ArrayList<>();
    System.out.println("seed " + seed + "\n\n" + Outcome.HEADING.strip());
    List<Fault> shared = faults.stream().filter(fault -> !needsOwnCluster(fault)).toList();
    if (!shared.isEmpty()) {
      befall("cluster", Nodes.Shape.THREE, shared, outcomes);
    }
    for (Fault fault : faults) {
      if (needsOwnCluster(fault)) {
        String home = "cluster-" + fault.name().toLowerCase(Locale.ROOT);
        befall(home, fault.shape(), List.of(fault), outcomes);
      }
    }
    return outcomes.stream().allMatch(Outcome::passed) ? 0 : 1;
  }

  /** What changes a layout begins with one of its own; and what others store fits no small disk. */
  private static boolean needsOwnCluster(Fault fault) {
    return fault.changesLayout() || fault == Fault.FULL_DISK;
  }

  /** Makes a cluster and lets these faults befall it, one after the other. */
  private void befall(String home, Nodes.Shape shape, List<Fault> which, List<Outcome> outcomes)
      throws IOException, InterruptedException {
    Nodes nodes = new Nodes(script, directory.toAbsolutePath().resolve(home), port);
    Thread interrupted = new Thread(() -> end(nodes)); // nodes outlive who started them
    Runtime.getRuntime().addShutdownHook(interrupted);
    try (Scene scene = new Scene(nodes, directory, new Random(seed))) {
      if (which.contains(Fault.FULL_DISK)) {
        mountSmallDisk(nodes);
      }
      nodes.make(shape);
      for (Fault fault : which) {
        Outcome outcome = new Trial(fault, scene, clients, seconds, patience, seed).run();
        outcomes.add(outcome);
        System.out.println(outcome.markdown());
        explain(outcome);
        write(outcomes);
      }
    } finally {
      end(nodes);
      Runtime.getRuntime().removeShutdownHook(interrupted);
    }
  }

  private void mountSmallDisk(Nodes nodes) throws IOException, InterruptedException {
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

  private void end(Nodes nodes) {
    for (int k = 1; k <= Nodes.MAX; k++) {
      try {
        nodes.run("kill", "" + k);
      } catch (IllegalStateException e) {
        // it does not run
      }
    }
    for (Path directory : mounted) {
      try {
        new ProcessBuilder("umount", directory.toString()).inheritIO().start().waitFor();
      } catch (IOException | InterruptedException e) {
        System.err.println(directory + " is still mounted: " + e);
      }
    }
    mounted.clear();
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
}
