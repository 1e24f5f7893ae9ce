package garage.admin;

import garage.admin.api.NodeRequest;
import garage.admin.api.NodeResponse;
import garage.admin.api.RepairType;
import garage.common.env.Deadline;
import java.util.List;
import java.util.function.Supplier;

/** What a node answers for itself. */
public final class NodeOperations {
  private final NodeSelf self;
  private final WorkerOperations workers;
  private final Repairs repairs;
  private final BlockRequests blocks;
  private final Actions actions;

  /**
   * What a node can do, or tell in text.
   *
   * @param snapshot takes a snapshot of the metadata
   * @param statistics what there is and has to be done
   */
  public record Actions(Runnable snapshot, Supplier<String> statistics) {}

  public NodeOperations(
      NodeSelf self,
      WorkerOperations workers,
      Repairs repairs,
      BlockRequests blocks,
      Actions actions) {
    this.blocks = blocks;
    this.self = self;
    this.workers = workers;
    this.repairs = repairs;
    this.actions = actions;
  }

  /** The answer, of the type that the request tells. */
  public Record answer(NodeRequest<?> request, Deadline deadline) {
    return switch (request) {
      case NodeRequest.GetNodeInfo _ ->
          new NodeResponse.NodeInfo(
              self.id(), self.version(), null, self.runtime(), self.dbEngine());
      case NodeRequest.GetNodeStatistics _ ->
          new NodeResponse.Statistics(actions.statistics().get());
      case NodeRequest.CreateMetadataSnapshot _ -> done(actions.snapshot());
      case NodeRequest.LaunchRepairOperation(String _, NodeRequest.RepairBody(RepairType type)) ->
          done(() -> repairs.launch(type));
      case NodeRequest.ListWorkers(String _, NodeRequest.WorkerFilter filter) ->
          workers.list(filter);
      case NodeRequest.GetWorkerInfo(String _, NodeRequest.WorkerId(long id)) -> workers.info(id);
      case NodeRequest.GetWorkerVariable(String _, NodeRequest.VariableName name) ->
          workers.variables(name);
      case NodeRequest.ListBlockErrors _ -> blocks.errors();
      case NodeRequest.GetBlockInfo(String _, NodeRequest.BlockHash(String prefix)) ->
          blocks.info(prefix, deadline);
      case NodeRequest.RetryBlockResync(String _, NodeRequest.Retry which) -> blocks.retry(which);
      case NodeRequest.PurgeBlocks(String _, NodeRequest.BlockHashes(List<String> hashes)) ->
          blocks.purge(hashes, deadline);
      case NodeRequest.SetWorkerVariable(
              String _,
              NodeRequest.VariableValue(String variable, String value)) ->
          workers.set(variable, value);
    };
  }

  private static NodeResponse.Done done(Runnable action) {
    action.run();
    return new NodeResponse.Done();
  }
}
