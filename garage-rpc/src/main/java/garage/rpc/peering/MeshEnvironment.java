package garage.rpc.peering;

import garage.common.env.Clock;
import garage.common.env.Disk;
import garage.common.env.Network;
import garage.common.env.RandomSource;
import garage.common.env.Tasks;

/**
 * The seams the mesh stands on.
 *
 * @param network carries frames under this node's identity
 * @param state the metadata directory, where the peer list is kept
 */
public record MeshEnvironment(
    Clock clock, Tasks tasks, RandomSource random, Network network, Disk state) {}
