package garage.server;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.model.Model;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketName;
import garage.model.bucket.Permissions;
import garage.model.key.AccessKey;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a node alone usable without a command: it gives itself the whole layout, and on its first
 * start makes a bucket and a key to it. What is there is never changed: a restart finds the key
 * again by its name or, where the environment names one, by its id.
 */
final class SingleNode {
  /** The name of the key that is made, and by which it is found again. */
  static final String KEY_NAME = "default";

  private static final String BUCKET = "default";
  private static final Duration TIME_MAX = Duration.ofSeconds(30);

  private final Model model;
  private final Clock clock;
  private final @Nullable String bucketName;
  private final @Nullable String keyId;
  private final @Nullable String secret;

  /** {@code environment} are the process's variables. */
  SingleNode(Model model, Clock clock, Map<String, String> environment) {
    this.model = model;
    this.clock = clock;
    this.bucketName = given(environment, "GARAGE_DEFAULT_BUCKET");
    this.keyId = given(environment, "GARAGE_DEFAULT_ACCESS_KEY");
    this.secret = given(environment, "GARAGE_DEFAULT_SECRET_KEY");
    if ((keyId == null) != (secret == null)) {
      throw new GarageException.InvalidInput(
          "GARAGE_DEFAULT_ACCESS_KEY and GARAGE_DEFAULT_SECRET_KEY go together: set both or none");
    }
    if (bucketName != null) {
      BucketName.require(bucketName);
    }
  }

  /** What a newcomer needs to use the node. */
  record Credentials(String bucket, AccessKey key) {}

  /** Finds or makes the bucket and the key; empty if both were deleted on purpose. */
  Optional<Credentials> credentials() {
    Deadline deadline = Deadline.after(clock, TIME_MAX);
    boolean first = model.keys().list().isEmpty() && model.buckets().list().isEmpty();
    Optional<AccessKey> key = existingKey();
    if (key.isEmpty() && (first || keyId != null)) {
      key = Optional.of(createKey(deadline));
    }
    if (key.isEmpty()) {
      return Optional.empty();
    }
    String keyOf = key.get().id();
    String name = bucketName != null ? bucketName : ownBucket(keyOf);
    if (model.buckets().resolve(name, keyOf, deadline).isEmpty()) {
      if (!first && bucketName == null) {
        return Optional.empty();
      }
      model.buckets().create(name, null, deadline);
    }
    Bucket bucket = model.buckets().resolve(name, keyOf, deadline).orElseThrow();
    if (!bucket.permissions(keyOf).any()) {
      model.buckets().allow(bucket, keyOf, Permissions.ALL, deadline);
    }
    return Optional.of(new Credentials(name, key.get()));
  }

  private Optional<AccessKey> existingKey() {
    return keyId != null
        ? model.keys().get(keyId)
        : model.keys().list().stream().filter(k -> k.name().value().equals(KEY_NAME)).findFirst();
  }

  private AccessKey createKey(Deadline deadline) {
    AccessKey key =
        keyId != null && secret != null
            ? model.keys().importKey(keyId, secret, KEY_NAME, deadline)
            : model.keys().create(KEY_NAME, deadline);
    return model.keys().allowCreateBucket(key, true, deadline);
  }

  private String ownBucket(String keyOf) {
    Map<String, Bucket> visible = model.buckets().visibleTo(keyOf);
    return visible.containsKey(BUCKET) || visible.isEmpty()
        ? BUCKET
        : visible.keySet().iterator().next();
  }

  private static @Nullable String given(Map<String, String> environment, String variable) {
    String value = environment.get(variable);
    return value == null || value.isEmpty() ? null : value;
  }
}
