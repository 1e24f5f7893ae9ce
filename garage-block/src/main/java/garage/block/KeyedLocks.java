package garage.block;

import garage.common.check.Invariant;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A lock for each key somebody uses, shared or exclusive, not reentrant. Who waits for an exclusive
 * lock keeps further shared ones out, so that it gets its turn. Several locks are taken in the
 * order of their keys, and nobody takes more while holding some: so nobody waits in a circle.
 */
final class KeyedLocks<K extends Comparable<K>> {
  private final Gate gate;
  private final Map<K, State> states = new HashMap<>();

  KeyedLocks(Clock clock) {
    gate = new Gate(clock);
  }

  /** Locks held until closed. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  Held shared(Collection<K> keys) {
    return hold(keys, false);
  }

  Held exclusive(Collection<K> keys) {
    return hold(keys, true);
  }

  Held exclusive(K key) {
    return hold(List.of(key), true);
  }

  private Held hold(Collection<K> keys, boolean exclusive) {
    List<K> held = new ArrayList<>(keys.size());
    boolean complete = false;
    gate.lock();
    try {
      for (K key : new TreeSet<>(keys)) {
        acquire(key, exclusive);
        held.add(key);
      }
      complete = true;
    } finally {
      if (!complete) {
        held.forEach(key -> release(key, exclusive));
        gate.signal();
      }
      gate.unlock();
    }
    return () -> gate.update(() -> held.forEach(key -> release(key, exclusive)));
  }

  /** The exclusive lock if nobody holds or awaits the key's, else null. */
  @Nullable Held tryExclusive(K key) {
    gate.lock();
    try {
      if (states.containsKey(key)) {
        return null;
      }
      acquire(key, true);
    } finally {
      gate.unlock();
    }
    return () -> gate.update(() -> release(key, true));
  }

  /** Whether nobody holds or awaits anything. */
  boolean idle() {
    return gate.locked(states::isEmpty);
  }

  private void acquire(K key, boolean exclusive) {
    State state = states.computeIfAbsent(key, k -> new State());
    state.users++;
    boolean acquired = false;
    if (exclusive) {
      state.writersWaiting++;
    }
    try {
      gate.await(() -> exclusive ? state.free() : state.readable(), Deadline.NEVER);
      acquired = true;
    } finally {
      if (exclusive) {
        state.writersWaiting--;
      }
      if (!acquired) {
        leave(key, state);
        gate.signal();
      }
    }
    if (exclusive) {
      state.writing = true;
    } else {
      state.readers++;
    }
  }

  private void release(K key, boolean exclusive) {
    State state = states.get(key);
    Invariant.check(state != null, "a lock is released by its holder", key);
    if (state == null) {
      return;
    }
    if (exclusive) {
      state.writing = false;
    } else {
      state.readers--;
    }
    leave(key, state);
  }

  private void leave(K key, State state) {
    if (--state.users == 0) {
      states.remove(key);
    }
  }

  private static final class State {
    private int users;
    private int readers;
    private int writersWaiting;
    private boolean writing;

    private boolean free() {
      return !writing && readers == 0;
    }

    private boolean readable() {
      return !writing && writersWaiting == 0;
    }
  }
}
