package garage.table.register;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.rpc.Rpc;
import java.time.Duration;

/**
 * Random, doubling pauses between the rounds of one operation, until its deadline, or until it is
 * known that no quorum is there.
 */
final class BackOff {
  /** The first pause's bound; doubled per failed round up to {@link #MAX_MILLIS}. */
  private static final int FIRST_MILLIS = 4;

  private static final int MAX_MILLIS = 1_000;

  /**
   * A node that is away for longer is not waited for: a restart or a lost connection is over by
   * then, and a client that is told to come again is better off than one that waits.
   */
  private static final Duration AWAY_MAX = Duration.ofSeconds(5);

  private final Rpc rpc;
  private final Clock clock;
  private final RandomSource random;
  private final Deadline deadline;
  private int bound = FIRST_MILLIS;
  private boolean doorClosed;
  private boolean sent;
  private boolean cutOff;
  private String last = "";

  BackOff(Rpc rpc, Clock clock, RandomSource random, Deadline deadline) {
    this.rpc = rpc;
    this.clock = clock;
    this.random = random;
    this.deadline = deadline;
  }

  /**
   * What is to be written is being sent: from here on it may be on some replica, where a reader
   * finds it and brings it to the others, closed doors or not.
   */
  void sent() {
    sent = true;
  }

  /** What was sent is on no replica, and will not be. */
  void unsent() {
    sent = false;
  }

  /** A round failed. */
  void note(Round<?> round) {
    doorClosed |= round.saidAny(r -> r instanceof RegisterReply.Closed<?>);
    cutOff = round.isCutOff(node -> rpc.awayFor(node).compareTo(AWAY_MAX) > 0);
    last = round.summary();
  }

  /** What the client is to be told where a door keeps a write out. */
  GarageException keptOut(String why) {
    return sent
        ? new GarageException.QuorumNotReached("the outcome of the write is unknown: " + why)
        : new GarageException.Conflict(why);
  }

  void pause() {
    if (doorClosed && deadline.expired(clock)) {
      throw keptOut("the bucket is being deleted");
    }
    if (cutOff) {
      throw new GarageException.QuorumNotReached("too few replicas are there: " + last);
    }
    if (deadline.expired(clock)) {
      throw new GarageException.QuorumNotReached("too few replicas answered in time: " + last);
    }
    Duration pause = Duration.ofMillis(1 + random.nextInt(bound));
    Duration rest = deadline.remaining(clock);
    clock.sleep(pause.compareTo(rest) < 0 ? pause : rest);
    bound = Math.min(2 * bound, MAX_MILLIS);
  }
}
