package garage.benchmarks.load;

import org.jspecify.annotations.Nullable;

/**
 * What one operation of one size did at one concurrency.
 *
 * @param size of the objects, or of the bucket that is listed
 */
record Measurement(
    Operation operation, String size, int concurrency, Load.Outcome outcome, Costs costs) {
  private static final double NANOS = 1e9;

  /**
   * What it cost.
   *
   * @param server what the servers spent, if their processes are known
   * @param clientCpuSeconds what this process spent, on the same cores
   * @param rounds requests to the replicas, of all nodes; not a number if that is not known
   */
  record Costs(@Nullable Spent server, double clientCpuSeconds, double rounds) {}

  /** What the server spent during the measurement. */
  record Spent(ServerProcess.Usage usage, long peakResidentBytes) {}

  @Nullable Spent server() {
    return costs.server();
  }

  double clientCpuSeconds() {
    return costs.clientCpuSeconds();
  }

  /** Requests to the replicas for one operation; not a number if that is not known. */
  double roundsPerOperation() {
    return perOperation(costs.rounds());
  }

  long operations() {
    return outcome.recorder().latencies().count();
  }

  long errors() {
    return outcome.recorder().errors();
  }

  double seconds() {
    return outcome.elapsedNanos() / NANOS;
  }

  double operationsPerSecond() {
    return operations() / seconds();
  }

  double bytesPerSecond() {
    return outcome.recorder().bytes() / seconds();
  }

  double percentileSeconds(double share) {
    return outcome.recorder().latencies().percentileNanos(share) / NANOS;
  }

  double perOperation(double amount) {
    return amount / Math.max(1, operations());
  }
}
