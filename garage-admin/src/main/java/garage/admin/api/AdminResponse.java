package garage.admin.api;

/** An answer of the admin API. */
public sealed interface AdminResponse
    permits TokenResponse,
        ClusterResponse,
        LayoutResponse,
        KeyResponse,
        BucketResponse,
        NodeAnswers,
        Nothing {}
