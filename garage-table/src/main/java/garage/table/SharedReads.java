package garage.table;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.error.GarageException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads of a quorum before something is refused, of a table of which every node has a copy and
 * whose rows have no sort keys. There may be as many as strangers like to send requests, so they
 * share rounds: whoever comes while a round is under way takes part in the next, and never is there
 * more than one.
 *
 * <p>Invariant: a row is answered from a round that began after it was asked for, so that what was
 * acknowledged before is seen, as {@link Table#get} would. One of those who wait leads the round
 * for the others, on its own deadline; if it fails, that is its own failure, and another leads.
 */
public final class SharedReads<E> {
  /** Rows of a round: a bucket with everything configured has about 100 KiB. */
  private static final int ROWS_MAX = 64;

  /** Requests are bounded where they are received; this is against a mistake there. */
  private static final int WAITING_MAX = 10_000;

  private static final byte[] NO_SORT_KEY = {};

  private final Table<E> table;
  private final Gate gate;

  // under the gate
  private final Deque<Asked<E>> waiting = new ArrayDeque<>();
  private boolean underWay;

  /** Somebody who waits for a row. */
  private static final class Asked<E> {
    private final byte[] key;
    private boolean isAnswered;
    private @Nullable E row;

    Asked(byte[] key) {
      this.key = key;
    }
  }

  public SharedReads(Table<E> table, Clock clock) {
    this.table = table;
    this.gate = new Gate(clock);
  }

  /** The row of this key as a read quorum knows it. */
  public Optional<E> get(byte[] key, Deadline deadline) {
    Asked<E> asked = new Asked<>(TableReplica.key(key, NO_SORT_KEY));
    gate.lock();
    try {
      if (waiting.size() >= WAITING_MAX) {
        throw new GarageException.Overloaded("too many wait for rows of " + table.name());
      }
      waiting.add(asked);
      return answered(asked, deadline);
    } finally {
      waiting.remove(asked);
      gate.unlock();
    }
  }

  private Optional<E> answered(Asked<E> asked, Deadline deadline) {
    while (!asked.isAnswered) {
      if (!gate.await(() -> asked.isAnswered || !underWay, deadline)) {
        throw new GarageException.TimedOut("no answer in time");
      }
      if (!asked.isAnswered) {
        lead(deadline);
      }
    }
    return Optional.ofNullable(asked.row);
  }

  /** Does a round for those who have waited longest; without the gate while others are asked. */
  private void lead(Deadline deadline) {
    List<Asked<E>> round = new ArrayList<>();
    while (round.size() < ROWS_MAX && !waiting.isEmpty()) {
      round.add(waiting.poll());
    }
    underWay = true;
    gate.unlock();
    Map<byte[], E> rows = null;
    try {
      rows = read(round, deadline);
    } finally {
      gate.lock();
      underWay = false;
      end(round, rows);
      gate.signal();
    }
  }

  /** Answers those in the round; if it failed, they wait for the next. */
  private void end(List<Asked<E>> round, @Nullable Map<byte[], E> rows) {
    for (Asked<E> each : round.reversed()) {
      if (rows == null) {
        waiting.addFirst(each);
      } else {
        each.isAnswered = true;
        each.row = rows.get(each.key);
      }
    }
  }

  private Map<byte[], E> read(List<Asked<E>> round, Deadline deadline) {
    TreeSet<byte[]> keys = new TreeSet<>(Arrays::compareUnsigned);
    round.forEach(each -> keys.add(each.key));
    Map<byte[], E> rows = new TreeMap<>(Arrays::compareUnsigned);
    for (E row : table.getAll(List.copyOf(keys), deadline)) {
      rows.put(table.rowKey(row), row);
    }
    return rows;
  }
}
