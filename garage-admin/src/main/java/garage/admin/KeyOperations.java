package garage.admin;

import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminResponse;
import garage.admin.api.KeyRequest;
import garage.admin.api.KeyRequest.KeyChange;
import garage.admin.api.KeyRequest.KeyPermissionChange;
import garage.admin.api.KeyResponse;
import garage.admin.api.Nothing;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.model.bucket.Alias;
import garage.model.bucket.Bucket;
import garage.model.bucket.Buckets;
import garage.model.key.AccessKey;
import garage.model.key.AccessKeys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Requests about access keys. */
public final class KeyOperations {
  private final AccessKeys keys;
  private final Buckets buckets;
  private final Clock clock;

  public KeyOperations(AccessKeys keys, Buckets buckets, Clock clock) {
    this.keys = keys;
    this.buckets = buckets;
    this.clock = clock;
  }

  AdminResponse handle(KeyRequest<?> request, Deadline deadline) {
    return switch (request) {
      case KeyRequest.ListKeys() ->
          new KeyResponse.Keys(keys.list().stream().map(this::summary).toList());
      case KeyRequest.GetKeyInfo(String id, String search, Boolean showSecret) ->
          info(find(id, search, deadline), Boolean.TRUE.equals(showSecret));
      case KeyRequest.CreateKey create -> create(create, deadline);
      case KeyRequest.ImportKey(String id, String secret, String name) ->
          importKey(id, secret, name == null ? "Imported key" : name, deadline);
      case KeyRequest.UpdateKey(String id, KeyChange change) ->
          info(change(require(id, deadline), change, deadline), false);
      case KeyRequest.DeleteKey(String id) -> delete(require(id, deadline), deadline);
    };
  }

  /** The key of this id. */
  AccessKey require(String id, Deadline deadline) {
    return keys.get(id, deadline)
        .orElseThrow(() -> new AdminFailure(AdminError.noSuchAccessKey(id)));
  }

  private AccessKey find(@Nullable String id, @Nullable String search, Deadline deadline) {
    if (id != null && search == null) {
      return require(id, deadline);
    }
    if (search == null || id != null) {
      throw new AdminFailure(AdminError.invalidRequest("give either id or search"));
    }
    String pattern = search.toLowerCase(Locale.ROOT);
    List<AccessKey> matches =
        keys.list().stream()
            .filter(key ->
                key.id().toLowerCase(Locale.ROOT).startsWith(pattern)
                    || key.name().value().equalsIgnoreCase(search))
            .toList();
    if (matches.size() == 1) {
      return matches.getFirst();
    }
    Optional<AccessKey> missed = matches.isEmpty() ? keys.get(search, deadline) : Optional.empty();
    return missed.orElseThrow(() ->
        new AdminFailure(
            AdminError.invalidRequest(matches.size() + " matching keys for '" + search + "'")));
  }

  private KeyResponse.KeyInfo create(KeyRequest.CreateKey create, Deadline deadline) {
    KeyChange change =
        new KeyChange(
            null, null, create.expiration(), create.neverExpires(), create.allow(), create.deny());
    check(change);
    String name = create.name() == null ? "Unnamed key" : create.name();
    return info(change(keys.create(name, deadline), change, deadline), true);
  }

  private KeyResponse.KeyInfo importKey(String id, String secret, String name, Deadline deadline) {
    try {
      return info(keys.importKey(id, secret, name, deadline), false);
    } catch (GarageException.Conflict e) {
      throw new AdminFailure(AdminError.keyAlreadyExists(id));
    }
  }

  private AccessKey change(AccessKey key, KeyChange change, Deadline deadline) {
    check(change);
    AccessKey changed = key;
    if (change.name() != null) {
      changed = keys.rename(changed, change.name(), deadline);
    }
    if (change.email() != null) {
      Optional<String> email = Optional.of(change.email()).filter(text -> !text.isEmpty());
      changed = keys.setEmail(changed, email, deadline);
    }
    if (change.expiration() != null) {
      changed = keys.expire(changed, Optional.of(change.expiration().toEpochMilli()), deadline);
    } else if (Boolean.TRUE.equals(change.neverExpires())) {
      changed = keys.expire(changed, Optional.empty(), deadline);
    }
    if (createBucket(change.allow())) {
      changed = keys.allowCreateBucket(changed, true, deadline);
    }
    if (createBucket(change.deny())) {
      changed = keys.allowCreateBucket(changed, false, deadline);
    }
    return changed;
  }

  private static void check(KeyChange change) {
    if (change.expiration() != null && Boolean.TRUE.equals(change.neverExpires())) {
      throw new AdminFailure(
          AdminError.invalidRequest("a key that never expires has no expiration"));
    }
  }

  private static boolean createBucket(@Nullable KeyPermissionChange permissions) {
    return permissions != null && Boolean.TRUE.equals(permissions.createBucket());
  }

  private Nothing delete(AccessKey key, Deadline deadline) {
    keys.delete(key, deadline);
    buckets.forgetKey(key.id(), deadline);
    return new Nothing();
  }

  private KeyResponse.KeySummary summary(AccessKey key) {
    return new KeyResponse.KeySummary(
        key.id(),
        key.name().value(),
        key.created().instant(),
        expiration(key),
        key.isExpired(clock.wallMillis()));
  }

  private KeyResponse.KeyInfo info(AccessKey key, boolean showSecret) {
    return new KeyResponse.KeyInfo(
        key.id(),
        key.name().value(),
        key.canonicalId(),
        key.email().value().orElse(null),
        key.created().instant(),
        expiration(key),
        key.isExpired(clock.wallMillis()),
        showSecret ? key.secret() : null,
        new KeyResponse.KeyPermissions(key.createBucket().value()),
        bucketsOf(key.id()));
  }

  private static @Nullable Instant expiration(AccessKey key) {
    return key.expirationMillis().value().map(Instant::ofEpochMilli).orElse(null);
  }

  private List<KeyResponse.KeyBucket> bucketsOf(String key) {
    List<KeyResponse.KeyBucket> all = new ArrayList<>();
    List<Alias> names = buckets.names();
    for (Bucket bucket : buckets.list()) {
      List<String> local = namesOf(names, bucket, key);
      if (bucket.permissions(key).any() || !local.isEmpty()) {
        all.add(
            new KeyResponse.KeyBucket(
                bucket.id().toString(),
                namesOf(names, bucket, Alias.GLOBAL),
                local,
                BucketOperations.permissions(bucket.permissions(key))));
      }
    }
    return all;
  }

  /** The names of a bucket in a scope, out of all names. */
  static List<String> namesOf(List<Alias> names, Bucket bucket, String scope) {
    return names.stream()
        .filter(name -> name.scope().equals(scope))
        .filter(name -> name.bucket().equals(bucket.id()))
        .map(Alias::name)
        .toList();
  }
}
