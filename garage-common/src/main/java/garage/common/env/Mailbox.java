package garage.common.env;

import garage.common.check.Invariant;
import garage.common.error.GarageException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A bounded queue between tasks: putting blocks when it is full, taking when it is empty. */
public final class Mailbox<T> {
  private final Gate gate;
  private final int capacity;
  private final ArrayDeque<T> items = new ArrayDeque<>();
  private boolean closed;

  /** {@code capacity} is the largest number of items held, at least 1. */
  public Mailbox(Clock clock, int capacity) {
    Invariant.check(capacity > 0, "a mailbox holds at least one item", capacity);
    this.gate = new Gate(clock);
    this.capacity = capacity;
  }

  /**
   * Adds an item, waiting for room.
   *
   * @throws GarageException.Unreachable if the mailbox is closed
   * @throws GarageException.TimedOut at {@code deadline}
   */
  public void put(T item, Deadline deadline) {
    gate.lock();
    try {
      if (!gate.await(() -> closed || items.size() < capacity, deadline)) {
        throw new GarageException.TimedOut("the queue stayed full");
      }
      if (closed) {
        throw new GarageException.Unreachable("the queue is closed");
      }
      items.add(item);
      gate.signal();
    } finally {
      gate.unlock();
    }
  }

  /** Adds an item if there is room and the mailbox is open; answers whether it did. */
  public boolean offer(T item) {
    gate.lock();
    try {
      if (closed || items.size() >= capacity) {
        return false;
      }
      items.add(item);
      gate.signal();
      return true;
    } finally {
      gate.unlock();
    }
  }

  /** The next item, waiting for one; null at {@code deadline}, or once closed and empty. */
  public @Nullable T take(Deadline deadline) {
    gate.lock();
    try {
      gate.await(() -> closed || !items.isEmpty(), deadline);
      T item = items.poll();
      gate.signal();
      return item;
    } finally {
      gate.unlock();
    }
  }

  /** Waits for an item, then takes up to {@code max}; empty at {@code deadline} or once closed. */
  public List<T> takeMany(int max, Deadline deadline) {
    gate.lock();
    try {
      gate.await(() -> closed || !items.isEmpty(), deadline);
      List<T> taken = new ArrayList<>(Math.min(max, items.size()));
      while (taken.size() < max && !items.isEmpty()) {
        taken.add(items.remove());
      }
      gate.signal();
      return taken;
    } finally {
      gate.unlock();
    }
  }

  /** Refuses further items; what is there can still be taken. */
  public void close() {
    gate.update(() -> closed = true);
  }

  /** Whether it was closed. */
  public boolean isClosed() {
    return gate.locked(() -> closed);
  }

  /** The number of items waiting. */
  public int size() {
    return gate.locked(items::size);
  }
}
