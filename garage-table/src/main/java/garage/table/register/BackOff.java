package garage.table.register;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import java.time.Duration;

/** Random, doubling pauses between the rounds of one operation, until its deadline. */
final class BackOff {
  /** The first pause's bound; doubled per failed round up to {@link #MAX_MILLIS}. */
  private static final int FIRST_MILLIS = 4;

  private static final int MAX_MILLIS = 1_000;

  private final Clock clock;
  private final RandomSource random;
  private final Deadline deadline;
  private int bound = FIRST_MILLIS;
  private boolean doorClosed;
  private String last = "";

  BackOff(Clock clock, RandomSource random, Deadline deadline) {
    this.clock = clock;
    this.random = random;
    this.deadline = deadline;
  }

  /**
   * What a round says of the door, if it was not {@code done} all the same.
   *
   * @throws GarageException.Conflict if the key's group is gone
   */
  void note(Round<?> round, boolean done) {
    boolean gone = round.saidAny(r -> r instanceof RegisterReply.Closed<?> c && c.gone());
    if (gone && !done) {
      throw new GarageException.Conflict("the bucket was deleted meanwhile");
    }
    doorClosed |= round.saidAny(r -> r instanceof RegisterReply.Closed<?>);
    last = round.summary();
  }

  void pause() {
    if (doorClosed && deadline.expired(clock)) {
      throw new GarageException.Conflict("the bucket is being deleted");
    }
    if (deadline.expired(clock)) {
      throw new GarageException.QuorumNotReached("too few replicas answered in time: " + last);
    }
    Duration pause = Duration.ofMillis(1 + random.nextInt(bound));
    Duration left = deadline.remaining(clock);
    clock.sleep(pause.compareTo(left) < 0 ? pause : left);
    bound = Math.min(2 * bound, MAX_MILLIS);
  }
}
