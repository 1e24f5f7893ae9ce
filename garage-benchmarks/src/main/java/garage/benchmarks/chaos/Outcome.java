package garage.benchmarks.chaos;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What became of one fault.
 *
 * @param operations acknowledged
 * @param retries attempts after the first that clients made
 * @param errors requests that failed after all attempts
 * @param p99Before and {@code p99During} the fault, in milliseconds, as clients saw it
 * @param wrong what was read and should not have been, or could not be read, through any node
 * @param replicasAfter seconds after the fault until every replica was seen to be complete;
 *     negative if that did not happen in the time given
 * @param missing what some replica lacked at the last look
 */
record Outcome(
    Fault fault,
    long operations,
    long retries,
    long errors,
    double p99Before,
    double p99During,
    Set<String> wrong,
    double replicasAfter,
    Set<String> missing,
    List<String> notes) {
  static final String HEADING =
      """
      | fault | acknowledged | retries | errors | p99 before | p99 during | lost or wrong | all replicas complete | |
      |---|---|---|---|---|---|---|---|---|
      """;

  /**
   * As promised: nothing lost, no error a client sees beyond what arithmetic says, all repaired.
   */
  boolean passed() {
    return wrong.isEmpty() && (errors == 0 || fault.clientsSeeIt()) && replicasAfter >= 0;
  }

  String markdown() {
    String replicas =
        replicasAfter >= 0
            ? String.format(Locale.ROOT, "within %.0f s", replicasAfter)
            : "**no**: " + missing.size() + " missing";
    return String.format(
        Locale.ROOT,
        "| %s | %d | %d | %s | %.0f ms | %.0f ms | %s | %s | %s |",
        fault.description(),
        operations,
        retries,
        errors + (errors > 0 && fault.clientsSeeIt() ? " (expected)" : ""),
        p99Before,
        p99During,
        wrong.isEmpty() ? "nothing" : "**" + wrong.size() + "**",
        replicas,
        passed() ? "passed" : "**FAILED**");
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"fault\":\"%s\",\"passed\":%b,\"acknowledged\":%d,\"retries\":%d,\"errors\":%d,"
            + "\"p99_before_ms\":%.1f,\"p99_during_ms\":%.1f,\"wrong\":%d,"
            + "\"replicas_complete_s\":%.1f,\"missing\":%d}",
        fault.name().toLowerCase(Locale.ROOT),
        passed(),
        operations,
        retries,
        errors,
        p99Before,
        p99During,
        wrong.size(),
        replicasAfter,
        missing.size());
  }
}
