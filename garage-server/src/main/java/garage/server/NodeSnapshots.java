package garage.server;

import garage.block.disk.DataDirectories;
import garage.common.env.Disk;
import garage.db.Store;
import garage.db.snapshot.Snapshots;
import garage.rpc.handshake.NodeIdentity;
import garage.rpc.membership.Membership;
import garage.rpc.peering.Mesh;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a snapshot of this node's metadata holds besides the store: everything that an empty machine
 * needs to be this node again. Not the votes on layouts: a vote that is forgotten does less harm
 * than one that is given twice.
 */
final class NodeSnapshots {
  private static final List<String> FILES =
      List.of(
          NodeIdentity.KEY_FILE,
          NodeIdentity.CERTIFICATE_FILE,
          Membership.LAYOUT_FILE,
          Mesh.PEERS_FILE,
          DataDirectories.MAPPING);

  private NodeSnapshots() {}

  static Snapshots of(Store store, NodeEnvironment environment) {
    return new Snapshots(
        store, () -> files(environment.metadata()), environment.snapshots(), environment.clock());
  }

  private static SortedMap<String, byte[]> files(Disk metadata) {
    SortedMap<String, byte[]> files = new TreeMap<>();
    for (String name : FILES) {
      if (metadata.exists(name)) {
        files.put(name, metadata.readAll(name));
      }
    }
    files.put(BootCount.FILE, BootCount.ahead(metadata));
    return files;
  }
}
