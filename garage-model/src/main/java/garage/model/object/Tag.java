package garage.model.object;

import garage.common.codec.Codec;

/** A tag of an object. */
public record Tag(String key, String value) {
  /** Key and value. */
  public static final Codec<Tag> CODEC =
      Codec.of(
          (out, t) -> out.string(t.key).string(t.value), in -> new Tag(in.string(), in.string()));
}
