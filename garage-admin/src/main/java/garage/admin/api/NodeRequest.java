package garage.admin.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests that nodes answer each for itself.
 *
 * @param <T> the answer of one node
 */
public sealed interface NodeRequest<T extends Record> extends AdminRequest<NodeAnswers<T>> {
  /** This stands for the node that is asked. */
  String SELF = "self";

  /** This stands for every node with a role and every other one that is connected. */
  String ALL = "*";

  /** {@link #ALL}, {@link #SELF}, or the beginning of one id. */
  String node();

  /** What a node runs. */
  record GetNodeInfo(String node) implements NodeRequest<NodeResponse.NodeInfo> {}

  /** What a node holds and has to do, as text. */
  record GetNodeStatistics(String node) implements NodeRequest<NodeResponse.Statistics> {}

  /** Takes a copy of a node's metadata. */
  record CreateMetadataSnapshot(String node) implements NodeRequest<NodeResponse.Done> {}

  /** Begins to look for something that is not as it should be, and to mend it. */
  record LaunchRepairOperation(String node, RepairBody body)
      implements NodeRequest<NodeResponse.Done> {}

  /** The background work of a node. */
  record ListWorkers(String node, @Nullable WorkerFilter body)
      implements NodeRequest<NodeResponse.Workers> {}

  /** One of them. */
  record GetWorkerInfo(String node, WorkerId body) implements NodeRequest<NodeResponse.Worker> {}

  /** What can be looked at in a running node: all of it, or one thing. */
  record GetWorkerVariable(String node, @Nullable VariableName body)
      implements NodeRequest<NodeResponse.Variables> {}

  /** Changes one of them. */
  record SetWorkerVariable(String node, VariableValue body)
      implements NodeRequest<NodeResponse.VariableSet> {}

  /** Blocks that a node needs and cannot get. */
  record ListBlockErrors(String node) implements NodeRequest<NodeResponse.BlockErrors> {}

  /** What a node knows of a block. */
  record GetBlockInfo(String node, BlockHash body) implements NodeRequest<NodeResponse.BlockInfo> {}

  /** Tries to get blocks now. */
  record RetryBlockResync(String node, Retry body) implements NodeRequest<NodeResponse.Retried> {}

  /** Deletes for ever whatever needs these blocks, which are lost. */
  record PurgeBlocks(String node, BlockHashes body) implements NodeRequest<NodeResponse.Purged> {}

  /** Whole hashes of blocks. */
  @Bare
  record BlockHashes(List<String> blockHashes) {
    public BlockHashes {
      blockHashes = List.copyOf(blockHashes);
    }
  }

  /** The beginning of a block's hash, of 4 hex digits or more. */
  record BlockHash(String blockHash) {}

  /** Which blocks. */
  sealed interface Retry {
    /** Every one that could not be had; {@code all} is true. */
    record All(boolean all) implements Retry {}

    /** These; whole hashes. */
    record Some(List<String> blockHashes) implements Retry {
      public Some {
        blockHashes = List.copyOf(blockHashes);
      }
    }
  }

  /** What is to be repaired. */
  record RepairBody(RepairType repairType) {}

  /** Which workers; null is false. */
  record WorkerFilter(@Nullable Boolean busyOnly, @Nullable Boolean errorOnly) {
    /** Whether only those that work now. */
    public boolean wantsBusyOnly() {
      return Boolean.TRUE.equals(busyOnly);
    }

    /** Whether only those whose last step failed. */
    public boolean wantsErrorOnly() {
      return Boolean.TRUE.equals(errorOnly);
    }
  }

  /** Names a worker. */
  record WorkerId(long id) {}

  /** Names a variable; null is all. */
  record VariableName(@Nullable String variable) {}

  /** A variable and its value to be. */
  record VariableValue(String variable, String value) {}
}
