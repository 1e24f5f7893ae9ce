package garage.rpc.membership;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.layout.LayoutHistory;
import garage.rpc.CallOptions;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The fence of the layout this node knows; asks the sender of a later epoch for its own. */
final class LayoutFence implements EpochFence {
  /** A peer that just sent something answers sooner, or the message has failed. */
  private static final Duration FETCH_MAX = Duration.ofSeconds(5);

  private final Rpc rpc;
  private final LayoutStore store;
  private final Clock clock;

  /** One message fetches; the others that came with the new epoch wait for what it brings. */
  private final ReentrantLock fetching = new ReentrantLock();

  LayoutFence(Rpc rpc, LayoutStore store, Clock clock) {
    this.rpc = rpc;
    this.store = store;
    this.clock = clock;
  }

  @Override
  public long epoch() {
    return store.history().epoch().number();
  }

  @Override
  public void check(long epoch, @Nullable NodeId from) {
    long mine = epoch();
    if (epoch == mine) {
      return;
    }
    if (epoch > mine) {
      if (from == null) {
        throw new GarageException.Denied("only a node is ahead of a node");
      }
      adopt(epoch, from);
    }
    if (epoch < epoch()) {
      throw GarageException.Stale.of(epoch());
    }
  }

  @Override
  public <T> T during(long epoch, @Nullable NodeId from, Supplier<T> action) {
    check(epoch, from);
    return store.unchanged(() -> {
      check(epoch, from);
      return action.get();
    });
  }

  @Override
  public void adopt(long epoch, NodeId from) {
    if (epoch() >= epoch) {
      return;
    }
    fetching.lock();
    try {
      if (epoch() >= epoch) {
        return;
      }
      CallOptions options = new CallOptions(Priority.URGENT, Deadline.after(clock, FETCH_MAX));
      LayoutHistory theirs = rpc.call(from, StatusMessage.LAYOUT, store.history(), options);
      store.merge(theirs);
    } finally {
      fetching.unlock();
    }
    if (epoch() < epoch) {
      throw new GarageException.Conflict(
          "%s says it is in epoch %d, and is not".formatted(from.shortHex(), epoch));
    }
  }
}
