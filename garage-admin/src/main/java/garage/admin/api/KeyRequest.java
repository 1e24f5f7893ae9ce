package garage.admin.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Requests about access keys. */
public sealed interface KeyRequest<R extends AdminResponse> extends AdminRequest<R> {
  /** Every key. */
  record ListKeys() implements KeyRequest<KeyResponse.Keys> {}

  /**
   * One key: by its whole id, or by a prefix of the id or the exact name.
   *
   * @param showSecretKey true for the secret too
   */
  record GetKeyInfo(@Nullable String id, @Nullable String search, @Nullable Boolean showSecretKey)
      implements KeyRequest<KeyResponse.KeyInfo> {}

  /** Makes a key. */
  record CreateKey(
      @Nullable String name,
      @Nullable Instant expiration,
      @Nullable Boolean neverExpires,
      @Nullable KeyPermissionChange allow,
      @Nullable KeyPermissionChange deny)
      implements KeyRequest<KeyResponse.KeyInfo> {
    /** A key of this name, with nothing allowed. */
    public static CreateKey named(@Nullable String name) {
      return new CreateKey(name, null, null, null, null);
    }
  }

  /** Takes over a key made elsewhere. */
  record ImportKey(String accessKeyId, String secretAccessKey, @Nullable String name)
      implements KeyRequest<KeyResponse.KeyInfo> {
    @Override
    public String toString() {
      return "ImportKey[" + accessKeyId + "]";
    }
  }

  /** Changes a key. */
  record UpdateKey(String id, KeyChange body) implements KeyRequest<KeyResponse.KeyInfo> {}

  /** Forgets a key and its permissions. */
  record DeleteKey(String id) implements KeyRequest<Nothing> {}

  /**
   * What is to change; null leaves it.
   *
   * @param email empty for none
   */
  record KeyChange(
      @Nullable String name,
      @Nullable String email,
      @Nullable Instant expiration,
      @Nullable Boolean neverExpires,
      @Nullable KeyPermissionChange allow,
      @Nullable KeyPermissionChange deny) {}

  /** Permissions to give or take; only true has an effect. */
  record KeyPermissionChange(@Nullable Boolean createBucket) {}
}
