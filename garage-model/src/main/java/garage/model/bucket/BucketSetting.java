package garage.model.bucket;

/** A configuration of a bucket, kept as the document it was put as. */
public enum BucketSetting {
  CORS,
  POLICY,
  PUBLIC_ACCESS_BLOCK,
  TAGGING,
  WEBSITE
}
