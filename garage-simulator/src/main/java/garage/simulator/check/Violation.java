package garage.simulator.check;

/**
 * Something that must never happen, and did.
 *
 * @param rule the promise that was broken
 * @param what how it shows
 */
public record Violation(Rule rule, String what) {
  /** What is promised. */
  public enum Rule {
    /** Some order explains what was seen of each key. */
    LINEARIZABLE,
    /** A listing shows what was acknowledged before it began, and nothing that was long gone. */
    LIST_AFTER_WRITE,
    /** Every version that was acknowledged is listed and can be read, and no other. */
    VERSIONS,
    /** What is read is what was written to that key, whole. */
    BYTES,
    /** A request is answered as S3 says, or with an error that says to try again. */
    ANSWER,
    /** Once the faults are over every request succeeds. */
    AVAILABLE,
    /** No task ends with an error that is a bug. */
    NO_BUG,
    /** Left in peace, the replicas hold the same. */
    REPLICAS_EQUAL,
    /** Every block an object needs is there, and no other. */
    BLOCKS_EXACT,
    /** Counters say what there is. */
    COUNTERS_TRUE,
    /** Nothing waits in a queue for ever. */
    QUEUES_EMPTY,
    /** What is to expire does, in its time. */
    LIFECYCLE,
    /** No memory stays on loan. */
    MEMORY_FREE
  }

  @Override
  public String toString() {
    return rule + ": " + what;
  }
}
