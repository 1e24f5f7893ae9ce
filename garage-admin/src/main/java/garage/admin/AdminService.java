package garage.admin;

import garage.admin.api.AdminFailure;
import garage.admin.api.AdminRequest;
import garage.admin.api.AdminResponse;
import garage.admin.api.BucketRequest;
import garage.admin.api.ClusterRequest;
import garage.admin.api.KeyRequest;
import garage.admin.api.LayoutRequest;
import garage.admin.api.NodeRequest;
import garage.admin.api.TokenRequest;
import garage.common.env.Deadline;
import garage.common.error.GarageException;

/** Answers every request of the admin API. */
public final class AdminService implements AdminCalls.Answering {
  private final ClusterOperations cluster;
  private final LayoutOperations layout;
  private final KeyOperations keys;
  private final BucketOperations buckets;
  private final TokenOperations tokens;

  public AdminService(
      ClusterOperations cluster,
      LayoutOperations layout,
      KeyOperations keys,
      BucketOperations buckets,
      TokenOperations tokens) {
    this.cluster = cluster;
    this.layout = layout;
    this.keys = keys;
    this.buckets = buckets;
    this.tokens = tokens;
  }

  /**
   * The answer.
   *
   * @throws AdminFailure if there is none, whatever the reason
   */
  @Override
  public AdminResponse handle(AdminRequest<?> request, Deadline deadline) {
    try {
      return switch (request) {
        case ClusterRequest<?> about -> cluster.handle(about, deadline);
        case LayoutRequest<?> about -> layout.handle(about, deadline);
        case KeyRequest<?> about -> keys.handle(about, deadline);
        case BucketRequest<?> about -> buckets.handle(about, deadline);
        case TokenRequest<?> about -> tokens.handle(about, deadline);
        case NodeRequest<?> about -> cluster.handle(about, deadline);
      };
    } catch (GarageException failure) {
      throw new AdminFailure(AdminErrors.of(failure));
    }
  }
}
