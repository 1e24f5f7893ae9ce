package garage.s3api.acl;

import garage.model.acl.Acl;
import garage.model.acl.Grant;
import garage.model.acl.Grantee;
import garage.model.key.AccessKey;
import garage.model.key.AccessKeys;
import garage.model.key.CanonicalId;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.xml.AccessControlPolicy;
import garage.s3api.xml.Owner;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Between grantees as clients name them and the access keys they are. */
final class Grantees {
  private final AccessKeys keys;

  Grantees(AccessKeys keys) {
    this.keys = keys;
  }

  /** The list a client means. */
  Acl resolve(List<AccessControlPolicy.Grant> asked) {
    if (asked.size() > Acl.GRANTS_MAX) {
      throw S3ErrorCode.MALFORMED_ACL.because(
          "An access control list has at most " + Acl.GRANTS_MAX + " grants");
    }
    List<Grant> grants = new ArrayList<>();
    for (AccessControlPolicy.Grant grant : asked) {
      grants.add(new Grant(resolve(grant.grantee()), grant.permission()));
    }
    return new Acl(grants);
  }

  private Grantee resolve(AccessControlPolicy.Grantee grantee) {
    return switch (grantee) {
      case AccessControlPolicy.Grantee.CanonicalUser(String id, String _) -> account(id);
      case AccessControlPolicy.Grantee.ByEmail(String address) -> holder(address);
      case AccessControlPolicy.Grantee.Group(String uri) -> group(uri);
    };
  }

  /** A key by its canonical user id; its own id does as well. */
  private Grantee account(String id) {
    Optional<AccessKey> key = keys.ofCanonicalId(id);
    return key.or(() -> keys.get(id))
        .map(k -> new Grantee.Key(k.id()))
        .orElseThrow(
            () -> S3Error.invalidArgument("Invalid id", "CanonicalUser/ID", id).exception());
  }

  private Grantee holder(String address) {
    List<AccessKey> found = keys.ofEmail(address);
    if (found.size() > 1) {
      throw S3ErrorCode.AMBIGUOUS_GRANT_BY_EMAIL_ADDRESS.exception();
    }
    if (found.isEmpty()) {
      throw S3ErrorCode.UNRESOLVABLE_GRANT_BY_EMAIL_ADDRESS.exception();
    }
    return new Grantee.Key(found.getFirst().id());
  }

  private static Grantee group(String uri) {
    for (Grantee.Group group : Grantee.Group.values()) {
      if (group.uri().equals(uri)) {
        return group;
      }
    }
    throw S3Error.invalidArgument("Invalid group uri", "Group/URI", uri).exception();
  }

  /** As a document names them. */
  List<AccessControlPolicy.Grant> named(Acl acl) {
    List<AccessControlPolicy.Grant> grants = new ArrayList<>();
    for (Grant grant : acl.grants()) {
      AccessControlPolicy.Grantee grantee =
          switch (grant.grantee()) {
            case Grantee.Key(String id) -> {
              Owner owner = owner(id);
              yield new AccessControlPolicy.Grantee.CanonicalUser(owner.id(), owner.displayName());
            }
            case Grantee.Group group -> new AccessControlPolicy.Grantee.Group(group.uri());
          };
      grants.add(new AccessControlPolicy.Grant(grantee, grant.permission()));
    }
    return grants;
  }

  /** A key as documents name it; one that is gone has no name. */
  Owner owner(String keyId) {
    String name = keyId.isEmpty() ? "" : keys.get(keyId).map(key -> key.name().value()).orElse("");
    return new Owner(CanonicalId.of(keyId), name);
  }
}
