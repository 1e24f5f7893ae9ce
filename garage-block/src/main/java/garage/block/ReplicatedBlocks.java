package garage.block;

import garage.block.BlockMessages.Done;
import garage.block.disk.BlockSink;
import garage.common.env.Deadline;
import garage.common.env.Tasks;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.layout.Partition;
import garage.rpc.CallOptions;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Priority;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The blocks of the cluster: placed by their hash, written to all replicas and acknowledged by a
 * quorum of each group that counts, read from one. Where this node is the only replica everything
 * is a direct call.
 *
 * <p>Every message is of one epoch. When a node answers that the epoch has ended, the answers so
 * far count for nothing: the layout is fetched and the operation, which is idempotent, begins
 * again.
 */
public final class ReplicatedBlocks implements Blocks {
  private final BlockStore local;
  private final BlockPeers peers;
  private final BlockMemory memory;
  private final Tasks tasks;

  /** Blocks of this node in {@code local} and of other nodes. */
  public ReplicatedBlocks(BlockStore local, BlockPeers peers, BlockMemory memory, Tasks tasks) {
    this.local = local;
    this.peers = peers;
    this.memory = memory;
    this.tasks = tasks;
  }

  @Override
  public BlockBuffer buffer(int bytes, Deadline deadline) {
    return memory.take(bytes, deadline);
  }

  @Override
  public void put(Hash hash, BlockBuffer plain, Uuid dataId, Deadline deadline) {
    try (PutMemory held = new PutMemory(plain)) {
      peers.inOneEpoch(
          deadline,
          () -> {
            BlockPlacement.Replicas replicas = peers.placement().replicas(Partition.of(hash));
            if (onlyHere(replicas)) {
              local.put(hash, plain.bytes(), dataId);
              peers.checkStillIn(replicas.epoch());
            } else {
              plain.share();
              putEverywhere(replicas, put(replicas.epoch(), hash, plain, dataId), held, deadline);
            }
          });
    }
  }

  private static Payload<BlockMessages.Put> put(
      long epoch, Hash hash, BlockBuffer plain, Uuid dataId) {
    return new Payload<>(new BlockMessages.Put(epoch, hash, dataId), plain.bytes().duplicate());
  }

  private void putEverywhere(
      BlockPlacement.Replicas replicas,
      Payload<BlockMessages.Put> put,
      PutMemory memory,
      Deadline deadline) {
    Fanout<Done> fanout = peers.rpc().fanout(BlockMessages.PUT, put, options(deadline));
    memory.hold();
    try {
      fanout.ask(replicas.all());
      new BlockWrite(replicas, peers.fence()).await(fanout, deadline);
    } finally {
      finish(fanout, memory, deadline);
    }
  }

  /** Gives the memory back when the last replica has answered, which nobody waits for. */
  private void finish(Fanout<Done> fanout, PutMemory memory, Deadline deadline) {
    if (fanout.outstanding() == 0) {
      fanout.close();
      memory.close();
      return;
    }
    tasks.start(
        "block write tail",
        () -> {
          try (memory;
              fanout) {
            while (fanout.outstanding() > 0 && fanout.next(deadline) != null) {
              // The write was decided without this answer.
            }
          }
        });
  }

  @Override
  public void reference(Collection<Hash> hashes, Uuid dataId, Deadline deadline) {
    refer(true, hashes, dataId, deadline);
  }

  @Override
  public void release(Collection<Hash> hashes, Uuid dataId, Deadline deadline) {
    refer(false, hashes, dataId, deadline);
  }

  private void refer(boolean add, Collection<Hash> hashes, Uuid dataId, Deadline deadline) {
    List<Hash> all = List.copyOf(new TreeSet<>(hashes));
    for (int i = 0; i < all.size(); i += BlockMessages.HASHES_MAX) {
      List<Hash> some = all.subList(i, Math.min(all.size(), i + BlockMessages.HASHES_MAX));
      peers.inOneEpoch(deadline, () -> refer(add, groups(some), dataId, deadline));
    }
  }

  private Map<BlockPlacement.Replicas, List<Hash>> groups(List<Hash> hashes) {
    Map<BlockPlacement.Replicas, List<Hash>> groups = new LinkedHashMap<>();
    for (Hash hash : hashes) {
      groups
          .computeIfAbsent(peers.placement().replicas(Partition.of(hash)), r -> new ArrayList<>())
          .add(hash);
    }
    return groups;
  }

  /** Asks the replicas of all groups, then waits for each. */
  private void refer(
      boolean add,
      Map<BlockPlacement.Replicas, List<Hash>> groups,
      Uuid dataId,
      Deadline deadline) {
    Map<BlockPlacement.Replicas, Fanout<Done>> asked = new LinkedHashMap<>();
    try {
      groups.forEach((replicas, hashes) -> {
        if (!onlyHere(replicas)) {
          BlockMessages.Refer refer =
              new BlockMessages.Refer(replicas.epoch(), add, dataId, hashes);
          asked.put(
              replicas,
              peers.rpc().fanout(BlockMessages.REFER, Payload.of(refer), options(deadline)));
          asked.get(replicas).ask(replicas.all());
        }
      });
      groups.forEach((replicas, hashes) -> {
        if (onlyHere(replicas)) {
          referHere(add, hashes, dataId);
          peers.checkStillIn(replicas.epoch());
        }
      });
      asked.forEach(
          (replicas, fanout) -> new BlockWrite(replicas, peers.fence()).await(fanout, deadline));
    } finally {
      asked.values().forEach(Fanout::close);
    }
  }

  private void referHere(boolean add, List<Hash> hashes, Uuid dataId) {
    if (add) {
      local.reference(hashes, dataId);
    } else {
      local.release(hashes, dataId);
    }
  }

  @Override
  public void read(Hash hash, int from, int to, BlockSink sink, Deadline deadline) {
    BlockRead read =
        new BlockRead(
            local, peers, Priority.CLIENT, hash, new BlockRead.Progress(sink, from, to), deadline);
    peers.inOneEpoch(
        deadline,
        () -> {
          BlockPlacement.Replicas replicas = peers.placement().replicas(Partition.of(hash));
          read.read(replicas.epoch(), replicas.sources(peers.self(), peers.preference()));
        });
  }

  private boolean onlyHere(BlockPlacement.Replicas replicas) {
    return replicas.all().equals(Set.of(peers.self()));
  }

  private static CallOptions options(Deadline deadline) {
    return new CallOptions(Priority.CLIENT, deadline);
  }
}
