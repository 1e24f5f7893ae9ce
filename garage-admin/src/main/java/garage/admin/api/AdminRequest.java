package garage.admin.api;

/**
 * A request of the admin API. Its JSON form has a field per component; {@link AdminEndpoint} gives
 * its name.
 *
 * @param <R> the answer
 */
public sealed interface AdminRequest<R extends AdminResponse>
    permits ClusterRequest, LayoutRequest, KeyRequest, BucketRequest, NodeRequest, TokenRequest {}
