package garage.block;

import garage.block.disk.BlockSink;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.layout.Partition;
import garage.rpc.Priority;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings blocks from other nodes to this one, in the background and within memory of its own, so
 * that a node that is being filled takes nothing from its clients. What arrives is hashed: parts of
 * several nodes that do not make the block are thrown away, and it is taken from one node alone.
 */
final class BlockFetch {
  /** The largest block; one of them, or 16 of the usual size, are on their way at once. */
  static final int BLOCK_BYTES_MAX = 16 << 20;

  private static final long MEMORY_BYTES = BLOCK_BYTES_MAX;

  private static final Logger log = LoggerFactory.getLogger(BlockFetch.class);

  private final BlockStore local;
  private final BlockPeers peers;
  private final BlockMemory memory;

  BlockFetch(BlockStore local, BlockPeers peers) {
    this.local = local;
    this.peers = peers;
    this.memory = new BlockMemory(peers.clock(), BLOCK_BYTES_MAX, MEMORY_BYTES);
  }

  /**
   * Has the block here, whole and durable, with or without references.
   *
   * @throws GarageException.Missing if no other node has it
   * @throws GarageException.Corrupt if none has it whole
   */
  void bring(Hash hash, Deadline deadline) {
    try (BlockBuffer plain = fetch(hash, deadline)) {
      local.restore(hash, plain.bytes());
    }
  }

  private BlockBuffer fetch(Hash hash, Deadline deadline) {
    List<NodeId> sources = sources(hash);
    BlockBuffer plain = read(hash, sources, deadline);
    if (plain == null && sources.size() > 1) {
      for (NodeId source : sources) {
        plain = plain == null ? readFromOne(hash, source, deadline) : plain;
      }
    }
    if (plain == null) {
      throw new GarageException.Corrupt("no other node has block " + hash + " whole");
    }
    return plain;
  }

  private List<NodeId> sources(Hash hash) {
    BlockPlacement.Replicas replicas = peers.placement().replicas(Partition.of(hash));
    List<NodeId> sources = new ArrayList<>(replicas.sources(peers.self(), peers.preference()));
    sources.remove(peers.self());
    if (sources.isEmpty()) {
      throw new GarageException.Missing("no other node should have block " + hash);
    }
    return sources;
  }

  private @Nullable BlockBuffer readFromOne(Hash hash, NodeId source, Deadline deadline) {
    try {
      return read(hash, List.of(source), deadline);
    } catch (GarageException.Cancelled e) {
      throw e;
    } catch (GarageException e) {
      log.warn("Block {} not from {}: {}", hash, source.shortHex(), e.getMessage());
      return null;
    }
  }

  /** The block, or null if the bytes are not it. */
  private @Nullable BlockBuffer read(Hash hash, List<NodeId> sources, Deadline deadline) {
    Gathered gathered = new Gathered(deadline);
    boolean right = false;
    try {
      BlockRead.Progress progress = BlockRead.Progress.whole(gathered);
      BlockRead read = new BlockRead(local, peers, Priority.BACKGROUND, hash, progress, deadline);
      gathered.read = read;
      peers.inOneEpoch(deadline, () -> read.read(peers.fence().epoch(), sources));
      BlockBuffer buffer = gathered.filled();
      right = BlockService.sha256(buffer.bytes()).equals(hash);
      return right ? buffer : null;
    } finally {
      if (!right) {
        gathered.close();
      }
    }
  }

  /** Takes the parts into memory, once the first has said how much it is. */
  private final class Gathered implements BlockSink, AutoCloseable {
    private final Deadline deadline;
    private @Nullable BlockRead read;
    private @Nullable BlockBuffer buffer;
    private int filled;

    Gathered(Deadline deadline) {
      this.deadline = deadline;
    }

    @Override
    public ByteBuffer buffer(int bytes) {
      if (buffer == null) {
        int length = read == null ? bytes : read.length();
        buffer = memory.take(length, deadline);
      }
      return buffer.bytes().slice(filled, bytes);
    }

    @Override
    public void accept(ByteBuffer bytes) {
      filled += bytes.remaining();
    }

    BlockBuffer filled() {
      if (buffer == null) {
        throw new GarageException.Corrupt("a block of no bytes");
      }
      buffer.bytes().limit(filled);
      return buffer;
    }

    @Override
    public void close() {
      if (buffer != null) {
        buffer.close();
      }
    }
  }
}
