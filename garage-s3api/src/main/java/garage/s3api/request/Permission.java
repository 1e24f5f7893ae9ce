package garage.s3api.request;

/** What a key must be granted for a request, on the bucket it names or as such. */
public enum Permission {
  /** A valid signature is enough. */
  NONE,
  /** To read objects and list them. */
  READ,
  /** To change objects. */
  WRITE,
  /** To change the bucket itself. */
  OWNER,
  /** To make buckets. */
  CREATE_BUCKET
}
