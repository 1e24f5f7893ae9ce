package garage.model.object;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.error.GarageException;
import garage.common.hash.Checksum;
import garage.common.hash.ChecksumAlgorithm;

/**
 * A checksum kept with an object.
 *
 * @param type whether it covers the object's bytes, or the checksums of its parts
 * @param parts how many parts a {@link Type#COMPOSITE} one covers; 0 for {@link Type#FULL_OBJECT}
 */
public record ObjectChecksum(Checksum value, Type type, int parts) {
  static final Codec<ObjectChecksum> CODEC =
      Codec.of(
          (out, c) ->
              out.u8(number(c.value.algorithm()))
                  .bytes(c.value.bytes())
                  .bool(c.type == Type.COMPOSITE)
                  .varint(c.parts),
          in -> {
            Checksum value = Checksum.of(algorithm(in.u8()), in.bytes());
            Type type = in.bool() ? Type.COMPOSITE : Type.FULL_OBJECT;
            return new ObjectChecksum(value, type, in.varint32());
          });

  /** What a checksum covers. */
  public enum Type {
    FULL_OBJECT,
    COMPOSITE
  }

  public ObjectChecksum {
    Invariant.check((type == Type.COMPOSITE) == (parts > 0), "a composite checksum has parts");
  }

  /** A checksum of the object's bytes. */
  public static ObjectChecksum full(Checksum value) {
    return new ObjectChecksum(value, Type.FULL_OBJECT, 0);
  }

  static int number(ChecksumAlgorithm algorithm) {
    return switch (algorithm) {
      case CRC32 -> 1;
      case CRC32C -> 2;
      case CRC64NVME -> 3;
      case SHA1 -> 4;
      case SHA256 -> 5;
    };
  }

  static ChecksumAlgorithm algorithm(int number) {
    return switch (number) {
      case 1 -> ChecksumAlgorithm.CRC32;
      case 2 -> ChecksumAlgorithm.CRC32C;
      case 3 -> ChecksumAlgorithm.CRC64NVME;
      case 4 -> ChecksumAlgorithm.SHA1;
      case 5 -> ChecksumAlgorithm.SHA256;
      default -> throw new GarageException.Corrupt("unknown checksum algorithm " + number);
    };
  }
}
