package garage.cli.format;

import garage.admin.api.ClusterResponse;
import garage.admin.api.ClusterResponse.Node;
import garage.admin.api.ClusterResponse.Role;
import garage.admin.api.ClusterResponse.Space;
import garage.admin.api.LayoutResponse;
import garage.admin.api.RoleChange;
import garage.common.text.TextTable;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code garage status}: the nodes, up and down, and what is staged for them. */
public final class StatusText {
  private final LayoutResponse.Layout layout;
  private final List<Node> nodes;

  private StatusText(ClusterResponse.Status status, LayoutResponse.Layout layout) {
    this.layout = layout;
    this.nodes = status.nodes().stream().sorted(Comparator.comparing(Node::id)).toList();
  }

  /** The whole text. */
  public static String of(
      ClusterResponse.Status status, LayoutResponse.Layout layout, LayoutResponse.History history) {
    StatusText text = new StatusText(status, layout);
    String change = ChangeText.line(history);
    return text.healthy() + text.failed() + text.staged() + (change.isEmpty() ? "" : "\n" + change);
  }

  private String healthy() {
    TextTable table =
        new TextTable()
            .row("ID", "Hostname", "Address", "Tags", "Zone", "Capacity", "DataAvail", "Version");
    nodes.stream().filter(Node::isUp).forEach(node -> healthyRow(table, node));
    return Cells.heading("HEALTHY NODES") + table;
  }

  private void healthyRow(TextTable table, Node node) {
    Role role = node.role();
    table.row(
        Cells.id(node.id()),
        or(node.hostname(), "?"),
        or(node.addr(), "N/A"),
        role == null ? "" : Cells.tags(role.tags()),
        role == null ? "" : role.zone(),
        role == null ? withoutRole(node) : Cells.capacity(role.capacity()),
        role == null ? "" : available(role, node.dataPartition()),
        or(node.garageVersion(), "?"));
  }

  private static String available(Role role, @Nullable Space space) {
    if (role.capacity() == null) {
      return "N/A";
    }
    return space == null ? "?" : Cells.share(space.available(), space.total());
  }

  private String withoutRole(Node node) {
    if (node.draining()) {
      return "draining metadata..";
    }
    boolean pending =
        layout.stagedRoleChanges().stream()
            .filter(change -> !change.isRemoval())
            .map(RoleChange::id)
            .anyMatch(node.id()::equals);
    return pending ? "pending..." : "NO ROLE ASSIGNED";
  }

  private String failed() {
    List<Node> down = nodes.stream().filter(node -> !node.isUp()).toList();
    if (down.isEmpty()) {
      return "";
    }
    TextTable table =
        new TextTable().row("ID", "Hostname", "Tags", "Zone", "Capacity", "Last seen");
    for (Node node : down) {
      Role role = node.role();
      table.row(
          Cells.id(node.id()),
          or(node.hostname(), "?"),
          role == null ? "" : Cells.tags(role.tags()),
          role == null ? "" : role.zone(),
          role == null ? withoutRole(node) : Cells.capacity(role.capacity()),
          node.lastSeenSecsAgo() == null ? "never seen" : Times.ago(node.lastSeenSecsAgo()));
    }
    String text = "\n" + Cells.heading("FAILED NODES") + table;
    return down.stream().anyMatch(Node::draining)
        ? text
            + "\nA failed node still holds data of an older layout version: see"
            + " `garage layout history`.\n"
        : text;
  }

  private String staged() {
    return layout.hasStaged()
        ? "\n"
            + StagedText.of(layout)
            + "\nRun `garage layout show` to see the new layout before applying it.\n"
        : "";
  }

  private static String or(@Nullable String text, String otherwise) {
    return text == null ? otherwise : text;
  }
}
