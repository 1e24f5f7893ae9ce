package garage.model.bucket;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.crdt.Crdt;
import garage.common.crdt.CrdtBool;
import garage.common.crdt.Lww;
import garage.common.crdt.LwwMap;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.model.acl.BucketAcl;
import garage.model.object.Versioning;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A bucket. Its names are registers of their own ({@link Names}), its permissions are here alone,
 * so that no two rows can disagree.
 *
 * @param created when it was made
 * @param deleted whether it is gone; once true, true for ever
 * @param keys what each access key may do
 * @param names the names that certainly are, or are no more, this bucket's
 * @param settings documents by the name of a {@link BucketSetting}; an empty one is not set
 */
public record Bucket(
    Uuid id,
    Timestamp created,
    CrdtBool deleted,
    LwwMap<String, Permissions> keys,
    Lww<Quotas> quotas,
    LwwMap<String, String> settings,
    LwwMap<String, Boolean> names)
    implements Crdt<Bucket> {
  static final VersionedCodec<Bucket> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, b) ->
                  out.value(b.id, Codec.UUID)
                      .value(b.created, Timestamp.CODEC)
                      .value(b.deleted, CrdtBool.CODEC)
                      .value(b.keys, LwwMap.codec(Codec.STRING, Permissions.CODEC))
                      .value(b.quotas, Lww.codec(Quotas.CODEC))
                      .value(b.settings, LwwMap.codec(Codec.STRING, Codec.STRING))
                      .value(b.names, LwwMap.codec(Codec.STRING, Codec.BOOL)),
              in ->
                  new Bucket(
                      in.value(Codec.UUID),
                      in.value(Timestamp.CODEC),
                      in.value(CrdtBool.CODEC),
                      in.value(LwwMap.codec(Codec.STRING, Permissions.CODEC)),
                      in.value(Lww.codec(Quotas.CODEC)),
                      in.value(LwwMap.codec(Codec.STRING, Codec.STRING)),
                      in.value(LwwMap.codec(Codec.STRING, Codec.BOOL)))));

  /** A new bucket. */
  static Bucket create(Uuid id, Timestamp now) {
    return new Bucket(
        id,
        now,
        CrdtBool.FALSE,
        LwwMap.empty(),
        Lww.of(now, Quotas.NONE),
        LwwMap.empty(),
        LwwMap.empty());
  }

  /** What {@code keyId} may do. */
  public Permissions permissions(String keyId) {
    return keys.get(keyId).orElse(Permissions.NONE);
  }

  /** What was configured; empty if nothing is. */
  public Optional<String> setting(BucketSetting setting) {
    return settings.get(setting.name()).filter(document -> !document.isEmpty());
  }

  /**
   * The access key whose bucket it is: the one that made it, as long as it has the owner
   * permission; otherwise the one that has had that for the longest time, if any.
   */
  public Optional<String> owner() {
    Optional<String> maker =
        setting(BucketSetting.ACL).map(BucketAcl::ofSetting).map(BucketAcl::owner);
    if (maker.filter(key -> permissions(key).owner()).isPresent()) {
      return maker;
    }
    return keys.entries().entrySet().stream()
        .filter(entry -> entry.getValue().value().owner())
        .min(Comparator.comparing(entry -> entry.getValue().at()))
        .map(Map.Entry::getKey);
  }

  /** Whether it keeps versions. */
  public Versioning versioning() {
    return setting(BucketSetting.VERSIONING).map(Versioning::valueOf).orElse(Versioning.NONE);
  }

  /** The keys that may do anything, by id. */
  public Map<String, Permissions> grants() {
    Map<String, Permissions> grants = new TreeMap<>();
    keys.entries()
        .forEach((key, lww) -> {
          if (lww.value().any()) {
            grants.put(key, lww.value());
          }
        });
    return grants;
  }

  Bucket withPermissions(String keyId, Timestamp now, Permissions permissions) {
    return new Bucket(
        id, created, deleted, keys.put(keyId, now, permissions), quotas, settings, names);
  }

  Bucket withQuotas(Timestamp now, Quotas limits) {
    return new Bucket(id, created, deleted, keys, quotas.with(now, limits), settings, names);
  }

  Bucket withSetting(BucketSetting setting, Timestamp now, Optional<String> document) {
    return new Bucket(
        id,
        created,
        deleted,
        keys,
        quotas,
        settings.put(setting.name(), now, document.orElse("")),
        names);
  }

  Bucket asDeleted() {
    return new Bucket(id, created, CrdtBool.TRUE, keys, quotas, settings, names);
  }

  /** Whether the name is known to be this bucket's, so that no quorum need be asked. */
  public boolean isNamed(String scope, String name) {
    return names.get(Alias.label(scope, name)).orElse(false);
  }

  /** The names known to be this bucket's, global ones first. */
  List<Alias> noted() {
    return names.entries().entrySet().stream()
        .filter(entry -> entry.getValue().value())
        .map(entry -> Alias.ofLabel(entry.getKey(), id))
        .toList();
  }

  Bucket withName(String scope, String name, Timestamp now, boolean its) {
    return new Bucket(
        id,
        created,
        deleted,
        keys,
        quotas,
        settings,
        names.put(Alias.label(scope, name), now, its));
  }

  @Override
  public Bucket merge(Bucket other) {
    return new Bucket(
        id,
        created.compareTo(other.created) <= 0 ? created : other.created,
        deleted.merge(other.deleted),
        keys.merge(other.keys),
        quotas.merge(other.quotas),
        settings.merge(other.settings),
        names.merge(other.names));
  }
}
