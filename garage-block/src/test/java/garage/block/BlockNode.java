package garage.block;

import garage.block.disk.BlockFiles;
import garage.block.disk.CollectingSink;
import garage.block.disk.DataDirectories;
import garage.block.disk.DataDirectory;
import garage.block.disk.SpaceReserve;
import garage.common.check.Invariant;
import garage.common.codec.Reader;
import garage.common.id.ByteSize;
import garage.common.id.Hash;
import garage.common.worker.Worker;
import garage.common.worker.WorkerRunner;
import garage.common.worker.WorkerState;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.memory.MemoryStorage;
import garage.db.memory.MemoryStore;
import garage.testkit.env.SimDisk;
import garage.testkit.env.SimNode;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The blocks of one simulated node, through its crashes. */
final class BlockNode {
  static final Duration COLLECT_DELAY = Duration.ofMillis(50);

  private final Duration collectDelay;
  final SimNode node;
  final MemoryStorage storage = new MemoryStorage();
  private final Duration syncTime;
  private MemoryStore store;
  private BlockFiles files;
  private BlockStore blocks;

  BlockNode(SimNode node, Duration syncTime) {
    this(node, syncTime, COLLECT_DELAY);
  }

  BlockNode(SimNode node, Duration syncTime, Duration collectDelay) {
    this.node = node;
    this.collectDelay = collectDelay;
    this.syncTime = syncTime;
    this.store = openStore();
    this.files = openFiles();
    this.blocks = openBlocks();
  }

  /** A new process after a crash or a clean stop. */
  void reopen() {
    store = openStore();
    files = openFiles();
    blocks = openBlocks();
  }

  void kill() {
    node.kill();
    store.crash();
    node.start();
  }

  void powerOff() {
    node.powerOff();
    store.crash();
    node.start();
  }

  void closeCleanly() {
    blocks.close();
    store.close();
  }

  private MemoryStore openStore() {
    return new MemoryStore(storage, BlockTrees.all().keySet(), node.clock(), syncTime);
  }

  private BlockFiles openFiles() {
    return openFiles(true);
  }

  /** The same files, written by a process that does not sync. */
  BlockFiles unsyncedFiles() {
    return openFiles(false);
  }

  private BlockFiles openFiles(boolean sync) {
    DataDirectories directories =
        DataDirectories.open(
            node.disk("meta"),
            List.of(new DataDirectory("/data", disk(), 1, false)),
            node.random());
    SpaceReserve reserve = SpaceReserve.of(new ByteSize(0));
    return new BlockFiles(directories, sync, OptionalInt.of(1), reserve, node.clock());
  }

  private BlockStore openBlocks() {
    return BlockStore.open(files, store, node.clock(), collectDelay);
  }

  SimDisk disk() {
    return node.disk("data");
  }

  Store store() {
    return store;
  }

  BlockStore blocks() {
    return blocks;
  }

  WorkerRunner startWorkers() {
    WorkerRunner runner = new WorkerRunner(node.clock(), node.tasks());
    blocks.workers().forEach(runner::start);
    return runner;
  }

  /** Runs the workers without the pauses they ask for, so that they meet everything under way. */
  void startEagerWorkers() {
    for (Worker worker : blocks.workers()) {
      var task =
          node.tasks()
              .start(
                  worker.name(),
                  () -> {
                    while (true) {
                      WorkerState state = worker.step();
                      boolean busy = state instanceof WorkerState.Busy;
                      node.clock().sleep(Duration.ofMillis(busy ? 0 : 1));
                    }
                  });
      Invariant.check(!task.isDone(), "a worker runs");
    }
  }

  Worker worker(int i) {
    return blocks.workers().get(i);
  }

  byte[] read(Hash hash, int length) {
    CollectingSink sink = new CollectingSink(false);
    blocks.read(hash, 0, length, sink);
    return sink.bytes();
  }

  /** The names of all files in the directories of blocks. */
  Set<String> blockFiles() {
    return disk().files().stream()
        .filter(name -> name.contains("/"))
        .map(name -> name.substring(name.lastIndexOf('/') + 1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The hashes with a reference row. */
  Set<Hash> referenced() {
    Set<Hash> hashes = new TreeSet<>();
    try (Scan scan = store.scan(store.tree(BlockTrees.REFERENCES), KeyRange.all())) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        if (row.value()[0] == ReferenceState.PRESENT.code()) {
          hashes.add(new Hash(new Reader(row.key()).bytes32()));
        }
      }
    }
    return hashes;
  }

  /** How many rows of any kind there are, but for tombstones, sums and the node's own state. */
  long rows() {
    Set<String> kept =
        Set.of(BlockTrees.STATE, BlockTrees.SUMS, BlockTrees.TOMBSTONES, BlockTrees.WANTED_COUNTS);
    long rows = 0;
    for (String tree : BlockTrees.all().keySet()) {
      if (!kept.contains(tree)) {
        rows += rows(tree);
      }
    }
    return rows;
  }

  private long rows(String tree) {
    long rows = 0;
    boolean references = tree.equals(BlockTrees.REFERENCES);
    try (Scan scan = store.scan(store.tree(tree), KeyRange.all())) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        rows += references && row.value()[0] == ReferenceState.RELEASED.code() ? 0 : 1;
      }
    }
    return rows;
  }
}
