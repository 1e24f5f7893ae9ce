package garage.model.acl;

import garage.common.codec.Codec;
import garage.common.error.GarageException;

/**
 * What an access control list may grant.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions">What
 *     permissions can I grant?</a>
 */
public enum AclPermission {
  READ(1),
  WRITE(2),
  READ_ACP(3),
  WRITE_ACP(4),
  FULL_CONTROL(5);

  static final Codec<AclPermission> CODEC =
      Codec.of((out, p) -> out.u8(p.number), in -> of(in.u8()));

  private final int number;

  AclPermission(int number) {
    this.number = number;
  }

  /** Whether what needs {@code wanted} may be done with this. */
  public boolean covers(AclPermission wanted) {
    return this == wanted || this == FULL_CONTROL;
  }

  private static AclPermission of(int number) {
    for (AclPermission permission : values()) {
      if (permission.number == number) {
        return permission;
      }
    }
    throw new GarageException.Corrupt("unknown permission " + number);
  }
}
