package garage.admin;

import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminResponse;
import garage.admin.api.BucketRequest;
import garage.admin.api.BucketRequest.BucketChange;
import garage.admin.api.BucketRequest.NewLocalAlias;
import garage.admin.api.BucketResponse;
import garage.admin.api.Nothing;
import garage.admin.api.Permissions;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Uuid;
import garage.model.bucket.Alias;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketName;
import garage.model.bucket.BucketSetting;
import garage.model.bucket.Buckets;
import garage.model.bucket.Quotas;
import garage.model.bucket.Website;
import garage.model.counter.BucketCounters.Counts;
import garage.model.key.AccessKey;
import garage.model.key.AccessKeys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Requests about buckets. */
public final class BucketOperations {
  /** Shorter ones would be names by mistake. */
  private static final Pattern ID_PREFIX = Pattern.compile("[0-9a-f]{2,64}");

  private static final Pattern WHOLE_ID = Pattern.compile("[0-9a-f]{64}");

  private final Buckets buckets;
  private final AccessKeys keys;
  private final BucketContents contents;
  private final Clock clock;

  public BucketOperations(Buckets buckets, AccessKeys keys, BucketContents contents, Clock clock) {
    this.clock = clock;
    this.buckets = buckets;
    this.keys = keys;
    this.contents = contents;
  }

  AdminResponse handle(BucketRequest<?> request, Deadline deadline) {
    return switch (request) {
      case BucketRequest.ListBuckets() -> list();
      case BucketRequest.GetBucketInfo(String id, String alias, String search) ->
          info(find(id, alias, search, deadline), deadline);
      case BucketRequest.CreateBucket(String alias, NewLocalAlias local) ->
          create(alias, local, deadline);
      case BucketRequest.UpdateBucket(String id, BucketChange change) ->
          info(change(require(id, deadline), change, deadline), deadline);
      case BucketRequest.DeleteBucket(String id) -> delete(require(id, deadline), deadline);
      case BucketRequest.CleanupIncompleteUploads(String id, long olderThanSecs) ->
          new BucketResponse.UploadsDeleted(
              contents.abortUploads(require(id, deadline), ago(olderThanSecs), deadline));
      case BucketRequest.InspectObject(String id, String key) ->
          contents.inspect(require(id, deadline), key, deadline);
      case BucketRequest.AllowBucketKey(String id, String key, Permissions given) ->
          info(
              buckets.allow(
                  require(id, deadline), requireKey(key, deadline), permissions(given), deadline),
              deadline);
      case BucketRequest.DenyBucketKey(String id, String key, Permissions taken) ->
          info(
              buckets.deny(
                  require(id, deadline), requireKey(key, deadline), permissions(taken), deadline),
              deadline);
      case BucketRequest.AddBucketAlias(String id, String global, String key, String local) -> {
        addName(require(id, deadline), name(global, key, local, deadline), deadline);
        yield info(require(id, deadline), deadline);
      }
      case BucketRequest.RemoveBucketAlias(String id, String global, String key, String local) -> {
        ScopedName name = name(global, key, local, deadline);
        buckets.removeName(require(id, deadline).id(), name.scope(), name.name(), deadline);
        yield info(require(id, deadline), deadline);
      }
    };
  }

  private Instant ago(long seconds) {
    if (seconds < 0) {
      throw new AdminFailure(AdminError.invalidRequest("an age is never negative"));
    }
    Instant now = clock.now();
    return seconds > now.getEpochSecond() ? Instant.EPOCH : now.minusSeconds(seconds);
  }

  /** A name, global or of one key's. */
  private record ScopedName(String scope, String name) {}

  private ScopedName name(
      @Nullable String global, @Nullable String key, @Nullable String local, Deadline deadline) {
    if (global != null && key == null && local == null) {
      return new ScopedName(Alias.GLOBAL, global);
    }
    if (global == null && key != null && local != null) {
      return new ScopedName(requireKey(key, deadline), local);
    }
    throw new AdminFailure(
        AdminError.invalidRequest("give either globalAlias, or accessKeyId and localAlias"));
  }

  private Bucket require(String id, Deadline deadline) {
    try {
      Optional<Bucket> bucket = buckets.get(Uuid.parse(id), deadline);
      return bucket.orElseThrow(() -> new AdminFailure(AdminError.noSuchBucket(id)));
    } catch (IllegalArgumentException e) {
      throw new AdminFailure(
          AdminError.invalidRequest("'" + id + "' is not a bucket id: it has 64 hex digits"));
    }
  }

  private String requireKey(String id, Deadline deadline) {
    return keys.get(id, deadline)
        .map(AccessKey::id)
        .orElseThrow(() -> new AdminFailure(AdminError.noSuchAccessKey(id)));
  }

  private Bucket find(
      @Nullable String id, @Nullable String alias, @Nullable String search, Deadline deadline) {
    if (id != null && alias == null && search == null) {
      return require(id, deadline);
    }
    if (id == null && alias != null && search == null) {
      return buckets
          .ofName(alias, deadline)
          .orElseThrow(() -> new AdminFailure(AdminError.noSuchBucket(alias)));
    }
    if (id == null && alias == null && search != null) {
      return buckets.ofName(search, deadline).orElseGet(() -> withPrefix(search, deadline));
    }
    throw new AdminFailure(AdminError.invalidRequest("give one of id, globalAlias and search"));
  }

  private Bucket withPrefix(String prefix, Deadline deadline) {
    List<Bucket> matches =
        ID_PREFIX.matcher(prefix).matches()
            ? buckets.list().stream().filter(b -> b.id().toString().startsWith(prefix)).toList()
            : List.of();
    if (matches.size() > 1) {
      throw new AdminFailure(
          AdminError.invalidRequest(matches.size() + " matching buckets for '" + prefix + "'"));
    }
    if (matches.isEmpty()) {
      if (WHOLE_ID.matcher(prefix).matches()) {
        return require(prefix, deadline); // this node may have missed it
      }
      throw new AdminFailure(AdminError.noSuchBucket(prefix));
    }
    return matches.getFirst();
  }

  private BucketResponse.BucketInfo create(
      @Nullable String alias, @Nullable NewLocalAlias local, Deadline deadline) {
    if (alias == null) {
      throw new AdminFailure(
          AdminError.notImplemented("a bucket is made with a globalAlias in this version"));
    }
    if (!BucketName.isValid(alias)) {
      throw new AdminFailure(AdminError.invalidBucketName(alias));
    }
    String key = local == null ? null : requireKey(local.accessKeyId(), deadline);
    Bucket bucket =
        switch (buckets.create(alias, null, deadline)) {
          case Buckets.Creation.Created(Bucket made) -> made;
          case Buckets.Creation.Taken(Bucket _) ->
              throw new AdminFailure(AdminError.bucketAlreadyExists(alias));
        };
    if (local != null && key != null) {
      addName(bucket, new ScopedName(key, local.alias()), deadline);
      if (local.allow() != null) {
        bucket = buckets.allow(bucket, key, permissions(local.allow()), deadline);
      }
    }
    return info(bucket, deadline);
  }

  private void addName(Bucket bucket, ScopedName name, Deadline deadline) {
    if (!BucketName.isValid(name.name())) {
      throw new AdminFailure(AdminError.invalidBucketName(name.name()));
    }
    try {
      buckets.addName(bucket.id(), name.scope(), name.name(), deadline);
    } catch (GarageException.Conflict e) {
      throw new AdminFailure(AdminError.bucketAlreadyExists(name.name()));
    }
  }

  private Bucket change(Bucket bucket, BucketChange change, Deadline deadline) {
    Bucket changed =
        change.websiteAccess() == null ? bucket : website(bucket, change.websiteAccess(), deadline);
    BucketRequest.Quotas quotas = change.quotas();
    return quotas == null ? changed : buckets.limit(changed, limits(quotas), deadline);
  }

  /** Redirects and routing rules, which are set through S3, are kept. */
  private Bucket website(Bucket bucket, BucketRequest.WebsiteChange change, Deadline deadline) {
    String index = change.indexDocument();
    if (!change.enabled()) {
      if (index != null || change.errorDocument() != null) {
        throw new AdminFailure(
            AdminError.invalidRequest("a bucket without website access has no documents"));
      }
      return buckets.configure(bucket, BucketSetting.WEBSITE, Optional.empty(), deadline);
    }
    if (index == null || index.isEmpty() || index.indexOf('/') >= 0) {
      throw new AdminFailure(
          AdminError.invalidRequest("indexDocument is a name without a slash, such as index.html"));
    }
    List<Website.Rule> rules =
        website(bucket) instanceof Website.Pages pages ? pages.rules() : List.of();
    Website site = new Website.Pages(index, change.errorDocument(), rules);
    return buckets.configure(
        bucket, BucketSetting.WEBSITE, Optional.of(site.toSetting()), deadline);
  }

  private static @Nullable Website website(Bucket bucket) {
    return bucket.setting(BucketSetting.WEBSITE).map(Website::ofSetting).orElse(null);
  }

  private static Quotas limits(BucketRequest.Quotas quotas) {
    if ((quotas.maxSize() != null && quotas.maxSize() < 0)
        || (quotas.maxObjects() != null && quotas.maxObjects() < 0)) {
      throw new AdminFailure(AdminError.invalidRequest("a limit is never negative"));
    }
    return new Quotas(quotas.maxSize(), quotas.maxObjects());
  }

  private Nothing delete(Bucket bucket, Deadline deadline) {
    return switch (buckets.delete(bucket, contents::isEmpty, deadline)) {
      case DELETED -> new Nothing();
      case NOT_EMPTY -> throw new AdminFailure(AdminError.bucketNotEmpty());
    };
  }

  private BucketResponse.Buckets list() {
    List<Alias> names = buckets.names();
    List<BucketResponse.BucketSummary> all = new ArrayList<>();
    for (Bucket bucket : buckets.list()) {
      all.add(
          new BucketResponse.BucketSummary(
              bucket.id().toString(),
              bucket.created().instant(),
              KeyOperations.namesOf(names, bucket, Alias.GLOBAL),
              localNames(names, bucket)));
    }
    return new BucketResponse.Buckets(all);
  }

  private static List<BucketResponse.LocalAlias> localNames(List<Alias> names, Bucket bucket) {
    return names.stream()
        .filter(name -> !name.isGlobal())
        .filter(name -> name.bucket().equals(bucket.id()))
        .map(name -> new BucketResponse.LocalAlias(name.scope(), name.name()))
        .toList();
  }

  private BucketResponse.BucketInfo info(Bucket bucket, Deadline deadline) {
    List<Alias> names = buckets.names(bucket.id());
    Counts counts = contents.count(bucket, deadline);
    Quotas quotas = bucket.quotas().value();
    return new BucketResponse.BucketInfo(
        bucket.id().toString(),
        bucket.created().instant(),
        KeyOperations.namesOf(names, bucket, Alias.GLOBAL),
        website(bucket) != null,
        website(bucket) instanceof Website.Pages(String index, String error, List<?> _)
            ? new BucketResponse.WebsiteConfig(index, error)
            : null,
        keysOf(bucket, names),
        counts.objects(),
        counts.bytes(),
        counts.uploads(),
        counts.uploads(),
        0, // parts are not counted
        0,
        new BucketRequest.Quotas(quotas.bytesMax(), quotas.objectsMax()));
  }

  /** The keys that may do something with a bucket, or have a name for it. */
  private List<BucketResponse.BucketKey> keysOf(Bucket bucket, List<Alias> names) {
    Map<String, garage.model.bucket.Permissions> grants = new TreeMap<>(bucket.grants());
    localNames(names, bucket)
        .forEach(
            local -> grants.putIfAbsent(local.accessKeyId(), garage.model.bucket.Permissions.NONE));
    List<BucketResponse.BucketKey> all = new ArrayList<>();
    grants.forEach((id, granted) ->
        keys.get(id)
            .ifPresent(key ->
                all.add(
                    new BucketResponse.BucketKey(
                        id,
                        key.name().value(),
                        permissions(granted),
                        KeyOperations.namesOf(names, bucket, id)))));
    return all;
  }

  static Permissions permissions(garage.model.bucket.Permissions permissions) {
    return Permissions.of(permissions.read(), permissions.write(), permissions.owner());
  }

  private static garage.model.bucket.Permissions permissions(Permissions permissions) {
    return new garage.model.bucket.Permissions(
        permissions.mayRead(), permissions.mayWrite(), permissions.isOwner());
  }
}
