package garage.admin.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A staged change of a node's role: a new role, or its removal.
 *
 * @param id 64 hex digits
 * @param remove true for a removal, which has no other field; null otherwise
 * @param capacity in bytes; null for a gateway
 */
@OmitNull
public record RoleChange(
    String id,
    @Nullable Boolean remove,
    @Nullable String zone,
    @Nullable List<String> tags,
    @Nullable Long capacity) {
  /** A new role. */
  public static RoleChange assign(
      String id, String zone, List<String> tags, @Nullable Long capacity) {
    return new RoleChange(id, null, zone, List.copyOf(tags), capacity);
  }

  /** A removal. */
  public static RoleChange removal(String id) {
    return new RoleChange(id, true, null, null, null);
  }

  /** Whether the role is taken away. */
  public boolean isRemoval() {
    return remove != null && remove;
  }
}
