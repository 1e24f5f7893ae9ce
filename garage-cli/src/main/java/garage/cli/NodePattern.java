package garage.cli;

import garage.admin.api.ClusterResponse;
import garage.admin.api.LayoutResponse;
import garage.admin.api.RoleChange;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a user names a node: the beginning of its id, or all of it, with or without the address that
 * {@code garage node id} prints after it.
 *
 * @param address null if there is none
 */
record NodePattern(String id, @Nullable String address) {
  private static final Pattern WHOLE_ID = Pattern.compile("[0-9a-f]{64}");

  static NodePattern parse(String text) {
    int at = text.indexOf('@');
    return at < 0
        ? new NodePattern(text, null)
        : new NodePattern(text.substring(0, at), text.substring(at + 1));
  }

  /** A whole id needs no node to be known: it may be about to join. */
  boolean isWhole() {
    return WHOLE_ID.matcher(id).matches();
  }

  /** The one id among those known that begins so. */
  String resolve(Set<String> known) {
    if (isWhole()) {
      return id;
    }
    List<String> matches = known.stream().filter(k -> k.startsWith(id)).toList();
    if (matches.size() != 1 || id.isEmpty()) {
      throw new CommandFailed(matches.size() + " nodes match '" + id + "'");
    }
    return matches.getFirst();
  }

  /** Every id in the cluster's status or its layout. */
  static Set<String> known(ClusterResponse.Status status, LayoutResponse.Layout layout) {
    Set<String> known = new TreeSet<>();
    status.nodes().forEach(node -> known.add(node.id()));
    layout.roles().forEach(role -> known.add(role.id()));
    layout.stagedRoleChanges().stream().map(RoleChange::id).forEach(known::add);
    return known;
  }
}
