package garage.rpc.wire;

import garage.rpc.Priority;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Credit that a node lends to its peers, each for as long as its connection lasts: so much in all,
 * however many there are. Who comes when all is lent sends one long message after another.
 */
public final class CreditPool {
  static final Loan NO_LOAN = new Loan(Map.of());

  private final ReentrantLock lock = new ReentrantLock();
  private final EnumMap<Priority, Integer> leftBytes = new EnumMap<>(Priority.class);

  /** What one connection was lent; nothing of the priorities that are not in it. */
  record Loan(Map<Priority, Integer> bytes) {
    Loan {
      bytes = Collections.unmodifiableSortedMap(new TreeMap<>(bytes));
    }
  }

  /** With all that there is. */
  public CreditPool() {
    for (Priority priority : Frame.PRIORITIES) {
      leftBytes.put(priority, WireLimits.lentMax(priority));
    }
  }

  /** Lends as much as a connection can use, or what is left. */
  Loan lend() {
    EnumMap<Priority, Integer> lent = new EnumMap<>(Priority.class);
    lock.lock();
    try {
      leftBytes.replaceAll((priority, left) -> {
        int bytes = Math.min(left, WireLimits.CREDIT_BYTES - WireLimits.CREDIT_FIRST_BYTES);
        if (bytes > 0) {
          lent.put(priority, bytes);
        }
        return left - bytes;
      });
    } finally {
      lock.unlock();
    }
    return new Loan(lent);
  }

  void giveBack(Loan loan) {
    lock.lock();
    try {
      loan.bytes().forEach((priority, bytes) -> leftBytes.merge(priority, bytes, Integer::sum));
    } finally {
      lock.unlock();
    }
  }
}
