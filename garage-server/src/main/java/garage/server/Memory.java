package garage.server;

import garage.common.env.Disk;
import garage.common.error.GarageException;
import garage.db.Batch;
import garage.db.Store;
import garage.db.Tree;
import garage.rpc.handshake.NodeIdentity;

/**
 * Tells a node that has lost its metadata from one that starts for the first time. A replica that
 * has forgotten what it promised and accepted would count in quorums that met it before, and so
 * undo what others were told for certain; it must come back as another node.
 *
 * <p>A row in the store says that it has been begun. It is there before the node has a key, or has
 * counted a start, so that where either is and the row is not, the store is not the one that was.
 */
final class Memory {
  static final String TREE = "node";
  private static final byte[] BEGUN = {1};

  private Memory() {}

  /**
   * To be called with the store just opened, before the node's key is made.
   *
   * @throws GarageException.Corrupt if the store is not the one this node had
   */
  static void check(Disk metadata, Store store) {
    Tree tree = store.tree(TREE);
    if (store.get(tree, BEGUN) != null) {
      return;
    }
    if (metadata.exists(NodeIdentity.KEY_FILE) || metadata.exists(BootCount.FILE)) {
      throw new GarageException.Corrupt(
          "the metadata store of this node is gone, and with it what the node has promised to"
              + " others: it must not come back as the node it was. Put the store back, or delete"
              + " node_key, node_key.crt and boot_count in metadata_dir, start the node, and run"
              + " `garage layout assign NEW --replace OLD` and `garage layout apply`");
    }
    store.commit(new Batch().put(tree, BEGUN, BEGUN));
  }
}
