package garage.layout;

import garage.common.codec.Codec;
import java.util.Objects;
import java.util.Optional;

/** What is to become of a node with the next layout version. */
public sealed interface RoleChange {
  Codec<RoleChange> CODEC =
      Codec.of(
          (out, change) -> out.optional(change.role().orElse(null), NodeRole.CODEC),
          in -> of(Optional.ofNullable(in.optional(NodeRole.CODEC))));

  /** The change that leads to {@code role}, or to none. */
  static RoleChange of(Optional<NodeRole> role) {
    return role.<RoleChange>map(Assign::new).orElseGet(Remove::new);
  }

  /** The role afterwards, if any. */
  default Optional<NodeRole> role() {
    return switch (this) {
      case Assign(NodeRole role) -> Optional.of(role);
      case Remove() -> Optional.empty();
    };
  }

  /** The node gets this role, whatever it had. */
  record Assign(NodeRole newRole) implements RoleChange {
    public Assign {
      Objects.requireNonNull(newRole);
    }
  }

  /** The node leaves the layout. */
  record Remove() implements RoleChange {}
}
