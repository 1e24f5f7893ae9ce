package garage.admin.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers about access keys. */
public sealed interface KeyResponse extends AdminResponse {
  /** Every key. */
  @Bare
  record Keys(List<KeySummary> keys) implements KeyResponse {
    public Keys {
      keys = List.copyOf(keys);
    }
  }

  /** A key in a list. */
  record KeySummary(
      String id,
      String name,
      @Nullable Instant created,
      @Nullable Instant expiration,
      boolean expired) {}

  /**
   * A key.
   *
   * @param canonicalId by which access control lists and listings name it
   * @param email by which access control lists may name it
   * @param secretAccessKey null where it is not shown
   */
  record KeyInfo(
      String accessKeyId,
      String name,
      String canonicalId,
      @Nullable String email,
      @Nullable Instant created,
      @Nullable Instant expiration,
      boolean expired,
      @Nullable String secretAccessKey,
      KeyPermissions permissions,
      List<KeyBucket> buckets)
      implements KeyResponse {
    public KeyInfo {
      buckets = List.copyOf(buckets);
    }

    @Override
    public String toString() {
      return "KeyInfo[" + accessKeyId + "]";
    }
  }

  /** What a key may do anywhere. */
  record KeyPermissions(boolean createBucket) {}

  /** A bucket a key may use. */
  record KeyBucket(
      String id, List<String> globalAliases, List<String> localAliases, Permissions permissions) {
    public KeyBucket {
      globalAliases = List.copyOf(globalAliases);
      localAliases = List.copyOf(localAliases);
    }
  }
}
