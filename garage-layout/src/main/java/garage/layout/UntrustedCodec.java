package garage.layout;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.error.GarageException;

/**
 * Turns the refusal of a value that was read, worded for a user who typed it, into damage of the
 * bytes it was read from.
 */
final class UntrustedCodec {
  private UntrustedCodec() {}

  static <T> Codec<T> of(Codec<T> codec) {
    return Codec.of(codec::write, in -> read(codec, in));
  }

  private static <T> T read(Codec<T> codec, Reader in) {
    try {
      return codec.read(in);
    } catch (GarageException.InvalidInput e) {
      throw new GarageException.Corrupt("not a layout: " + e.getMessage(), e);
    }
  }
}
