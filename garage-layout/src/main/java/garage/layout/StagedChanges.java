package garage.layout;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.crdt.Crdt;
import garage.common.crdt.Lww;
import garage.common.crdt.LwwMap;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Changes that wait for the next layout version. Nodes stage them apart; merging keeps the last
 * writing for each node and for the parameters.
 *
 * <p>Applying a layout clears nothing: a change that is in effect says what the layout says, and is
 * simply not pending any more. So a change staged on one node while another applies is not lost. A
 * revert drops every change made before it.
 *
 * @param revertedAt changes of roles up to this time are void
 * @param parameters empty where nothing is staged
 */
public record StagedChanges(
    Timestamp revertedAt,
    LwwMap<NodeId, RoleChange> roles,
    Lww<Optional<LayoutParameters>> parameters)
    implements Crdt<StagedChanges> {
  public static final StagedChanges NONE =
      new StagedChanges(Timestamp.ZERO, LwwMap.empty(), Lww.of(Timestamp.ZERO, Optional.empty()));

  private static final Codec<LwwMap<NodeId, RoleChange>> ROLES =
      LwwMap.codec(Codec.NODE_ID, RoleChange.CODEC);
  private static final Codec<Lww<Optional<LayoutParameters>>> PARAMETERS =
      Lww.codec(
          Codec.of(
              (out, parameters) -> out.optional(parameters.orElse(null), LayoutParameters.CODEC),
              in -> Optional.ofNullable(in.optional(LayoutParameters.CODEC))));

  public static final VersionedCodec<StagedChanges> CODEC =
      VersionedCodec.first(
          UntrustedCodec.of(
              Codec.of(
                  (out, staged) ->
                      out.value(staged.revertedAt, Timestamp.CODEC)
                          .value(staged.roles, ROLES)
                          .value(staged.parameters, PARAMETERS),
                  in ->
                      new StagedChanges(
                          in.value(Timestamp.CODEC), in.value(ROLES), in.value(PARAMETERS)))));

  public StagedChanges {
    roles = since(revertedAt, roles);
  }

  /** The time of the last change. */
  public Timestamp lastChange() {
    Timestamp last = revertedAt.max(parameters.at());
    for (Lww<RoleChange> change : roles.entries().values()) {
      last = last.max(change.at());
    }
    return last;
  }

  StagedChanges withRole(Timestamp at, NodeId node, RoleChange change) {
    return new StagedChanges(revertedAt, roles.put(node, later(at), change), parameters);
  }

  StagedChanges withParameters(Timestamp at, LayoutParameters next) {
    return new StagedChanges(revertedAt, roles, Lww.of(later(at), Optional.of(next)));
  }

  StagedChanges reverted(Timestamp at) {
    Timestamp now = later(at);
    return new StagedChanges(now, LwwMap.empty(), Lww.of(now, Optional.empty()));
  }

  @Override
  public StagedChanges merge(StagedChanges other) {
    return new StagedChanges(
        revertedAt.max(other.revertedAt),
        roles.merge(other.roles),
        parameters.merge(other.parameters));
  }

  /** Above all that is staged, so that the user's change wins even where clocks disagree. */
  private Timestamp later(Timestamp at) {
    Timestamp last = lastChange();
    return at.isAfter(last) ? at : new Timestamp(last.ticks() + 1, at.node(), at.boot());
  }

  private static LwwMap<NodeId, RoleChange> since(
      Timestamp revertedAt, LwwMap<NodeId, RoleChange> roles) {
    Map<NodeId, Lww<RoleChange>> kept = new HashMap<>(roles.entries());
    kept.values().removeIf(change -> !change.at().isAfter(revertedAt));
    return new LwwMap<>(kept);
  }
}
