package garage.model.key;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.crdt.Crdt;
import garage.common.crdt.CrdtBool;
import garage.common.crdt.Lww;
import garage.common.time.Timestamp;
import java.util.Optional;

/**
 * An access key: who a request is from.
 *
 * @param secret never printed by {@link #toString}
 * @param expirationMillis after which it is refused, in milliseconds since the Unix epoch
 * @param email by which access control lists may name it
 * @param deleted once true, true for ever
 */
public record AccessKey(
    String id,
    String secret,
    Timestamp created,
    Lww<String> name,
    Lww<Boolean> createBucket,
    Lww<Optional<Long>> expirationMillis,
    Lww<Optional<String>> email,
    CrdtBool deleted)
    implements Crdt<AccessKey> {
  private static final Codec<Optional<Long>> MILLIS =
      Codec.of(
          (out, m) -> out.optional(m.orElse(null), Codec.VARINT),
          in -> Optional.ofNullable(in.optional(Codec.VARINT)));
  private static final Codec<Optional<String>> TEXT =
      Codec.of(
          (out, t) -> out.optional(t.orElse(null), Codec.STRING),
          in -> Optional.ofNullable(in.optional(Codec.STRING)));

  static final VersionedCodec<AccessKey> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, k) ->
                  out.string(k.id)
                      .string(k.secret)
                      .value(k.created, Timestamp.CODEC)
                      .value(k.name, Lww.codec(Codec.STRING))
                      .value(k.createBucket, Lww.codec(Codec.BOOL))
                      .value(k.expirationMillis, Lww.codec(MILLIS))
                      .value(k.email, Lww.codec(TEXT))
                      .value(k.deleted, CrdtBool.CODEC),
              in ->
                  new AccessKey(
                      in.string(),
                      in.string(),
                      in.value(Timestamp.CODEC),
                      in.value(Lww.codec(Codec.STRING)),
                      in.value(Lww.codec(Codec.BOOL)),
                      in.value(Lww.codec(MILLIS)),
                      in.value(Lww.codec(TEXT)),
                      in.value(CrdtBool.CODEC))));

  /** Whether it is refused at {@code nowMillis}. */
  public boolean isExpired(long nowMillis) {
    return expirationMillis.value().filter(end -> end <= nowMillis).isPresent();
  }

  /** The account's canonical user id. */
  public String canonicalId() {
    return CanonicalId.of(id);
  }

  AccessKey renamed(Timestamp now, String newName) {
    return new AccessKey(
        id,
        secret,
        created,
        name.with(now, newName),
        createBucket,
        expirationMillis,
        email,
        deleted);
  }

  AccessKey allowingBuckets(Timestamp now, boolean allowed) {
    return new AccessKey(
        id,
        secret,
        created,
        name,
        createBucket.with(now, allowed),
        expirationMillis,
        email,
        deleted);
  }

  AccessKey expiring(Timestamp now, Optional<Long> millis) {
    return new AccessKey(
        id,
        secret,
        created,
        name,
        createBucket,
        expirationMillis.with(now, millis),
        email,
        deleted);
  }

  AccessKey reachedAt(Timestamp now, Optional<String> address) {
    return new AccessKey(
        id,
        secret,
        created,
        name,
        createBucket,
        expirationMillis,
        email.with(now, address),
        deleted);
  }

  AccessKey asDeleted() {
    return new AccessKey(
        id, secret, created, name, createBucket, expirationMillis, email, CrdtBool.TRUE);
  }

  @Override
  public AccessKey merge(AccessKey other) {
    boolean first = created.compareTo(other.created) <= 0;
    return new AccessKey(
        id,
        first ? secret : other.secret,
        first ? created : other.created,
        name.merge(other.name),
        createBucket.merge(other.createBucket),
        expirationMillis.merge(other.expirationMillis),
        email.merge(other.email),
        deleted.merge(other.deleted));
  }

  @Override
  public String toString() {
    return "AccessKey[" + id + ", " + name.value() + "]";
  }
}
