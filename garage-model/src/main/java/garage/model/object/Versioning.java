package garage.model.object;

import garage.common.codec.Codec;
import garage.common.error.GarageException;

/**
 * Whether a bucket keeps the versions of its objects.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html">Retaining
 *     multiple versions of objects</a>
 */
public enum Versioning {
  /** It never has. */
  NONE,
  /** Each write makes a version of its own. */
  ENABLED,
  /** Each write replaces the one version whose id is null; the others stay. */
  SUSPENDED;

  /** One byte. */
  public static final Codec<Versioning> CODEC =
      Codec.of((out, v) -> out.u8(v.number()), in -> ofNumber(in.u8()));

  private int number() {
    return switch (this) {
      case NONE -> 0;
      case ENABLED -> 1;
      case SUSPENDED -> 2;
    };
  }

  private static Versioning ofNumber(int number) {
    return switch (number) {
      case 0 -> NONE;
      case 1 -> ENABLED;
      case 2 -> SUSPENDED;
      default -> throw new GarageException.Corrupt("unknown state of versioning " + number);
    };
  }
}
