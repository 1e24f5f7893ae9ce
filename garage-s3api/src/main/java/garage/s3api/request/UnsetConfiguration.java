package garage.s3api.request;

import garage.s3api.error.S3ErrorCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A configuration of buckets that cannot be set here. Reading it is answered as AWS answers for a
 * bucket where it was never set, which is the truth; taking it away has nothing to do.
 */
public enum UnsetConfiguration {
  ACCELERATE("BucketAccelerateConfiguration", "AccelerateConfiguration"),
  LOGGING("BucketLogging", "BucketLoggingStatus"),
  NOTIFICATION("BucketNotificationConfiguration", "NotificationConfiguration"),
  REQUEST_PAYMENT("BucketRequestPayment", "RequestPaymentConfiguration"),
  ANALYTICS("BucketAnalyticsConfiguration", "ListBucketAnalyticsConfigurationResult", true),
  INTELLIGENT_TIERING(
      "BucketIntelligentTieringConfiguration",
      "ListBucketIntelligentTieringConfigurationsOutput",
      true),
  INVENTORY("BucketInventoryConfiguration", "ListInventoryConfigurationsResult", true),
  METRICS("BucketMetricsConfiguration", "ListMetricsConfigurationsResult", true),
  ENCRYPTION("BucketEncryption", S3ErrorCode.NO_SUCH_ENCRYPTION_CONFIGURATION),
  OBJECT_LOCK("ObjectLockConfiguration", S3ErrorCode.NO_SUCH_OBJECT_LOCK_CONFIGURATION),
  REPLICATION("BucketReplication", S3ErrorCode.NO_SUCH_REPLICATION_CONFIGURATION);

  /** Subresources of which a bucket may have several, by id. */
  private final boolean several;

  private final String operationSuffix;
  private final @Nullable String root;
  private final S3ErrorCode missing;

  UnsetConfiguration(String operationSuffix, String root) {
    this(operationSuffix, root, false);
  }

  UnsetConfiguration(String operationSuffix, String root, boolean several) {
    this.operationSuffix = operationSuffix;
    this.root = root;
    this.several = several;
    this.missing = S3ErrorCode.NO_SUCH_CONFIGURATION;
  }

  UnsetConfiguration(String operationSuffix, S3ErrorCode missing) {
    this.operationSuffix = operationSuffix;
    this.root = null;
    this.several = false;
    this.missing = missing;
  }

  /** The configuration that {@code operation} reads, for example {@code GetBucketCors}. */
  static Optional<UnsetConfiguration> readBy(String operation) {
    return of("Get", operation);
  }

  /** The configuration that {@code operation} takes away. */
  static Optional<UnsetConfiguration> removedBy(String operation) {
    return of("Delete", operation).filter(what -> !what.several); // those have another answer
  }

  private static Optional<UnsetConfiguration> of(String verb, String operation) {
    for (UnsetConfiguration what : values()) {
      if (operation.equals(verb + what.operationSuffix)) {
        return Optional.of(what);
      }
    }
    return Optional.empty();
  }

  /**
   * The root of the document a bucket without it is described by; null if that is an error.
   *
   * @param byId whether one of several is asked for
   */
  public @Nullable String root(boolean byId) {
    return several && byId ? null : root;
  }

  /** Whether a bucket may have several, which are listed. */
  public boolean several() {
    return several;
  }

  /** The error that says that it is not set. */
  public S3ErrorCode missing() {
    return missing;
  }
}
