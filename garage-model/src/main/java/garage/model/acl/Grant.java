package garage.model.acl;

import garage.common.codec.Codec;

/** One line of an access control list. */
public record Grant(Grantee grantee, AclPermission permission) {
  static final Codec<Grant> CODEC =
      Codec.of(
          (out, g) -> out.value(g.grantee, Grantee.CODEC).value(g.permission, AclPermission.CODEC),
          in -> new Grant(in.value(Grantee.CODEC), in.value(AclPermission.CODEC)));
}
