package garage.model.bucket;

import garage.common.codec.Codec;
import org.jspecify.annotations.Nullable;

/**
 * Limits of a bucket; null is no limit.
 *
 * @param bytesMax how many bytes its objects may have together
 * @param objectsMax how many objects it may have
 */
public record Quotas(@Nullable Long bytesMax, @Nullable Long objectsMax) {
  /** No limits. */
  public static final Quotas NONE = new Quotas(null, null);

  static final Codec<Quotas> CODEC =
      Codec.of(
          (out, q) -> out.optional(q.bytesMax, Codec.VARINT).optional(q.objectsMax, Codec.VARINT),
          in -> new Quotas(in.optional(Codec.VARINT), in.optional(Codec.VARINT)));
}
