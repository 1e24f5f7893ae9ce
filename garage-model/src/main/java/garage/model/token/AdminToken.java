package garage.model.token;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.crdt.Crdt;
import garage.common.crdt.CrdtBool;
import garage.common.crdt.Lww;
import garage.common.id.Hash;
import garage.common.time.Timestamp;
import java.util.List;
import java.util.Optional;

/**
 * A token of the admin API.
 *
 * @param secretHash SHA-256 of the whole token. Its secret part is 32 random bytes, which nobody
 *     guesses however fast the hash is; so it needs no slow one.
 * @param expirationMillis after which it is refused, in milliseconds since the Unix epoch
 * @param scope the names of the endpoints it opens; {@link #ALL} opens every one
 * @param deleted once true, true for ever
 */
public record AdminToken(
    String id,
    Hash secretHash,
    Timestamp created,
    Lww<String> name,
    Lww<Optional<Long>> expirationMillis,
    Lww<List<String>> scope,
    CrdtBool deleted)
    implements Crdt<AdminToken> {
  /** The scope of everything. */
  public static final String ALL = "*";

  private static final Codec<Optional<Long>> MILLIS =
      Codec.of(
          (out, m) -> out.optional(m.orElse(null), Codec.VARINT),
          in -> Optional.ofNullable(in.optional(Codec.VARINT)));
  private static final Codec<List<String>> NAMES =
      Codec.of((out, l) -> out.list(l, Codec.STRING), in -> in.list(Codec.STRING));

  static final VersionedCodec<AdminToken> CODEC =
      VersionedCodec.first(
          Codec.of(
              AdminToken::write,
              in ->
                  new AdminToken(
                      in.string(),
                      new Hash(in.bytes32()),
                      in.value(Timestamp.CODEC),
                      in.value(Lww.codec(Codec.STRING)),
                      in.value(Lww.codec(MILLIS)),
                      in.value(Lww.codec(NAMES)),
                      in.value(CrdtBool.CODEC))));

  private static void write(Writer out, AdminToken token) {
    out.string(token.id)
        .bytes32(token.secretHash.value())
        .value(token.created, Timestamp.CODEC)
        .value(token.name, Lww.codec(Codec.STRING))
        .value(token.expirationMillis, Lww.codec(MILLIS))
        .value(token.scope, Lww.codec(NAMES))
        .value(token.deleted, CrdtBool.CODEC);
  }

  /** Whether it is refused at {@code nowMillis}. */
  public boolean isExpired(long nowMillis) {
    return expirationMillis.value().filter(end -> end <= nowMillis).isPresent();
  }

  /** Whether it opens the endpoint of this name, while it is not expired. */
  public boolean opens(String endpoint) {
    return scope.value().contains(ALL) || scope.value().contains(endpoint);
  }

  AdminToken renamed(Timestamp now, String newName) {
    return new AdminToken(
        id, secretHash, created, name.with(now, newName), expirationMillis, scope, deleted);
  }

  AdminToken expiring(Timestamp now, Optional<Long> millis) {
    return new AdminToken(
        id, secretHash, created, name, expirationMillis.with(now, millis), scope, deleted);
  }

  AdminToken scoped(Timestamp now, List<String> endpoints) {
    return new AdminToken(
        id,
        secretHash,
        created,
        name,
        expirationMillis,
        scope.with(now, List.copyOf(endpoints)),
        deleted);
  }

  AdminToken asDeleted() {
    return new AdminToken(id, secretHash, created, name, expirationMillis, scope, CrdtBool.TRUE);
  }

  @Override
  public AdminToken merge(AdminToken other) {
    return new AdminToken(
        id,
        created.compareTo(other.created) <= 0 ? secretHash : other.secretHash,
        created.compareTo(other.created) <= 0 ? created : other.created,
        name.merge(other.name),
        expirationMillis.merge(other.expirationMillis),
        scope.merge(other.scope),
        deleted.merge(other.deleted));
  }

  @Override
  public String toString() {
    return "AdminToken[" + id + ", " + name.value() + "]";
  }
}
