package garage.admin.api;

import java.util.Arrays;
import java.util.Optional;

/** The endpoints: the name and method of each on the wire, and its request and answer. */
public enum AdminEndpoint {
  GET_CLUSTER_STATUS(
      "GetClusterStatus",
      Method.GET,
      ClusterRequest.GetClusterStatus.class,
      ClusterResponse.Status.class),
  GET_CLUSTER_HEALTH(
      "GetClusterHealth",
      Method.GET,
      ClusterRequest.GetClusterHealth.class,
      ClusterResponse.Health.class),
  GET_CLUSTER_STATISTICS(
      "GetClusterStatistics",
      Method.GET,
      ClusterRequest.GetClusterStatistics.class,
      ClusterResponse.Statistics.class),
  CONNECT_CLUSTER_NODES(
      "ConnectClusterNodes",
      Method.POST,
      ClusterRequest.ConnectClusterNodes.class,
      ClusterResponse.Connections.class),
  GET_CLUSTER_LAYOUT(
      "GetClusterLayout",
      Method.GET,
      LayoutRequest.GetClusterLayout.class,
      LayoutResponse.Layout.class),
  GET_CLUSTER_LAYOUT_HISTORY(
      "GetClusterLayoutHistory",
      Method.GET,
      LayoutRequest.GetClusterLayoutHistory.class,
      LayoutResponse.History.class),
  UPDATE_CLUSTER_LAYOUT(
      "UpdateClusterLayout",
      Method.POST,
      LayoutRequest.UpdateClusterLayout.class,
      LayoutResponse.Layout.class),
  PREVIEW_CLUSTER_LAYOUT_CHANGES(
      "PreviewClusterLayoutChanges",
      Method.POST,
      LayoutRequest.PreviewClusterLayoutChanges.class,
      LayoutResponse.Preview.class),
  APPLY_CLUSTER_LAYOUT(
      "ApplyClusterLayout",
      Method.POST,
      LayoutRequest.ApplyClusterLayout.class,
      LayoutResponse.Applied.class),
  REVERT_CLUSTER_LAYOUT(
      "RevertClusterLayout",
      Method.POST,
      LayoutRequest.RevertClusterLayout.class,
      LayoutResponse.Layout.class),
  LIST_KEYS("ListKeys", Method.GET, KeyRequest.ListKeys.class, KeyResponse.Keys.class),
  GET_KEY_INFO("GetKeyInfo", Method.GET, KeyRequest.GetKeyInfo.class, KeyResponse.KeyInfo.class),
  CREATE_KEY("CreateKey", Method.POST, KeyRequest.CreateKey.class, KeyResponse.KeyInfo.class),
  IMPORT_KEY("ImportKey", Method.POST, KeyRequest.ImportKey.class, KeyResponse.KeyInfo.class),
  UPDATE_KEY("UpdateKey", Method.POST, KeyRequest.UpdateKey.class, KeyResponse.KeyInfo.class),
  DELETE_KEY("DeleteKey", Method.POST, KeyRequest.DeleteKey.class, Nothing.class),
  LIST_BUCKETS(
      "ListBuckets", Method.GET, BucketRequest.ListBuckets.class, BucketResponse.Buckets.class),
  GET_BUCKET_INFO(
      "GetBucketInfo",
      Method.GET,
      BucketRequest.GetBucketInfo.class,
      BucketResponse.BucketInfo.class),
  CREATE_BUCKET(
      "CreateBucket",
      Method.POST,
      BucketRequest.CreateBucket.class,
      BucketResponse.BucketInfo.class),
  UPDATE_BUCKET(
      "UpdateBucket",
      Method.POST,
      BucketRequest.UpdateBucket.class,
      BucketResponse.BucketInfo.class),
  DELETE_BUCKET("DeleteBucket", Method.POST, BucketRequest.DeleteBucket.class, Nothing.class),
  CLEANUP_INCOMPLETE_UPLOADS(
      "CleanupIncompleteUploads",
      Method.POST,
      BucketRequest.CleanupIncompleteUploads.class,
      BucketResponse.UploadsDeleted.class),
  INSPECT_OBJECT(
      "InspectObject",
      Method.GET,
      BucketRequest.InspectObject.class,
      BucketResponse.ObjectInfo.class),
  ALLOW_BUCKET_KEY(
      "AllowBucketKey",
      Method.POST,
      BucketRequest.AllowBucketKey.class,
      BucketResponse.BucketInfo.class),
  DENY_BUCKET_KEY(
      "DenyBucketKey",
      Method.POST,
      BucketRequest.DenyBucketKey.class,
      BucketResponse.BucketInfo.class),
  ADD_BUCKET_ALIAS(
      "AddBucketAlias",
      Method.POST,
      BucketRequest.AddBucketAlias.class,
      BucketResponse.BucketInfo.class),
  REMOVE_BUCKET_ALIAS(
      "RemoveBucketAlias",
      Method.POST,
      BucketRequest.RemoveBucketAlias.class,
      BucketResponse.BucketInfo.class),
  LIST_ADMIN_TOKENS(
      "ListAdminTokens",
      Method.GET,
      TokenRequest.ListAdminTokens.class,
      TokenResponse.Tokens.class),
  GET_ADMIN_TOKEN_INFO(
      "GetAdminTokenInfo",
      Method.GET,
      TokenRequest.GetAdminTokenInfo.class,
      TokenResponse.TokenInfo.class),
  CREATE_ADMIN_TOKEN(
      "CreateAdminToken",
      Method.POST,
      TokenRequest.CreateAdminToken.class,
      TokenResponse.NewToken.class),
  UPDATE_ADMIN_TOKEN(
      "UpdateAdminToken",
      Method.POST,
      TokenRequest.UpdateAdminToken.class,
      TokenResponse.TokenInfo.class),
  DELETE_ADMIN_TOKEN(
      "DeleteAdminToken", Method.POST, TokenRequest.DeleteAdminToken.class, Nothing.class),
  GET_NODE_INFO(
      "GetNodeInfo", Method.GET, NodeRequest.GetNodeInfo.class, NodeResponse.NodeInfo.class, true),
  GET_NODE_STATISTICS(
      "GetNodeStatistics",
      Method.GET,
      NodeRequest.GetNodeStatistics.class,
      NodeResponse.Statistics.class,
      true),
  CREATE_METADATA_SNAPSHOT(
      "CreateMetadataSnapshot",
      Method.POST,
      NodeRequest.CreateMetadataSnapshot.class,
      NodeResponse.Done.class,
      true),
  LAUNCH_REPAIR_OPERATION(
      "LaunchRepairOperation",
      Method.POST,
      NodeRequest.LaunchRepairOperation.class,
      NodeResponse.Done.class,
      true),
  LIST_WORKERS(
      "ListWorkers", Method.POST, NodeRequest.ListWorkers.class, NodeResponse.Workers.class, true),
  GET_WORKER_INFO(
      "GetWorkerInfo",
      Method.POST,
      NodeRequest.GetWorkerInfo.class,
      NodeResponse.Worker.class,
      true),
  GET_WORKER_VARIABLE(
      "GetWorkerVariable",
      Method.POST,
      NodeRequest.GetWorkerVariable.class,
      NodeResponse.Variables.class,
      true),
  LIST_BLOCK_ERRORS(
      "ListBlockErrors",
      Method.GET,
      NodeRequest.ListBlockErrors.class,
      NodeResponse.BlockErrors.class,
      true),
  GET_BLOCK_INFO(
      "GetBlockInfo",
      Method.POST,
      NodeRequest.GetBlockInfo.class,
      NodeResponse.BlockInfo.class,
      true),
  RETRY_BLOCK_RESYNC(
      "RetryBlockResync",
      Method.POST,
      NodeRequest.RetryBlockResync.class,
      NodeResponse.Retried.class,
      true),
  PURGE_BLOCKS(
      "PurgeBlocks", Method.POST, NodeRequest.PurgeBlocks.class, NodeResponse.Purged.class, true),
  SET_WORKER_VARIABLE(
      "SetWorkerVariable",
      Method.POST,
      NodeRequest.SetWorkerVariable.class,
      NodeResponse.VariableSet.class,
      true);

  private final String wireName;
  private final Method method;
  private final Class<? extends AdminRequest<?>> request;
  private final Class<? extends Record> response;
  private final boolean perNode;

  <R extends Record & AdminResponse> AdminEndpoint(
      String wireName, Method method, Class<? extends AdminRequest<R>> request, Class<R> response) {
    this.wireName = wireName;
    this.method = method;
    this.request = request;
    this.response = response;
    this.perNode = false;
  }

  <T extends Record> AdminEndpoint(
      String wireName,
      Method method,
      Class<? extends NodeRequest<T>> request,
      Class<T> response,
      boolean perNode) {
    this.wireName = wireName;
    this.method = method;
    this.request = request;
    this.response = response;
    this.perNode = perNode;
  }

  /** How it is asked over HTTP. */
  public enum Method {
    GET,
    POST
  }

  /** The endpoint of this name. */
  public static Optional<AdminEndpoint> named(String wireName) {
    return Arrays.stream(values()).filter(e -> e.wireName.equals(wireName)).findFirst();
  }

  /** The endpoint of a request. */
  public static AdminEndpoint of(AdminRequest<?> request) {
    return Arrays.stream(values())
        .filter(e -> e.request == request.getClass())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("a request without an endpoint"));
  }

  public String wireName() {
    return wireName;
  }

  public Method method() {
    return method;
  }

  /** The type of its request. */
  public Class<? extends AdminRequest<?>> request() {
    return request;
  }

  /** The type of its answer; that of one node's if it is {@link #perNode}. */
  public Class<? extends Record> response() {
    return response;
  }

  /** Whether nodes answer each for itself, so that the answer is {@link NodeAnswers}. */
  public boolean perNode() {
    return perNode;
  }
}
