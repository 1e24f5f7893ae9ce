package garage.s3api.request;

/** What a URI points at. */
sealed interface Target {
  /** The service as such. */
  record Service() implements Target {}

  /** A bucket, by the name the client uses. */
  record Bucket(String name) implements Target {}

  /** A key in a bucket. */
  record Key(ObjectName name) implements Target {}
}
