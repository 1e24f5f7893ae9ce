package garage.rpc.membership;

import garage.common.error.GarageException;
import garage.common.id.NodeId;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps messages of different epochs apart. Every message between replicas carries its sender's
 * epoch as {@link garage.layout.Epoch#number}; a replica serves its own epoch only, and never goes
 * back.
 *
 * <p>A handler checks twice: before it looks at anything, and again before it answers. Only then is
 * what it stored or read of that epoch: had the node moved on in between, a reader of the new epoch
 * may have seen the row without it. What was stored nevertheless is like a write whose answer was
 * lost. Where that is not harmless, the work is done {@link #during} the epoch.
 */
public interface EpochFence {
  /** This node's epoch. */
  long epoch();

  /**
   * Returns if this node is in {@code epoch}. Where the sender is ahead, its layout is fetched and
   * kept durably first.
   *
   * @param from the sender
   * @throws GarageException.Stale if this node is ahead; it carries this node's epoch
   */
  void check(long epoch, @Nullable NodeId from);

  /** Runs {@code action} as {@link #check} allows, and keeps this node in the epoch meanwhile. */
  <T> T during(long epoch, @Nullable NodeId from, Supplier<T> action);

  /**
   * Brings this node to {@code epoch}, which {@code from} says it is in; nothing happens if it is
   * there already.
   *
   * @throws GarageException if the layout of {@code from} cannot be had
   */
  void adopt(long epoch, NodeId from);

  /** The fence of a node whose epoch is decided elsewhere and that never learns of a later one. */
  static EpochFence of(LongSupplier epoch) {
    return new EpochFence() {
      @Override
      public long epoch() {
        return epoch.getAsLong();
      }

      @Override
      public void check(long sent, @Nullable NodeId from) {
        if (sent < epoch()) {
          throw GarageException.Stale.of(epoch());
        }
      }

      @Override
      public <T> T during(long sent, @Nullable NodeId from, Supplier<T> action) {
        check(sent, from);
        return action.get();
      }

      @Override
      public void adopt(long theirs, NodeId from) {}
    };
  }
}
