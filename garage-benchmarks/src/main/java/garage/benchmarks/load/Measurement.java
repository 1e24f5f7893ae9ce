package garage.benchmarks.load;

import org.jspecify.annotations.Nullable;

/**
 * What one operation of one size did at one concurrency.
 *
 * @param size of the objects, or of the bucket that is listed
 * @param server what the server spent on it, if its process is known
 * @param clientCpuSeconds what this process spent, on the same cores
 */
record Measurement(
    Operation operation,
    String size,
    int concurrency,
    Load.Outcome outcome,
    @Nullable Spent server,
    double clientCpuSeconds) {
  private static final double NANOS = 1e9;

  /** What the server spent during the measurement. */
  record Spent(ServerProcess.Usage usage, long peakResidentBytes) {}

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
