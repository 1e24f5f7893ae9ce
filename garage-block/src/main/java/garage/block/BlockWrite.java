package garage.block;

import garage.block.BlockMessages.Done;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.Answer;
import garage.rpc.Fanout;
import garage.rpc.membership.EpochFence;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A write to the replicas of one partition: counts answers until there is a quorum or cannot be.
 */
final class BlockWrite {
  private final BlockPlacement.Replicas replicas;
  private final EpochFence fence;
  private final Set<NodeId> done = new HashSet<>();
  private final Map<NodeId, GarageException> failures = new LinkedHashMap<>();

  BlockWrite(BlockPlacement.Replicas replicas, EpochFence fence) {
    this.replicas = replicas;
    this.fence = fence;
  }

  /**
   * Takes answers until a write quorum is reached; fails once it cannot be, or at deadline.
   *
   * @throws GarageException.Stale if a node is in a later epoch, which this one has then joined: no
   *     answer counts
   */
  void await(Fanout<Done> fanout, Deadline deadline) {
    while (!replicas.reached(done)) {
      if (!replicas.reachable(failures.keySet())) {
        throw failure();
      }
      @Nullable Answer<Done> answer = fanout.next(deadline);
      switch (answer) {
        case null -> throw failure();
        case Answer.Success<Done>(NodeId from, var _) -> done.add(from);
        case Answer.Failure<Done>(NodeId from, GarageException cause) -> {
          if (cause instanceof GarageException.Stale stale) {
            fence.adopt(stale.epoch(), from);
            throw stale;
          }
          failures.put(from, cause);
        }
      }
    }
  }

  /**
   * What the caller is told: what the replicas say if it is something he can act on, as a full disk
   * or a missing block, and that there was no quorum otherwise.
   */
  private GarageException failure() {
    for (GarageException cause : failures.values()) {
      if (cause instanceof GarageException.StorageFull
          || cause instanceof GarageException.Missing
          || replicas.all().size() == 1) {
        return cause;
      }
    }
    StringBuilder message = new StringBuilder();
    message.append(done.size()).append(" of ").append(replicas.all().size());
    message.append(" replicas wrote the block; needed are ");
    replicas
        .counting()
        .forEach(g -> message.append(g.writeQuorum()).append(" of ").append(g.nodes().size()));
    failures.forEach((node, cause) ->
        message.append("; ").append(node.shortHex()).append(": ").append(cause.getMessage()));
    return new GarageException.QuorumNotReached(message.toString());
  }
}
