package garage.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import garage.block.disk.CollectingSink;
import garage.block.disk.TestBytes;
import garage.common.env.Tasks;
import garage.common.env.system.SystemTasks;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.db.rocksdb.RocksSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole module on a real file system and RocksDB. */
final class RealDiskTest {
  private static final Uuid DATA = Uuid.of(TestBytes.hash(new byte[1]).toBytes());

  @TempDir Path root;

  private static byte[] read(RealNode node, Hash hash, int from, int to, boolean direct) {
    CollectingSink sink = new CollectingSink(direct);
    node.blocks.read(hash, from, to, sink);
    return sink.bytes();
  }

  @Test
  void blocksWrittenTogetherAreReadAfterARestartAndGoWhenReleased() {
    List<byte[]> contents = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      contents.add(TestBytes.MIXED.bytes(i, 1 + i * 20_011));
    }
    List<Hash> hashes = contents.stream().map(TestBytes::hash).toList();
    try (RealNode node = new RealNode(root, OptionalInt.of(1), Duration.ZERO)) {
      List<Tasks.Task> tasks = new ArrayList<>();
      for (int i = 0; i < contents.size(); i++) {
        ByteBuffer plain = ByteBuffer.wrap(contents.get(i));
        Hash hash = hashes.get(i);
        tasks.add(new SystemTasks().start("put", () -> node.blocks.put(hash, plain, DATA)));
      }
      tasks.forEach(Tasks.Task::join);
    }
    try (RealNode node = new RealNode(root, OptionalInt.empty(), Duration.ZERO)) {
      assertEquals(0, node.blocks.workers().get(1).queueLength(), "it was closed cleanly");
      for (int i = 0; i < contents.size(); i++) {
        int length = contents.get(i).length;
        assertArrayEquals(contents.get(i), read(node, hashes.get(i), 0, length, i % 2 == 0));
        assertEquals(1, node.blocks.references(hashes.get(i)));
      }
      node.blocks.release(hashes, DATA);
      node.blocks.workers().get(0).step();
      assertFalse(hashes.stream().anyMatch(node.blocks::has));
    }
  }

  @Test
  void aStartIsDurableWhereTheMetadataIsNot() {
    RocksSettings unsynced = RocksSettings.defaults().withSync(false);
    for (int i = 0; i < 2; i++) {
      try (RealNode node = new RealNode(root, OptionalInt.empty(), Duration.ZERO, unsynced)) {
        assertEquals(1, node.store.statistics().syncs(), "a stop is not clean from now on");
      }
    }
  }

  @Test
  void aFlippedByteOnDiskIsNeverServed() throws IOException {
    byte[] plain = TestBytes.RANDOM.bytes(1, 300_000);
    Hash hash = TestBytes.hash(plain);
    try (RealNode node = new RealNode(root, OptionalInt.of(1), Duration.ZERO)) {
      node.blocks.put(hash, ByteBuffer.wrap(plain), DATA);
      String hex = hash.toString();
      Path file = root.resolve("data").resolve(hex.substring(0, 2)).resolve(hex);

      byte[] bytes = Files.readAllBytes(file);
      bytes[200_000] ^= 4;
      Files.write(file, bytes);
      assertArrayEquals(java.util.Arrays.copyOf(plain, 1000), read(node, hash, 0, 1000, true));
      assertThrows(GarageException.Corrupt.class, () -> read(node, hash, 0, plain.length, true));
      assertEquals(true, Files.exists(file.resolveSibling(hex + ".corrupted")));
    }
  }
}
