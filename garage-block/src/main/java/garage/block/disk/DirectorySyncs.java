package garage.block.disk;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Disk;
import garage.common.env.DiskPath;
import garage.common.env.Gate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * Makes names durable with as few directory syncs as are correct. A sync covers every name that was
 * there when it began; so whoever asks while one runs waits for the next one, and all who wait
 * share it. Blocks fall into 65,536 directories at random, so that sharing is rare among those; it
 * matters for the 256 directories above them, and the one above these, when a store is young and
 * every block makes a directory.
 *
 * <p>A directory that exists was perhaps made by a process that was killed before its name was
 * durable. Therefore the name of each directory is made durable once per process, before the first
 * name in it counts as durable.
 */
final class DirectorySyncs {
  private final Disk disk;
  private final Gate gate;
  private final LongAdder performed = new LongAdder();

  /** Directories whose own names are durable: at most the 65,793 there can be. */
  private final Set<String> durable = new HashSet<>();

  private final Map<String, Turn> turns = new HashMap<>();

  DirectorySyncs(Disk disk, Clock clock) {
    this.disk = disk;
    this.gate = new Gate(clock);
    durable.add("");
  }

  /** Makes {@code directory} if this process has not seen it yet. */
  void prepare(String directory) {
    if (!gate.locked(() -> durable.contains(directory))) {
      disk.createDirectories(directory);
    }
  }

  /** Makes every name in {@code directory} durable, and the directory's own. */
  void sync(String directory) {
    syncShared(directory);
    if (!gate.locked(() -> durable.contains(directory))) {
      sync(DiskPath.parent(directory));
      gate.update(() -> durable.add(directory));
    }
  }

  /** How many directory syncs were done. */
  long performed() {
    return performed.sum();
  }

  private void syncShared(String directory) {
    gate.lock();
    try {
      Turn turn = turns.computeIfAbsent(directory, d -> new Turn());
      long wanted = turn.begun + 1;
      turn.users++;
      try {
        while (turn.completed < wanted) {
          if (turn.running) {
            gate.await(() -> !turn.running, Deadline.NEVER);
          } else {
            lead(directory, turn);
          }
        }
      } finally {
        if (--turn.users == 0) {
          turns.remove(directory);
        }
      }
    } finally {
      gate.unlock();
    }
  }

  /** Does one sync on behalf of everybody who waits; the gate is held before and after. */
  private void lead(String directory, Turn turn) {
    turn.running = true;
    long mine = ++turn.begun;
    boolean done = false;
    gate.unlock();
    try {
      disk.syncDirectory(directory);
      performed.increment();
      done = true;
    } finally {
      gate.lock();
      turn.running = false;
      if (done) {
        turn.completed = mine;
      }
      gate.signal();
    }
  }

  /** The syncs of one directory, counted from when somebody began to use it. */
  private static final class Turn {
    private int users;
    private boolean running;
    private long begun;
    private long completed;
  }
}
