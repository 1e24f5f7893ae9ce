package garage.block;

import garage.block.BlockMessages.Done;
import garage.block.disk.BlockSink;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Tasks;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.layout.Partition;
import garage.rpc.CallOptions;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Preference;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The blocks of the cluster: placed by their hash, written to all replicas and acknowledged by a
 * quorum of each set that counts, read from one. Where this node is the only replica everything is
 * a direct call.
 */
public final class ReplicatedBlocks implements Blocks {
  private final BlockStore local;
  private final Rpc rpc;
  private final Preference preference;
  private final BlockPlacement placement;
  private final BlockMemory memory;
  private final Clock clock;
  private final Tasks tasks;

  private ReplicatedBlocks(
      BlockStore local, Mesh mesh, BlockPlacement placement, BlockMemory memory, Env env) {
    this.local = local;
    this.rpc = mesh.rpc();
    this.preference = mesh.preference();
    this.placement = placement;
    this.memory = memory;
    this.clock = env.clock();
    this.tasks = env.tasks();
  }

  /** The time and the tasks of the node. */
  public record Env(Clock clock, Tasks tasks) {}

  /** How other nodes are called, and which of them first. */
  public record Mesh(Rpc rpc, Preference preference) {}

  /** Blocks over {@code mesh}, where other nodes are answered from {@code local} from now on. */
  public static ReplicatedBlocks start(
      BlockStore local, Mesh mesh, BlockPlacement placement, BlockMemory memory, Env env) {
    new BlockService(local, mesh.rpc().self()).serve(mesh.rpc());
    return new ReplicatedBlocks(local, mesh, placement, memory, env);
  }

  @Override
  public BlockBuffer buffer(int bytes, Deadline deadline) {
    return memory.take(bytes, deadline);
  }

  @Override
  public void put(Hash hash, BlockBuffer plain, Uuid dataId, Deadline deadline) {
    boolean handedOver = false;
    try {
      BlockPlacement.Replicas replicas = placement.replicas(Partition.of(hash));
      if (onlyHere(replicas)) {
        local.put(hash, plain.bytes(), dataId);
      } else {
        plain.share();
        Fanout<Done> fanout =
            rpc.fanout(
                BlockMessages.PUT,
                new Payload<>(new BlockMessages.Put(hash, dataId), plain.bytes().duplicate()),
                options(deadline));
        handedOver = true;
        try {
          fanout.ask(replicas.all());
          new BlockWrite(replicas).await(fanout, deadline);
        } finally {
          finish(fanout, plain, deadline);
        }
      }
    } finally {
      if (!handedOver) {
        plain.close();
      }
    }
  }

  /** Gives the memory back when the last replica has answered, which nobody waits for. */
  private void finish(Fanout<Done> fanout, BlockBuffer plain, Deadline deadline) {
    if (fanout.outstanding() == 0) {
      fanout.close();
      plain.close();
      return;
    }
    tasks.start(
        "block write tail",
        () -> {
          try (plain;
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
      Map<BlockPlacement.Replicas, List<Hash>> groups = new LinkedHashMap<>();
      for (Hash hash : some) {
        groups
            .computeIfAbsent(placement.replicas(Partition.of(hash)), r -> new ArrayList<>())
            .add(hash);
      }
      refer(add, groups, dataId, deadline);
    }
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
          asked.put(replicas, ask(new BlockMessages.Refer(add, dataId, hashes), deadline));
          asked.get(replicas).ask(replicas.all());
        }
      });
      groups.forEach((replicas, hashes) -> {
        if (onlyHere(replicas)) {
          referHere(add, hashes, dataId);
        }
      });
      asked.forEach((replicas, fanout) -> new BlockWrite(replicas).await(fanout, deadline));
    } finally {
      asked.values().forEach(Fanout::close);
    }
  }

  private Fanout<Done> ask(BlockMessages.Refer refer, Deadline deadline) {
    return rpc.fanout(BlockMessages.REFER, Payload.of(refer), options(deadline));
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
    List<NodeId> order = preference.order(placement.replicas(Partition.of(hash)).all());
    new BlockRead(local, rpc, clock, hash, deadline).read(from, to, order, sink);
  }

  private boolean onlyHere(BlockPlacement.Replicas replicas) {
    return replicas.sets().stream()
        .allMatch(set -> set.size() == 1 && set.getFirst().equals(rpc.self()));
  }

  private static CallOptions options(Deadline deadline) {
    return new CallOptions(Priority.CLIENT, deadline);
  }
}
