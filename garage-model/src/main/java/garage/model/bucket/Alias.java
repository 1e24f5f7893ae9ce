package garage.model.bucket;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.crdt.Crdt;
import garage.common.crdt.Lww;
import garage.common.id.Uuid;
import java.util.Optional;

/**
 * A name of a bucket.
 *
 * @param scope the id of the access key whose name it is, empty for a global one
 * @param target the bucket, empty if the name stands for none (any more)
 */
public record Alias(String scope, String name, Lww<Optional<Uuid>> target) implements Crdt<Alias> {
  /** The scope of names everyone sees. */
  public static final String GLOBAL = "";

  private static final Codec<Optional<Uuid>> TARGET =
      Codec.of(
          (out, t) -> out.optional(t.orElse(null), Codec.UUID),
          in -> Optional.ofNullable(in.optional(Codec.UUID)));

  static final VersionedCodec<Alias> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, a) -> out.string(a.scope).string(a.name).value(a.target, Lww.codec(TARGET)),
              in -> new Alias(in.string(), in.string(), in.value(Lww.codec(TARGET)))));

  /** Whether it is a global name. */
  public boolean isGlobal() {
    return scope.equals(GLOBAL);
  }

  static byte[] partitionKey(String scope) {
    return new Writer().string(scope).toBytes();
  }

  @Override
  public Alias merge(Alias other) {
    return new Alias(scope, name, target.merge(other.target));
  }
}
