package garage.s3api;

import garage.block.BlockBuffer;
import garage.block.BlockMemory;
import garage.block.Blocks;
import garage.block.disk.BlockSink;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Blocks in memory that take a while to be stored, count their references, and fail as told. */
final class FakeBlocks implements Blocks {

  private final Map<Hash, byte[]> blocks = new HashMap<>();
  private final Map<Hash, Set<Uuid>> references = new HashMap<>();
  private final BlockMemory memory;
  private final Clock clock;
  Duration writeTime = Duration.ofMillis(2);
  Duration readTime = Duration.ZERO;
  int puts;
  @Nullable GarageException putFailure;
  @Nullable Hash unreadable;

  FakeBlocks(Clock clock, int blockBytes) {
    this.clock = clock;
    this.memory = new BlockMemory(clock, blockBytes, 8L * blockBytes);
  }

  @Override
  public BlockBuffer buffer(int bytes, Deadline deadline) {
    return memory.take(bytes, deadline);
  }

  @Override
  public void put(Hash hash, BlockBuffer plain, Uuid dataId, Deadline deadline) {
    try (plain) {
      clock.sleep(writeTime);
      if (putFailure != null) {
        throw putFailure;
      }
      byte[] bytes = new byte[plain.bytes().remaining()];
      plain.bytes().duplicate().get(bytes);
      if (!Digests.sha256(bytes).equals(hash)) {
        throw new GarageException.Internal("the bytes are not those of the hash");
      }
      puts++;
      blocks.put(hash, bytes);
      references.computeIfAbsent(hash, h -> new HashSet<>()).add(dataId);
    }
  }

  @Override
  public void reference(Collection<Hash> hashes, Uuid dataId, Deadline deadline) {
    for (Hash hash : hashes) {
      if (!blocks.containsKey(hash)) {
        throw new GarageException.Missing("block " + hash);
      }
      references.computeIfAbsent(hash, h -> new HashSet<>()).add(dataId);
    }
  }

  @Override
  public void release(Collection<Hash> hashes, Uuid dataId, Deadline deadline) {
    for (Hash hash : hashes) {
      Set<Uuid> of = references.getOrDefault(hash, new HashSet<>());
      of.remove(dataId);
      if (of.isEmpty()) {
        references.remove(hash);
        blocks.remove(hash);
      }
    }
  }

  @Override
  public void read(Hash hash, int from, int to, BlockSink sink, Deadline deadline) {
    byte[] bytes = blocks.get(hash);
    if (bytes == null) {
      throw new GarageException.Missing("block " + hash);
    }
    clock.sleep(readTime);
    int step = 10_000;
    for (int at = from; at < to; at += step) {
      if (hash.equals(unreadable) && at > from) {
        throw new GarageException.Corrupt("block " + hash);
      }
      int length = Math.min(step, to - at);
      ByteBuffer buffer = sink.buffer(length);
      int start = buffer.position();
      buffer.put(bytes, at, length).limit(start + length).position(start);
      sink.accept(buffer);
    }
  }

  int count() {
    return blocks.size();
  }

  Collection<byte[]> stored() {
    return blocks.values();
  }

  Hash any() {
    return blocks.keySet().iterator().next();
  }

  long lentBytes() {
    return memory.lent();
  }
}
