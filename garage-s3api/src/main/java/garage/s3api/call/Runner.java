package garage.s3api.call;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Tasks;
import java.time.Duration;

/** Time and tasks, and how long each kind of step may take. */
public record Runner(Clock clock, Tasks tasks) {
  /**
   * One operation on metadata: a few rounds of quorum calls, with room for a slow disk; less than
   * the 30 s after which the AWS SDK for Java waits no longer, and would not see the 503.
   */
  private static final Duration METADATA_MAX = Duration.ofSeconds(20);

  /** Storing one block, waiting for memory included. */
  private static final Duration BLOCK_WRITE_MAX = Duration.ofMinutes(2);

  /** Reading one block, which includes how long the client takes to receive it. */
  private static final Duration BLOCK_READ_MAX = Duration.ofMinutes(10);

  /** One page of a listing. */
  private static final Duration LIST_MAX = Duration.ofMinutes(1);

  /** For one operation on metadata. */
  public Deadline metadata() {
    return Deadline.after(clock, METADATA_MAX);
  }

  /** For storing one block. */
  public Deadline blockWrite() {
    return Deadline.after(clock, BLOCK_WRITE_MAX);
  }

  /** For reading one block. */
  public Deadline blockRead() {
    return Deadline.after(clock, BLOCK_READ_MAX);
  }

  /** For one page of a listing. */
  public Deadline list() {
    return Deadline.after(clock, LIST_MAX);
  }
}
