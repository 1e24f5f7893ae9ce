package garage.layout;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All a node knows of the cluster's layout: the current version, the ones before it that still
 * matter, how far the change to the current one has come, and what is staged for the next.
 *
 * <p>It never changes; operations give a new history. Nodes exchange histories and {@linkplain
 * #merge merge} them. Versions are created in one place at a time (applying is a conditional write
 * of the cluster), so histories are normally prefixes of one another and the merge is the union of
 * what they know, at the later epoch: commutative, associative and idempotent. Where one number has
 * two contents that was violated, and the merge refuses rather than choose.
 *
 * @param epoch the stage of the change to the current version
 * @param versions oldest first; the last one is the current
 */
public record LayoutHistory(Epoch epoch, List<LayoutVersion> versions, StagedChanges staging) {
  /** Versions kept behind those that count: enough to find a block's last places. */
  public static final int OLDER_MAX = 5;

  /** Nodes with a role, gateways included: bounds a computation to seconds. */
  public static final int NODES_MAX = 4096;

  /** Changes kept, in force or not: one for each node that had a role since the last revert. */
  public static final int STAGED_MAX = 4 * NODES_MAX;

  public static final VersionedCodec<LayoutHistory> CODEC =
      VersionedCodec.first(
          UntrustedCodec.of(
              Codec.of(
                  (out, history) ->
                      out.value(history.epoch, Epoch.CODEC)
                          .list(history.versions, LayoutVersion.CODEC)
                          .value(history.staging, StagedChanges.CODEC),
                  in ->
                      new LayoutHistory(
                          in.value(Epoch.CODEC),
                          in.list(LayoutVersion.CODEC),
                          in.value(StagedChanges.CODEC)))));

  /**
   * @throws GarageException.InvalidInput if the versions do not ascend to the epoch's, or one that
   *     the epoch needs is missing
   */
  public LayoutHistory {
    versions = List.copyOf(versions);
    for (int i = 1; i < versions.size(); i++) {
      if (versions.get(i - 1).number() >= versions.get(i).number()) {
        throw new GarageException.InvalidInput("layout versions are out of order");
      }
    }
    if (versions.isEmpty() || versions.getLast().number() != epoch.layout()) {
      throw new GarageException.InvalidInput("the current layout version is missing");
    }
    if (!epoch.isStable()
        && (versions.size() < 2
            || versions.get(versions.size() - 2).number() != epoch.layout() - 1
            || !versions.get(versions.size() - 2).isAssigned())) {
      throw new GarageException.InvalidInput("the layout version before the current is missing");
    }
  }

  /** The history of a node that has never seen a layout. */
  public static LayoutHistory initial(ReplicationFactor replication) {
    return new LayoutHistory(
        Epoch.NONE, List.of(LayoutVersion.none(replication)), StagedChanges.NONE);
  }

  // --- what is in force

  /** The newest version: in force once the epoch is stable. */
  public LayoutVersion current() {
    return versions.getLast();
  }

  /** The version that still counts while the current one is being reached. */
  public Optional<LayoutVersion> previous() {
    return epoch.isStable() ? Optional.empty() : Optional.of(versions.get(versions.size() - 2));
  }

  /** The versions whose nodes count or receive data now, oldest first. */
  public List<LayoutVersion> live() {
    return versions.subList(versions.size() - (epoch.isStable() ? 1 : 2), versions.size());
  }

  /** Versions no longer in force, newest first: where blocks may have been left. */
  public List<LayoutVersion> older() {
    return versions.subList(0, versions.size() - live().size()).reversed();
  }

  /** Every node with a role in a live version, in the order of their ids. */
  public List<NodeId> nodes() {
    if (epoch.isStable()) {
      return current().nodes();
    }
    return live().stream().flatMap(v -> v.nodes().stream()).sorted().distinct().toList();
  }

  /**
   * The node sets in each of which an operation on {@code partition} needs its quorum, older first;
   * empty while there is no layout.
   */
  public List<ReplicaSet> countingSets(Partition partition) {
    Optional<ReplicaSet> now = current().replicaSet(partition);
    return switch (epoch.phase()) {
      case STABLE -> now.map(List::of).orElse(List.of());
      case COPY -> List.of(before(partition));
      case JOINT -> List.of(before(partition), now.orElseThrow());
    };
  }

  /** Every node that receives writes of {@code partition}, whether it counts or not. */
  public List<NodeId> receivingNodes(Partition partition) {
    if (epoch.isStable()) {
      return current().nodesOf(partition);
    }
    return live().stream().flatMap(v -> v.nodesOf(partition).stream()).sorted().distinct().toList();
  }

  /** The versions as a user lists them, newest first. */
  public List<VersionSummary> summary() {
    List<VersionSummary> rows = new ArrayList<>();
    for (LayoutVersion version : versions.reversed()) {
      VersionSummary.Status status =
          version.equals(current())
              ? VersionSummary.Status.CURRENT
              : live().contains(version)
                  ? VersionSummary.Status.DRAINING
                  : VersionSummary.Status.HISTORICAL;
      int storage = version.storageNodes().size();
      rows.add(
          new VersionSummary(version.number(), status, storage, version.roles().size() - storage));
    }
    return List.copyOf(rows);
  }

  /** What peers compare to see whether they know the same. */
  public LayoutDigest digest() {
    return new LayoutDigest(current().id(), epoch, Digests.sha256(CODEC.encode(this)));
  }

  // --- what is staged

  /** Staged changes that the current version does not say already, in the order of the ids. */
  public SortedMap<NodeId, RoleChange> pendingRoles() {
    TreeMap<NodeId, RoleChange> pending = new TreeMap<>();
    staging
        .roles()
        .entries()
        .forEach((node, change) -> {
          if (!change.value().role().equals(current().role(node))) {
            pending.put(node, change.value());
          }
        });
    return pending;
  }

  /** The staged parameters, if the current version has others. */
  public Optional<LayoutParameters> pendingParameters() {
    return staging.parameters().value().filter(next -> !next.equals(current().parameters()));
  }

  /** Whether the next version would differ from the current in roles or parameters. */
  public boolean hasPendingChanges() {
    return !pendingRoles().isEmpty() || pendingParameters().isPresent();
  }

  /** The roles of the next version. */
  public SortedMap<NodeId, NodeRole> nextRoles() {
    TreeMap<NodeId, NodeRole> roles = new TreeMap<>(current().roles());
    pendingRoles()
        .forEach((node, change) ->
            change.role().ifPresentOrElse(role -> roles.put(node, role), () -> roles.remove(node)));
    return roles;
  }

  /** The parameters of the next version. */
  public LayoutParameters nextParameters() {
    return pendingParameters().orElse(current().parameters());
  }

  /**
   * Stages {@code role} for {@code node}.
   *
   * @throws GarageException.InvalidInput if the layout has no room for another node or change
   */
  public LayoutHistory stage(Timestamp at, NodeId node, NodeRole role) {
    LayoutHistory staged = withStaging(staging.withRole(at, node, new RoleChange.Assign(role)));
    if (staged.nextRoles().size() > NODES_MAX) {
      throw new GarageException.InvalidInput("a layout has at most " + NODES_MAX + " nodes");
    }
    if (staged.staging.roles().entries().size() > STAGED_MAX) {
      throw new GarageException.InvalidInput(
          "more than %d changes of roles are on record; `garage layout revert --yes` forgets them"
              .formatted(STAGED_MAX));
    }
    return staged;
  }

  /**
   * Stages that {@code node} leaves; a role that was only staged is taken back.
   *
   * @throws GarageException.InvalidInput if it has no role, neither now nor staged
   */
  public LayoutHistory stageRemoval(Timestamp at, NodeId node) {
    if (current().role(node).isEmpty() && !pendingRoles().containsKey(node)) {
      throw new GarageException.InvalidInput("node " + node + " has no role to remove");
    }
    return withStaging(staging.withRole(at, node, new RoleChange.Remove()));
  }

  /** Stages {@code parameters}. */
  public LayoutHistory stage(Timestamp at, LayoutParameters parameters) {
    return withStaging(staging.withParameters(at, parameters));
  }

  /** Drops all that is staged, here and, once merged, everywhere. */
  public LayoutHistory revert(Timestamp at) {
    return withStaging(staging.reverted(at));
  }

  // --- how versions follow one another

  /**
   * Fails unless version {@code number} may be applied now.
   *
   * @throws GarageException.InvalidInput if it is not the next number
   * @throws GarageException.Conflict while an earlier change of layout is under way
   */
  public void checkApplicable(long number) {
    if (number != current().number() + 1) {
      throw new GarageException.InvalidInput(
          "Invalid new layout version: the current version is %d, so the next is %d, not %d"
              .formatted(current().number(), current().number() + 1, number));
    }
    if (!epoch.isStable()) {
      throw new GarageException.Conflict(
          "the change to layout version %d is still under way; see `garage layout history`"
              .formatted(current().number()));
    }
  }

  /**
   * Begins the change to {@code next}: it becomes the current version, to be filled from the one
   * before (epoch COPY). Where there is no layout yet there is nothing to copy, and it is in force
   * at once. Roles and parameters of {@code next} are the caller's to take from this history.
   *
   * @throws GarageException as {@link #checkApplicable} says
   */
  public LayoutHistory apply(LayoutVersion next) {
    checkApplicable(next.number());
    LayoutPhase phase = current().isAssigned() ? LayoutPhase.COPY : LayoutPhase.STABLE;
    List<LayoutVersion> all = new ArrayList<>(versions);
    all.add(next);
    Epoch begun = new Epoch(next.number(), phase);
    return new LayoutHistory(begun, retained(begun, all), staging);
  }

  /** The change of layout one stage further: COPY to JOINT, JOINT to STABLE. */
  public LayoutHistory advance() {
    Invariant.check(!epoch.isStable(), "no change of layout is under way", epoch);
    return new LayoutHistory(epoch.next(), retained(epoch.next(), versions), staging);
  }

  /** The change of layout ended at once, for a cluster that has nothing to copy. */
  public LayoutHistory settle() {
    return epoch.isStable() ? this : advance().settle();
  }

  /** Everything this and {@code other} know, unless they contradict each other. */
  public HistoryMerge merge(LayoutHistory other) {
    Map<Long, LayoutVersion> all = new TreeMap<>();
    versions.forEach(version -> all.put(version.number(), version));
    for (LayoutVersion theirs : other.versions) {
      LayoutVersion mine = all.putIfAbsent(theirs.number(), theirs);
      if (mine != null && !mine.equals(theirs)) {
        if (theirs.number() > 0) {
          return new HistoryMerge.Diverged(mine.id(), theirs.id());
        }
        all.put(0L, higherReplication(mine, theirs));
      }
    }
    Epoch later = epoch.compareTo(other.epoch) >= 0 ? epoch : other.epoch;
    List<LayoutVersion> kept = retained(later, List.copyOf(all.values()));
    return new HistoryMerge.Merged(new LayoutHistory(later, kept, staging.merge(other.staging)));
  }

  /**
   * Nodes without a layout may be configured differently; before the first layout it is harmless.
   */
  private static LayoutVersion higherReplication(LayoutVersion mine, LayoutVersion theirs) {
    return mine.replication().compareTo(theirs.replication()) >= 0 ? mine : theirs;
  }

  private ReplicaSet before(Partition partition) {
    return versions.get(versions.size() - 2).replicaSet(partition).orElseThrow();
  }

  private static List<LayoutVersion> retained(Epoch epoch, List<LayoutVersion> versions) {
    long oldest = Math.max(epoch.layout() - 1 - OLDER_MAX, Math.min(epoch.layout(), 1));
    return versions.stream().filter(version -> version.number() >= oldest).toList();
  }

  private LayoutHistory withStaging(StagedChanges changes) {
    return new LayoutHistory(epoch, versions, changes);
  }
}
