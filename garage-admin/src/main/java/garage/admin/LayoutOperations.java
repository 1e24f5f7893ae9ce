package garage.admin;

import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminResponse;
import garage.admin.api.LayoutParameters;
import garage.admin.api.LayoutRequest;
import garage.admin.api.LayoutResponse;
import garage.admin.api.RoleChange;
import garage.admin.api.ZoneRedundancy;
import garage.common.env.Deadline;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.layout.LayoutHistory;
import garage.layout.LayoutVersion;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.ReplicationFactor;
import garage.layout.VersionSummary;
import garage.layout.Zone;
import garage.layout.assign.AppliedLayout;
import garage.layout.assign.AssignmentReport;
import garage.layout.assign.Infeasibility;
import garage.layout.assign.LayoutPlan;
import garage.layout.assign.LayoutPlanner;
import garage.rpc.membership.TransitionProgress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests about the layout. */
public final class LayoutOperations {
  private final LayoutControl control;
  private final HybridClock clock;

  /** {@code clock} orders what is staged. */
  public LayoutOperations(LayoutControl control, HybridClock clock) {
    this.control = control;
    this.clock = clock;
  }

  AdminResponse handle(LayoutRequest<?> request, Deadline deadline) {
    return switch (request) {
      case LayoutRequest.GetClusterLayout() -> layout(control.history());
      case LayoutRequest.GetClusterLayoutHistory() ->
          history(control.history(), control.progress());
      case LayoutRequest.UpdateClusterLayout update ->
          layout(control.update(history -> stage(history, update), deadline));
      case LayoutRequest.PreviewClusterLayoutChanges() -> preview(control.history());
      case LayoutRequest.ApplyClusterLayout(long version) -> apply(version, deadline);
      case LayoutRequest.RevertClusterLayout() ->
          layout(control.update(history -> history.revert(clock.now()), deadline));
    };
  }

  private LayoutHistory stage(LayoutHistory history, LayoutRequest.UpdateClusterLayout update) {
    LayoutHistory next = history;
    List<RoleChange> changes = update.roles() == null ? List.of() : update.roles();
    for (RoleChange change : changes) {
      NodeId node = node(change.id());
      Timestamp now = clock.now();
      next =
          change.isRemoval() ? next.stageRemoval(now, node) : next.stage(now, node, role(change));
    }
    LayoutParameters parameters = update.parameters();
    if (parameters != null) {
      next = next.stage(clock.now(), wanted(next.nextParameters(), parameters));
    }
    return next;
  }

  private static garage.layout.LayoutParameters wanted(
      garage.layout.LayoutParameters now, LayoutParameters change) {
    Integer copies = change.replicationFactor();
    return new garage.layout.LayoutParameters(
        redundancy(change.zoneRedundancy()),
        copies == null ? now.replication() : new ReplicationFactor(copies));
  }

  private LayoutResponse.Applied apply(long version, Deadline deadline) {
    List<String> report = new ArrayList<>();
    LayoutHistory after =
        control.update(
            history -> {
              AppliedLayout applied = LayoutPlanner.apply(history, version);
              report.clear();
              report.addAll(applied.report().lines());
              return settled(history.current(), applied.history());
            },
            deadline);
    return new LayoutResponse.Applied(report, layout(after));
  }

  /** A version that keeps everything where it is, for the same nodes, needs no change-over. */
  private static LayoutHistory settled(LayoutVersion before, LayoutHistory after) {
    LayoutVersion now = after.current();
    boolean same =
        now.nodes().equals(before.nodes())
            && now.replication().equals(before.replication())
            && Partition.all().stream().allMatch(p -> now.nodesOf(p).equals(before.nodesOf(p)));
    return same ? after.settle() : after;
  }

  private static LayoutResponse.Preview preview(LayoutHistory history) {
    return switch (LayoutPlanner.plan(history)) {
      case LayoutPlan.Feasible(LayoutVersion next, AssignmentReport report) ->
          new LayoutResponse.Preview(null, report.lines(), layout(next, List.of(), null));
      case LayoutPlan.Infeasible(Infeasibility cause) ->
          new LayoutResponse.Preview(cause.message(), null, null);
    };
  }

  private static LayoutResponse.Layout layout(LayoutHistory history) {
    List<RoleChange> staged = new ArrayList<>();
    history.pendingRoles().forEach((node, change) -> staged.add(staged(node, change)));
    LayoutParameters parameters =
        history.pendingParameters().map(next -> staged(history, next)).orElse(null);
    return layout(history.current(), staged, parameters);
  }

  private static LayoutParameters staged(
      LayoutHistory history, garage.layout.LayoutParameters next) {
    int copies = next.replication().copies();
    boolean other = copies != history.current().replication().copies();
    return new LayoutParameters(parameters(next).zoneRedundancy(), other ? copies : null);
  }

  private static LayoutResponse.Layout layout(
      LayoutVersion version, List<RoleChange> staged, @Nullable LayoutParameters parameters) {
    List<LayoutResponse.NodeRole> roles = new ArrayList<>();
    version.roles().forEach((node, role) -> roles.add(role(version, node, role)));
    return new LayoutResponse.Layout(
        version.number(),
        roles,
        parameters(version.parameters()),
        version.partitionSize().bytes(),
        staged,
        parameters);
  }

  private static LayoutResponse.NodeRole role(LayoutVersion version, NodeId node, NodeRole role) {
    ByteSize capacity = role.capacity();
    return new LayoutResponse.NodeRole(
        node.toString(),
        role.zone().name(),
        role.tags(),
        capacity == null ? null : capacity.bytes(),
        capacity == null ? null : Long.valueOf(version.partitionCount(node)),
        capacity == null ? null : version.usableCapacity(node).bytes());
  }

  private static RoleChange staged(NodeId node, garage.layout.RoleChange change) {
    return switch (change) {
      case garage.layout.RoleChange.Assign(NodeRole role) -> {
        ByteSize capacity = role.capacity();
        yield RoleChange.assign(
            node.toString(),
            role.zone().name(),
            role.tags(),
            capacity == null ? null : capacity.bytes());
      }
      case garage.layout.RoleChange.Remove() -> RoleChange.removal(node.toString());
    };
  }

  private static LayoutResponse.History history(
      LayoutHistory history, TransitionProgress progress) {
    List<LayoutResponse.Version> versions = new ArrayList<>();
    for (VersionSummary row : history.summary()) {
      versions.add(
          new LayoutResponse.Version(
              row.number(), row.status().text(), row.storageNodes(), row.gatewayNodes()));
    }
    return new LayoutResponse.History(
        history.current().number(),
        history.live().getFirst().number(),
        versions,
        null,
        history.epoch().isStable() ? null : history.epoch().phase().name(),
        history.epoch().isStable() ? null : progress(progress),
        history.epoch().isStable() ? departed(history, progress) : List.of());
  }

  private static LayoutResponse.Progress progress(TransitionProgress progress) {
    return new LayoutResponse.Progress(
        Partition.COUNT,
        progress.partitionsReady(),
        progress.secondsLeft() < 0 ? null : progress.secondsLeft(),
        progress.parts().stream()
            .map(p -> new LayoutResponse.Part(p.name(), p.done(), p.remaining()))
            .toList(),
        progress.waitingFor().stream().map(NodeId::toString).toList(),
        progress.silent().stream().map(NodeId::toString).toList());
  }

  /** Nodes that never had a role have not left anything behind either. */
  private static List<LayoutResponse.Departed> departed(
      LayoutHistory history, TransitionProgress progress) {
    List<LayoutResponse.Departed> departed = new ArrayList<>();
    progress
        .leaving()
        .forEach((node, partitions) ->
            departed.add(new LayoutResponse.Departed(node.toString(), partitions, false)));
    progress.done().stream()
        .filter(node -> history.older().stream().anyMatch(v -> v.role(node).isPresent()))
        .forEach(node -> departed.add(new LayoutResponse.Departed(node.toString(), 0, true)));
    return departed;
  }

  private static NodeRole role(RoleChange change) {
    if (change.zone() == null) {
      throw new AdminFailure(
          AdminError.invalidRequest("field 'zone' is missing of the role of " + change.id()));
    }
    Long capacity = change.capacity();
    if (capacity != null && capacity < 0) {
      throw new AdminFailure(AdminError.invalidRequest("a capacity is never negative"));
    }
    List<String> tags = change.tags() == null ? List.of() : change.tags();
    return new NodeRole(
        new Zone(change.zone()), capacity == null ? null : new ByteSize(capacity), tags);
  }

  private static NodeId node(String id) {
    try {
      return NodeId.parse(id);
    } catch (IllegalArgumentException e) {
      throw new AdminFailure(
          AdminError.invalidRequest("'" + id + "' is not a node id: it has 64 hex digits"));
    }
  }

  private static LayoutParameters parameters(garage.layout.LayoutParameters parameters) {
    return new LayoutParameters(
        switch (parameters.zoneRedundancy()) {
          case garage.layout.ZoneRedundancy.Maximum() -> new ZoneRedundancy.Maximum();
          case garage.layout.ZoneRedundancy.AtLeast(int zones) -> new ZoneRedundancy.AtLeast(zones);
        },
        null);
  }

  private static garage.layout.ZoneRedundancy redundancy(ZoneRedundancy redundancy) {
    return switch (redundancy) {
      case ZoneRedundancy.Maximum() -> new garage.layout.ZoneRedundancy.Maximum();
      case ZoneRedundancy.AtLeast(int zones) -> new garage.layout.ZoneRedundancy.AtLeast(zones);
    };
  }
}
