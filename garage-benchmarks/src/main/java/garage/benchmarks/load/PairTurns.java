package garage.benchmarks.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Loads one server with the two works of a pair in turns, so that whatever else the machine does
 * meets both alike, and compares what the server's threads spent on an operation of each.
 */
final class PairTurns {
  private static final Duration TURN = Duration.ofMillis(500);
  private static final double NANOS_PER_MILLI = 1e6;

  private final List<Connection.Target> targets;
  private final Servers servers;
  private final int concurrency;
  private final int rounds;

  PairTurns(List<Connection.Target> targets, Servers servers, int concurrency, int rounds) {
    this.targets = targets;
    this.servers = servers;
    this.concurrency = concurrency;
    this.rounds = rounds;
  }

  /**
   * Medians.
   *
   * @param ratio of a turn of the other to its neighbour of the base
   * @param millis of the server's threads for an operation, those of the compiler left out
   */
  record Result(double ratio, double baseMillis, double otherMillis) {}

  Result measure(Pair pair, Duration warmUp) throws IOException, InterruptedException {
    List<Double> ratios = new ArrayList<>();
    List<Double> bases = new ArrayList<>();
    List<Double> others = new ArrayList<>();
    try (Load load = new Load(targets, concurrency)) {
      turn(load, pair.base(), warmUp);
      turn(load, pair.other(), warmUp);
      for (int i = 0; i < rounds; i++) {
        boolean baseFirst = i % 2 == 0;
        double first = turn(load, baseFirst ? pair.base() : pair.other(), TURN);
        double second = turn(load, baseFirst ? pair.other() : pair.base(), TURN);
        double base = baseFirst ? first : second;
        double other = baseFirst ? second : first;
        ratios.add(other / base);
        bases.add(base);
        others.add(other);
      }
    }
    return new Result(median(ratios), median(bases), median(others));
  }

  private double turn(Load load, Work work, Duration time)
      throws IOException, InterruptedException {
    long before = servers.workNanos();
    Load.Outcome outcome = load.run(work, time);
    long spent = servers.workNanos() - before;
    Recorder recorder = outcome.recorder();
    if (recorder.errors() > 0) {
      throw new RequestFailed("in a turn: " + recorder.messages());
    }
    return spent / NANOS_PER_MILLI / Math.max(1, recorder.latencies().count());
  }

  private static double median(List<Double> values) {
    Collections.sort(values);
    return values.get(values.size() / 2);
  }
}
