package garage.model.acl;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An access control list: what its owner grants whom. Where none is kept, the owner has full
 * control and nobody else anything.
 */
public record Acl(List<Grant> grants) {
  /** AWS's limit on the grants of one list. */
  public static final int GRANTS_MAX = 100;

  public static final Codec<Acl> CODEC =
      Codec.of(
          (out, acl) -> out.list(acl.grants, Grant.CODEC), in -> new Acl(in.list(Grant.CODEC)));

  public Acl {
    grants = List.copyOf(grants);
    Invariant.check(grants.size() <= GRANTS_MAX, "a list has few grants", grants.size());
  }

  /** Of an owner who shares with nobody. */
  public static Acl ownerOnly(String owner) {
    return new Acl(List.of(new Grant(new Grantee.Key(owner), AclPermission.FULL_CONTROL)));
  }

  /** Whether it lets anybody in of whom the owner does not know. */
  public boolean isPublic() {
    return grants.stream().anyMatch(g -> g.grantee() instanceof Grantee.Group u && u.isPublic());
  }

  /** Whether it grants anything to others than {@code owner}. */
  public boolean sharesBeyond(String owner) {
    Grantee self = new Grantee.Key(owner);
    return grants.stream().anyMatch(grant -> !grant.grantee().equals(self));
  }

  /**
   * Whether the holder of a key may do what needs {@code wanted}.
   *
   * @param keyId null for somebody who did not sign
   * @param withPublic whether grants to the public count
   */
  public boolean allows(@Nullable String keyId, AclPermission wanted, boolean withPublic) {
    return grants.stream()
        .filter(grant -> grant.permission().covers(wanted))
        .anyMatch(grant -> includes(grant.grantee(), keyId, withPublic));
  }

  private static boolean includes(Grantee grantee, @Nullable String keyId, boolean withPublic) {
    return switch (grantee) {
      case Grantee.Key(String id) -> id.equals(keyId);
      case Grantee.Group.ALL_USERS -> withPublic;
      case Grantee.Group.AUTHENTICATED_USERS -> withPublic && keyId != null;
      case Grantee.Group.LOG_DELIVERY -> false;
    };
  }
}
