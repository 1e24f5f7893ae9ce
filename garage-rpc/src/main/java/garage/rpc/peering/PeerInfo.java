package garage.rpc.peering;

import garage.common.env.Address;
import garage.common.id.NodeId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What this node knows of a peer.
 *
 * @param address where it was last reached, or is said to be; null if only it dialled
 * @param hostname null if it never said
 * @param up whether it is connected now
 * @param lastSeen null if it was never connected
 * @param latency the mean of the last pings; null before the first
 */
public record PeerInfo(
    NodeId id,
    @Nullable Address address,
    @Nullable String hostname,
    boolean up,
    @Nullable Instant lastSeen,
    @Nullable Duration latency) {}
