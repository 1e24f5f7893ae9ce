package garage.cli;

import garage.admin.api.ClusterRequest.ConnectClusterNodes;
import garage.admin.api.ClusterRequest.GetClusterStatus;
import garage.admin.api.ClusterResponse.Connection;
import garage.admin.api.ClusterResponse.Role;
import garage.admin.api.LayoutRequest.GetClusterLayout;
import garage.admin.api.LayoutRequest.UpdateClusterLayout;
import garage.admin.api.LayoutResponse;
import garage.admin.api.RoleChange;
import garage.common.id.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code garage layout assign}: stages a role for each node. What is not given is taken from the
 * role the node has or is about to have, or from the one of the node it replaces.
 */
@Command(description = "Stage a role for nodes")
final class AssignCommand extends VersionedCommand {
  /** Less cannot hold anything. */
  private static final long CAPACITY_MIN = 1024;

  @Parameters(
      paramLabel = "NODE",
      arity = "1..*",
      description = "The beginning of its id, or what `garage node id` prints")
  List<String> nodes = new ArrayList<>();

  @Option(
      names = {"-z", "--zone"},
      paramLabel = "ZONE",
      description = "What fails together: a data centre, a rack")
  @Nullable String zone;

  @Option(
      names = {"-c", "--capacity"},
      paramLabel = "SIZE",
      description = "How much it may store, such as 100G or 2TiB")
  @Nullable String capacity;

  @Option(
      names = {"-g", "--gateway"},
      description = "It stores nothing and only serves clients")
  boolean gateway;

  @Option(
      names = {"-t", "--tag"},
      paramLabel = "TAG",
      description = "A name of your own for it; may be repeated")
  List<String> tags = new ArrayList<>();

  @Option(
      names = "--replace",
      paramLabel = "NODE",
      description = "A node that leaves the layout for these; may be repeated")
  List<String> replaced = new ArrayList<>();

  AssignCommand(Session session) {
    super(session);
  }

  @Override
  public void run() {
    if (gateway && capacity != null) {
      throw new CommandFailed("a gateway has no capacity: give either -c or -g");
    }
    LayoutResponse.Layout layout = session.call(new GetClusterLayout());
    Set<String> known = NodePattern.known(session.call(new GetClusterStatus()), layout);
    List<RoleChange> changes = new ArrayList<>();
    Role inherited = null;
    for (String node : replaced) {
      String id = NodePattern.parse(node).resolve(known);
      Role role = role(layout, id);
      if (role == null) {
        throw new CommandFailed("node " + id + " has no role that could be replaced");
      }
      inherited = role;
      changes.add(RoleChange.removal(id));
    }
    for (String node : nodes) {
      NodePattern pattern = NodePattern.parse(node);
      connect(pattern, known);
      String id = pattern.resolve(known);
      Role before = role(layout, id);
      changes.add(change(id, before == null ? inherited : before));
    }
    session.call(new UpdateClusterLayout(changes, null));
    session.print(LayoutCommands.STAGED);
  }

  private RoleChange change(String id, @Nullable Role before) {
    String theZone = zone != null ? zone : before == null ? null : before.zone();
    if (theZone == null) {
      throw new CommandFailed("node " + id + " has no zone yet: give one with -z");
    }
    if (capacity == null && !gateway && before == null) {
      throw new CommandFailed(
          "node " + id + " has no capacity yet: give one with -c, or -g for a gateway");
    }
    List<String> theTags = !tags.isEmpty() || before == null ? tags : before.tags();
    return RoleChange.assign(id, theZone, theTags, bytes(before));
  }

  private @Nullable Long bytes(@Nullable Role before) {
    if (gateway) {
      return null;
    }
    if (capacity == null) {
      return before == null ? null : before.capacity();
    }
    try {
      long bytes = ByteSize.parse(capacity).bytes();
      if (bytes < CAPACITY_MIN) {
        throw new CommandFailed("a capacity is at least 1 KiB, not " + capacity);
      }
      return bytes;
    } catch (IllegalArgumentException e) {
      throw new CommandFailed(String.valueOf(e.getMessage()));
    }
  }

  /** A node nobody has met yet is met now, where its address was given. */
  private void connect(NodePattern pattern, Set<String> known) {
    if (pattern.address() == null || !pattern.isWhole() || known.contains(pattern.id())) {
      return;
    }
    String peer = pattern.id() + "@" + pattern.address();
    for (Connection made : session.call(new ConnectClusterNodes(List.of(peer))).connections()) {
      if (!made.success()) {
        throw new CommandFailed("cannot connect to " + peer + ": " + made.error());
      }
    }
  }

  /** The role a node is about to have, else the one it has. */
  private static @Nullable Role role(LayoutResponse.Layout layout, String id) {
    for (RoleChange change : layout.stagedRoleChanges()) {
      if (change.id().equals(id) && change.zone() != null) {
        List<String> tags = change.tags() == null ? List.of() : change.tags();
        return new Role(change.zone(), tags, change.capacity());
      }
    }
    for (LayoutResponse.NodeRole role : layout.roles()) {
      if (role.id().equals(id)) {
        return new Role(role.zone(), role.tags(), role.capacity());
      }
    }
    return null;
  }
}
