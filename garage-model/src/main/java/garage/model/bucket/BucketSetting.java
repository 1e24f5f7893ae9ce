package garage.model.bucket;

/** A configuration of a bucket, kept as the document it was put as. */
public enum BucketSetting {
  /** Who made the bucket and what they share, see {@link garage.model.acl.BucketAcl}. */
  ACL,
  CORS,
  /** What becomes of its objects in time. */
  LIFECYCLE,
  /** Who owns what is written into it; where never set, the server's default decides. */
  OWNERSHIP_CONTROLS,
  POLICY,
  PUBLIC_ACCESS_BLOCK,
  TAGGING,
  VERSIONING,
  WEBSITE
}
