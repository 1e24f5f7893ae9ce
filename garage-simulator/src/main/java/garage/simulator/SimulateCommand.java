package garage.simulator;

import garage.simulator.check.Violation;
import garage.simulator.fault.Incident;
import garage.simulator.planted.PlantedBug;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What {@code scripts/simulate} runs: seeds one after the other, until one fails. */
public final class SimulateCommand {
  private static final String USAGE =
      """
      usage: scripts/simulate [--seeds N] [--from S] [--hours H] [--seed S [--print]]
        --seeds N   run N seeds (100)
        --from S    begin with seed S, not with one that the clock gives
        --hours H   run seeds until H hours were simulated
        --seed S    run this seed alone
        --steps A,B,... --faults A,B,...   of its plan these alone, or "none"; as a failure says
        --keep-going      run all the seeds, and tell which failed
        --every N   of the seeds from there on, each Nth
        --print     print its plan and everything the clients saw
        --planted NAME --seed S    plant a bug, run this seed, and look for a shorter plan
        --planted NAME    plant a bug and run seeds of the kind that is after its sort, from the
                    first, or the one of number --from, until one finds it; several with commas
                    between; or "all"
        --list-planted    the bugs that can be planted
      Exits with 0 if every promise was kept, with 1 if one was broken; with --planted, with 0 if
      the bug was found.
      """;

  private static final Duration PROGRESS_EVERY = Duration.ofSeconds(5);

  private final Options options;
  private final PrintStream out;
  private final long began = System.nanoTime();
  private final TreeMap<String, Integer> answers = new TreeMap<>();
  private final TreeMap<String, Integer> faults = new TreeMap<>();
  private long simulatedNanos;
  private long told = began;
  private int seeds;
  private int failures;
  private int undecided;

  private record Options(
      long from,
      long count,
      long every,
      double hours,
      boolean print,
      boolean keepGoing,
      @Nullable Replay replay,
      @Nullable String planted) {}

  private SimulateCommand(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /** Exits with the status the usage tells. */
  public static void main(String[] args) {
    Options options = parse(args);
    if (options == null) {
      System.err.print(USAGE);
      System.exit(2);
      return;
    }
    System.exit(new SimulateCommand(options, System.out).run() ? 0 : 1);
  }

  private static @Nullable Options parse(String[] args) {
    long from = -1;
    long count = 100;
    long every = 1;
    double hours = 0;
    boolean print = false;
    boolean keepGoing = false;
    String planted = null;
    boolean alone = false;
    List<Integer> steps = null;
    List<Integer> kept = null;
    try {
      for (int i = 0; i < args.length; i++) {
        switch (args[i]) {
          case "--seeds" -> count = Long.parseLong(args[++i]);
          case "--from" -> from = Long.parseLong(args[++i]);
          case "--seed" -> {
            from = Long.parseLong(args[++i]);
            count = 1;
            alone = true;
          }
          case "--every" -> every = Long.parseLong(args[++i]);
          case "--steps" -> steps = Replay.places(args[++i]);
          case "--faults" -> kept = Replay.places(args[++i]);
          case "--hours" -> {
            hours = Double.parseDouble(args[++i]);
            count = Long.MAX_VALUE;
          }
          case "--print" -> print = true;
          case "--keep-going" -> keepGoing = true;
          case "--planted" -> planted = args[++i];
          case "--list-planted" -> planted = "";
          default -> {
            return null;
          }
        }
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return null;
    }
    if (from < 0) {
      from = planted != null ? 0 : System.currentTimeMillis() % 1_000_000_000L;
    }
    Replay replay = alone ? new Replay(from, steps, kept) : null;
    return new Options(from, count, every, hours, print, keepGoing, replay, planted);
  }

  private boolean run() {
    return options.planted == null ? seeds() : planted(options.planted);
  }

  private boolean planted(String name) {
    boolean all = true;
    PlantedHunt hunt = new PlantedHunt(out);
    for (PlantedBug bug : PlantedBug.values()) {
      if (name.isEmpty()) {
        out.printf("%-24s %s%n", bug, bug.what());
      } else if (name.equals("all") || List.of(name.split(",")).contains(bug.name())) {
        Replay replay = options.replay;
        all &=
            replay == null ? hunt.hunt(bug, options.from, options.count) : hunt.show(bug, replay);
      }
    }
    return all;
  }

  private boolean seeds() {
    for (long seed = options.from; seeds < options.count; seed += options.every) {
      Replay replay = options.replay;
      Run run = new Run(replay == null ? Planner.plan(seed) : replay.plan());
      Report report = run.execute();
      count(report);
      if (options.print) {
        out.println(report.plan());
        out.println(run.everything());
      }
      if (!report.good()) {
        if (!options.keepGoing) {
          failed(seed, report);
          return false;
        }
        failures++;
        out.printf("SEED %d BROKE A PROMISE%n", seed);
        report.violations().stream().limit(options.print ? 100 : 1).forEach(out::println);
      }
      if (options.hours > 0 && simulatedNanos / 3.6e12 >= options.hours) {
        break;
      }
      if (System.nanoTime() - told > PROGRESS_EVERY.toNanos()) {
        told = System.nanoTime();
        out.println(progress());
      }
    }
    out.println(progress());
    out.println("answers " + answers);
    out.println("faults  " + faults);
    if (failures > 0) {
      out.println(failures + " seeds broke a promise");
      return false;
    }
    out.println("no promise was broken");
    return true;
  }

  private void count(Report report) {
    seeds++;
    simulatedNanos += report.simulated().toNanos();
    undecided += report.undecided();
    for (Map.Entry<String, Integer> answer : report.answers().entrySet()) {
      answers.merge(answer.getKey(), answer.getValue(), Integer::sum);
    }
    for (Incident incident : report.plan().incidents()) {
      faults.merge(incident.fault().kind(), 1, Integer::sum);
    }
  }

  private String progress() {
    double hours = simulatedNanos / 3.6e12;
    double wallHours = (System.nanoTime() - began) / 3.6e12;
    double coreHours = processorTime().toNanos() / 3.6e12;
    int requests = answers.values().stream().mapToInt(Integer::intValue).sum();
    return "%d seeds, %.2f hours simulated, %.0f per hour of wall time, %.0f per hour of a core, "
            .formatted(seeds, hours, hours / wallHours, hours / coreHours)
        + "%d requests, %d undecided".formatted(requests, undecided);
  }

  /** Of this process, start and compilation included. */
  private static Duration processorTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ofNanos(1));
  }

  private void failed(long seed, Report report) {
    out.println("SEED " + seed + " BROKE A PROMISE");
    out.println(report.violations().getFirst());
    out.println("looking for a shorter history ...");
    Report shortest = new Shrinker(report, plan -> new Run(plan).execute()).shrink();
    out.println("the shortest plan found:");
    out.println(shortest.plan());
    Violation first = shortest.violations().getFirst();
    out.println(first);
    out.println("replay: scripts/simulate " + Replay.of(shortest.plan()).arguments() + " --print");
  }
}
