package garage.block;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Preference;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.rpc.membership.EpochFence;
import java.time.Duration;

/** The nodes that hold blocks, and how to call them. */
public record BlockPeers(
    Rpc rpc, Preference preference, EpochFence fence, BlockPlacement placement, Clock clock) {
  /** What a call in the background may take. */
  private static final Duration BACKGROUND_CALL = Duration.ofSeconds(30);

  NodeId self() {
    return rpc.self();
  }

  /**
   * Repeats {@code operation} whenever a node is found to be in a later epoch, which this one has
   * joined then.
   */
  void inOneEpoch(Deadline deadline, Runnable operation) {
    while (true) {
      try {
        operation.run();
        return;
      } catch (GarageException.Stale e) {
        if (deadline.expired(clock)) {
          throw new GarageException.TimedOut("the layout changed during the operation");
        }
      }
    }
  }

  /** A call in the background. Where the peer is in a later epoch, this node joins it and fails. */
  <Q, R> R call(NodeId to, Endpoint<Q, R> endpoint, Q request) {
    Deadline deadline = Deadline.after(clock, BACKGROUND_CALL);
    try {
      return rpc.call(to, endpoint, request, new CallOptions(Priority.BACKGROUND, deadline));
    } catch (GarageException.Stale e) {
      fence.adopt(e.epoch(), to);
      throw e;
    }
  }

  /** What was done here without a message counts only if the epoch is still the same. */
  void checkStillIn(long epoch) {
    if (fence.epoch() != epoch) {
      throw GarageException.Stale.of(fence.epoch());
    }
  }
}
