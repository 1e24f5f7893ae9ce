package garage.model.bucket;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.table.register.DoorRounds;
import garage.table.register.Doors;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the doors of this node that nobody opened: of a deletion that died on the way it
 * learns, or decides, how it ended; what a failed write left in a bucket that is gone it takes
 * away; and it forgets the door when nobody can be writing to that bucket any more.
 */
final class DoorKeeper implements Worker {
  /** A deletion that takes longer is struck out, and answers its client that it failed. */
  static final Duration ATTEMPT_MAX = Duration.ofSeconds(10);

  /** Requests that met the closed door have ended by then. */
  private static final Duration SWEEP_AFTER = Duration.ofMinutes(15);

  /** No request that began before a bucket was deleted lasts as long. */
  private static final Duration KEPT = Duration.ofDays(7);

  private static final Duration STEP_MAX = Duration.ofSeconds(30);
  private static final Duration RECHECK = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(DoorKeeper.class);

  private final DoorRounds rounds;
  private final Doors doors;
  private final Buckets buckets;
  private final Fates fates;
  private final Clock clock;
  private volatile @Nullable String trouble;
  private final TreeMap<Bytes32, Seen> seen = new TreeMap<>();

  /** An attempt that may take until {@code end}. */
  private record Seen(Timestamp attempt, Deadline end) {}

  DoorKeeper(DoorRounds rounds, Buckets buckets, Fates fates, Clock clock) {
    this.rounds = rounds;
    this.doors = rounds.doors();
    this.buckets = buckets;
    this.fates = fates;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "bucket deletion";
  }

  @Override
  public long queueLength() {
    return doors.closed().stream().filter(closed -> !closed.door().gone()).count();
  }

  @Override
  public List<String> details() {
    String last = trouble;
    return last == null ? List.of() : List.of(last);
  }

  @Override
  public WorkerState step() {
    trouble = null;
    seen.keySet()
        .removeIf(group -> doors.closed().stream().noneMatch(c -> c.group().equals(group)));
    for (Doors.Closed closed : doors.closed()) {
      try {
        look(closed);
      } catch (GarageException.QuorumNotReached
          | GarageException.TimedOut
          | GarageException.Unreachable
          | GarageException.Conflict e) {
        trouble = "bucket " + closed.group() + ": " + e.getMessage();
        return new WorkerState.Idle(RECHECK);
      }
    }
    return new WorkerState.Idle(RECHECK);
  }

  private void look(Doors.Closed closed) {
    Doors.Door door = closed.door();
    Uuid bucket = new Uuid(closed.group());
    Deadline deadline = Deadline.after(clock, STEP_MAX);
    long age = clock.wallMillis() - door.sinceMillis();
    if (!door.gone()) {
      if (isOver(closed)) {
        resolve(closed, bucket, deadline);
      }
    } else if (!door.swept()) {
      if (age >= SWEEP_AFTER.toMillis()) {
        buckets.bury(bucket, deadline);
        rounds.sweep(closed.group(), deadline);
        doors.swept(closed.group());
      }
    } else if (age >= KEPT.toMillis()) {
      doors.forget(closed.group());
    }
  }

  /** Measured from when it was first seen here: the wall clock may jump. */
  private boolean isOver(Doors.Closed closed) {
    Timestamp attempt = closed.door().attempt();
    Seen first = seen.get(closed.group());
    if (first == null || !first.attempt().equals(attempt)) {
      seen.put(closed.group(), new Seen(attempt, Deadline.after(clock, ATTEMPT_MAX)));
      return false;
    }
    return first.end().expired(clock);
  }

  private void resolve(Doors.Closed closed, Uuid bucket, Deadline deadline) {
    Timestamp attempt = closed.door().attempt();
    switch (fates.of(bucket, deadline)) {
      case Fate.Gone() -> {
        doors.end(closed.group(), attempt);
        buckets.bury(bucket, deadline);
      }
      case Fate.Closing(Timestamp standing) when standing.equals(attempt) -> {
        if (fates.strike(bucket, attempt, deadline)) {
          LOG.info("The deletion of bucket {} was given up: it took too long", bucket);
          rounds.open(closed.group(), attempt, deadline);
          doors.open(closed.group(), attempt);
        }
      }
      case Fate.Closing _, Fate.Standing _ -> doors.open(closed.group(), attempt);
    }
  }
}
