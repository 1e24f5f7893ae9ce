package garage.block;

import garage.block.disk.BlockFiles;
import garage.block.disk.DataDirectories;
import garage.block.disk.DataDirectory;
import garage.block.disk.SpaceReserve;
import garage.common.env.system.SystemClock;
import garage.common.env.system.SystemDisk;
import garage.common.env.system.SystemRandom;
import garage.common.id.ByteSize;
import garage.db.rocksdb.RocksSettings;
import garage.db.rocksdb.RocksStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/** Blocks on a real disk and a real store. */
final class RealNode implements AutoCloseable {
  final SystemClock clock = new SystemClock();
  final RocksStore store;
  final BlockFiles files;
  final BlockStore blocks;

  RealNode(Path root, OptionalInt level, Duration collectDelay) {
    this(root, level, collectDelay, RocksSettings.defaults());
  }

  RealNode(Path root, OptionalInt level, Duration collectDelay, RocksSettings settings) {
    SystemDisk metadata = new SystemDisk(root.resolve("meta"));
    SystemDisk data = new SystemDisk(root.resolve("data"));
    store = RocksStore.open(root.resolve("db").toString(), BlockTrees.all(), settings);
    files =
        new BlockFiles(
            DataDirectories.open(
                metadata, List.of(new DataDirectory("data", data, 1, false)), new SystemRandom()),
            true,
            level,
            SpaceReserve.of(new ByteSize(0)),
            clock);
    blocks = BlockStore.open(files, store, clock, collectDelay);
  }

  @Override
  public void close() {
    blocks.close();
    files.close();
    store.close();
  }
}
