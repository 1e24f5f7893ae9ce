package garage.admin.api;

/** An answer of the admin API. */
public sealed interface AdminResponse
    permits ClusterResponse, LayoutResponse, KeyResponse, BucketResponse, NodeAnswers, Nothing {}
