package garage.benchmarks.load;

import java.util.ArrayList;
import java.util.List;

/** What one connection did. For one thread until merged. */
final class Recorder {
  private static final int MESSAGES_MAX = 3;

  private final Latencies latencies = new Latencies();
  private final List<String> messages = new ArrayList<>();
  private long bytes;
  private long errors;

  /** An operation that ended well, now. */
  void done(long startNanos, long bodyBytes) {
    latencies.add(System.nanoTime() - startNanos);
    bytes += bodyBytes;
  }

  void failed(Exception cause) {
    errors++;
    if (messages.size() < MESSAGES_MAX) {
      messages.add(cause.toString());
    }
  }

  void add(Recorder other) {
    latencies.add(other.latencies);
    bytes += other.bytes;
    addErrors(other);
  }

  /** A failure counts wherever it comes. */
  void addErrors(Recorder other) {
    errors += other.errors;
    for (String message : other.messages) {
      if (messages.size() < MESSAGES_MAX) {
        messages.add(message);
      }
    }
  }

  Latencies latencies() {
    return latencies;
  }

  long bytes() {
    return bytes;
  }

  long errors() {
    return errors;
  }

  List<String> messages() {
    return messages;
  }
}
