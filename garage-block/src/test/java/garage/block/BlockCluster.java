package garage.block;

import garage.block.disk.CollectingSink;
import garage.block.disk.TestBytes;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.common.worker.WorkerRunner;
import garage.layout.ConsistencyMode;
import garage.layout.LayoutHistory;
import garage.layout.LayoutParameters;
import garage.layout.LayoutVersion;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.rpc.membership.EpochFence;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Nodes with blocks in one simulation, each with a layout of its own until it learns of another.
 */
final class BlockCluster {
  static final int BLOCK = 1 << 20;

  /** Longer than any read takes. */
  private static final Duration COLLECT_DELAY = Duration.ofSeconds(10);

  final Simulation world;
  final FakeMesh mesh = new FakeMesh();
  final List<BlockNode> nodes = new ArrayList<>();
  final List<ReplicatedBlocks> blocks = new ArrayList<>();
  final List<BlockUpkeep> upkeeps = new ArrayList<>();
  final List<Member> members = new ArrayList<>();
  final BlockMemory memory;

  /** {@code size} nodes, of which the first {@code copies} hold everything. */
  BlockCluster(Simulation world, int size, int copies) {
    this.world = world;
    this.memory = new BlockMemory(world.node("n0").clock(), BLOCK, 4 * BLOCK);
    for (int i = 0; i < size; i++) {
      nodes.add(new BlockNode(world.node("n" + i), Duration.ofMillis(1), COLLECT_DELAY));
    }
    LayoutHistory none = LayoutHistory.initial(new ReplicationFactor(copies));
    LayoutHistory first = none.apply(version(1, copies, ids().subList(0, copies)));
    for (BlockNode node : nodes) {
      Member member = new Member(node.node, first);
      members.add(member);
      blocks.add(start(node, member));
    }
  }

  private ReplicatedBlocks start(BlockNode node, Member member) {
    SimNode sim = node.node;
    BlockPeers peers =
        new BlockPeers(
            mesh.join(sim), FakeMesh.preference(sim.id()), member, member.placement(), sim.clock());
    upkeeps.add(new BlockUpkeep(node.blocks(), peers, sim.random(), true));
    return new ReplicatedBlocks(node.blocks(), peers, memory, sim.tasks());
  }

  /** Starts all background work of a node. */
  WorkerRunner work(int i) {
    SimNode sim = nodes.get(i).node;
    WorkerRunner runner = new WorkerRunner(sim.clock(), sim.tasks());
    upkeeps.get(i).workers().forEach(runner::start);
    return runner;
  }

  /** Starts all background work. */
  void work() {
    for (int i = 0; i < nodes.size(); i++) {
      work(i);
    }
  }

  /** A layout in which {@code keepers} hold every partition. */
  static LayoutVersion version(long number, int copies, List<NodeId> keepers) {
    Map<NodeId, NodeRole> roles = new TreeMap<>();
    keepers.forEach(
        id -> roles.put(id, NodeRole.storage(new Zone("z"), new ByteSize(1L << 40), List.of())));
    LayoutParameters parameters = LayoutParameters.defaults(new ReplicationFactor(copies));
    Supplier<List<NodeId>> sorted = () -> keepers.stream().sorted().toList();
    return LayoutVersion.of(
        number,
        roles,
        parameters,
        new ByteSize(1L << 30),
        Partition.all().stream().map(p -> sorted.get()).toList());
  }

  /** Lets one node know the next stage; the others learn it from its messages. */
  void tell(int node, LayoutHistory history) {
    members.get(node).history = history;
  }

  /** Lets all nodes know. */
  void tellAll(LayoutHistory history) {
    members.forEach(member -> member.history = history);
  }

  LayoutHistory history(int node) {
    return members.get(node).history;
  }

  /** Whether node {@code i} may count in the epoch after its own, for the sake of blocks. */
  boolean ready(int i, Partition partition) {
    return upkeeps.get(i).transition().ready(history(i).epoch(), partition);
  }

  List<NodeId> ids() {
    return nodes.stream().map(n -> n.node.id()).toList();
  }

  NodeId id(int i) {
    return nodes.get(i).node.id();
  }

  BlockStore store(int i) {
    return nodes.get(i).blocks();
  }

  /** A minute from now, by the clock of node {@code i}: monotonic clocks have their own origins. */
  Deadline deadline(int i) {
    return Deadline.after(nodes.get(i).node.clock(), Duration.ofMinutes(1));
  }

  void put(int i, byte[] plain, Uuid dataId) {
    BlockBuffer buffer = blocks.get(i).buffer(plain.length, deadline(0));
    buffer.bytes().put(plain).flip();
    blocks.get(i).put(TestBytes.hash(plain), buffer, dataId, deadline(i));
  }

  byte[] read(int i, Hash hash, int from, int to) {
    CollectingSink sink = new CollectingSink(false);
    blocks.get(i).read(hash, from, to, sink, deadline(i));
    return sink.bytes();
  }

  /** Lets what goes on in the background end. */
  void settle() {
    world.clock().sleep(Duration.ofMinutes(2));
  }

  /** Damages the file of {@code hash} at node {@code i}. */
  void rot(int i, Hash hash, int position) {
    nodes.get(i).disk().rot(path(i, hash), position);
  }

  String path(int i, Hash hash) {
    return nodes.get(i).disk().files().stream()
        .filter(f -> f.endsWith(hash.toString()))
        .findFirst()
        .orElseThrow();
  }

  static Uuid dataId(int i) {
    return Uuid.of(TestBytes.hash(new byte[i + 1]).toBytes());
  }

  /** What one node knows of the layout. */
  final class Member implements EpochFence {
    private final SimNode node;
    volatile LayoutHistory history;

    Member(SimNode node, LayoutHistory history) {
      this.node = node;
      this.history = history;
    }

    BlockPlacement placement() {
      return new LayoutPlacement(() -> history, ConsistencyMode.CONSISTENT);
    }

    @Override
    public long epoch() {
      return history.epoch().number();
    }

    @Override
    public void check(long epoch, @Nullable NodeId from) {
      if (epoch > epoch() && from != null) {
        adopt(epoch, from);
      }
      if (epoch < epoch()) {
        throw GarageException.Stale.of(epoch());
      }
    }

    @Override
    public <T> T during(long epoch, @Nullable NodeId from, Supplier<T> action) {
      check(epoch, from);
      return action.get();
    }

    @Override
    public void adopt(long epoch, NodeId from) {
      if (epoch() < epoch) {
        node.clock().sleep(mesh.latency);
        history = members.get(ids().indexOf(from)).history;
      }
    }
  }
}
