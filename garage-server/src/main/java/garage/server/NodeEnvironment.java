package garage.server;

import garage.block.disk.DataDirectory;
import garage.common.env.Clock;
import garage.common.env.Disk;
import garage.common.env.Network;
import garage.common.env.RandomSource;
import garage.common.env.Tasks;
import garage.common.id.NodeId;
import garage.db.Store;
import garage.db.TreeOptions;
import garage.db.snapshot.SnapshotPlace;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a node stands on: the real machine, or a simulated one.
 *
 * @param metadata the metadata directory
 * @param data the data directories
 * @param presence finds out who the node is, and makes the network that proves it
 * @param snapshots where copies of the metadata go
 * @param store opens the metadata store with these trees
 */
public record NodeEnvironment(
    Clock clock,
    Tasks tasks,
    RandomSource random,
    Disk metadata,
    List<DataDirectory> data,
    SnapshotPlace snapshots,
    Supplier<Presence> presence,
    Function<Map<String, TreeOptions>, Store> store) {
  public NodeEnvironment {
    data = List.copyOf(data);
  }

  /** With the snapshots in the metadata directory, for a store that takes any path for a copy. */
  public NodeEnvironment(
      Clock clock,
      Tasks tasks,
      RandomSource random,
      Disk metadata,
      List<DataDirectory> data,
      Supplier<Presence> presence,
      Function<Map<String, TreeOptions>, Store> store) {
    this(
        clock,
        tasks,
        random,
        metadata,
        data,
        new SnapshotPlace(metadata, "snapshots", "snapshots"),
        presence,
        store);
  }

  /** Who a node is to its peers. */
  public record Presence(NodeId id, Network network) {}
}
