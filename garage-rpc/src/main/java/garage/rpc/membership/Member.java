package garage.rpc.membership;

import garage.layout.NodeRole;
import garage.rpc.peering.PeerInfo;
import org.jspecify.annotations.Nullable;

/**
 * One node, as this one knows it.
 *
 * @param status what it said last, perhaps before it failed; null if it never did
 * @param role in the newest layout; null if it has none
 */
public record Member(PeerInfo peer, @Nullable NodeStatus status, @Nullable NodeRole role) {}
