package garage.model.object;

import garage.common.codec.Codec;
import garage.common.id.Hash;
import garage.common.id.Uuid;

/**
 * That an object's bytes are encrypted with a key its client keeps, and what tells that key from
 * others; nothing here helps to find it.
 *
 * @param salt of this object or upload alone
 * @param check of the key and the salt
 */
public record Encryption(Uuid salt, Hash check) {
  static final Codec<Encryption> CODEC =
      Codec.of(
          (out, e) -> out.value(e.salt, Codec.UUID).value(e.check, Codec.HASH),
          in -> new Encryption(in.value(Codec.UUID), in.value(Codec.HASH)));
}
