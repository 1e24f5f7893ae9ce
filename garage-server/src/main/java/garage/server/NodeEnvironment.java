package garage.server;

import garage.block.disk.DataDirectory;
import garage.common.env.Clock;
import garage.common.env.Disk;
import garage.common.env.Network;
import garage.common.env.RandomSource;
import garage.common.env.Tasks;
import garage.db.Store;
import garage.db.TreeOptions;
import garage.rpc.handshake.NodeIdentity;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a node stands on: the real machine, or a simulated one.
 *
 * @param metadata the metadata directory
 * @param data the data directories
 * @param network makes the network under the node's identity
 * @param store opens the metadata store with these trees
 */
public record NodeEnvironment(
    Clock clock,
    Tasks tasks,
    RandomSource random,
    Disk metadata,
    List<DataDirectory> data,
    Function<NodeIdentity, Network> network,
    Function<Map<String, TreeOptions>, Store> store) {
  public NodeEnvironment {
    data = List.copyOf(data);
  }
}
