package garage.model;

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
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The blocks of a cluster, in memory that no crash reaches, and who refers to them. */
public final class MemoryBlocks implements Blocks {
  private static final int BLOCK_BYTES = 1 << 16;

  private final Map<String, byte[]> blocks = new TreeMap<>();
  private final Map<String, Set<String>> references = new TreeMap<>();
  private final BlockMemory memory;

  MemoryBlocks(Clock clock) {
    this.memory = new BlockMemory(clock, BLOCK_BYTES, 64L * BLOCK_BYTES);
  }

  @Override
  public BlockBuffer buffer(int bytes, Deadline deadline) {
    return memory.take(bytes, deadline);
  }

  @Override
  public void put(Hash hash, BlockBuffer plain, Uuid dataId, Deadline deadline) {
    try (plain) {
      byte[] bytes = new byte[plain.bytes().remaining()];
      plain.bytes().duplicate().get(bytes);
      if (!Digests.sha256(bytes).equals(hash)) {
        throw new GarageException.Internal("the bytes are not those of the hash");
      }
      blocks.put(hash.toString(), bytes);
      refer(hash, dataId);
    }
  }

  @Override
  public void reference(Collection<Hash> hashes, Uuid dataId, Deadline deadline) {
    for (Hash hash : hashes) {
      require(hash);
      refer(hash, dataId);
    }
  }

  private void refer(Hash hash, Uuid dataId) {
    references.computeIfAbsent(hash.toString(), _ -> new TreeSet<>()).add(dataId.toString());
  }

  @Override
  public void release(Collection<Hash> hashes, Uuid dataId, Deadline deadline) {
    for (Hash hash : hashes) {
      Set<String> of = references.getOrDefault(hash.toString(), new TreeSet<>());
      of.remove(dataId.toString());
      if (of.isEmpty()) {
        references.remove(hash.toString());
        blocks.remove(hash.toString());
      }
    }
  }

  @Override
  public void read(Hash hash, int from, int to, BlockSink sink, Deadline deadline) {
    byte[] bytes = require(hash);
    ByteBuffer buffer = sink.buffer(to - from);
    int start = buffer.position();
    buffer.put(bytes, from, to - from).limit(start + to - from).position(start);
    sink.accept(buffer);
  }

  /** The bytes of a block. */
  public byte[] require(Hash hash) {
    byte[] bytes = blocks.get(hash.toString());
    if (bytes == null) {
      throw new GarageException.Missing("block " + hash);
    }
    return bytes;
  }

  /** How many blocks there are. */
  public int count() {
    return blocks.size();
  }
}
