package garage.rpc.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Address;
import garage.common.env.Deadline;
import garage.common.env.Disk;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import garage.layout.Epoch;
import garage.layout.LayoutHistory;
import garage.layout.LayoutPhase;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.layout.assign.LayoutPlanner;
import garage.rpc.handshake.ClusterSecret;
import garage.rpc.peering.Mesh;
import garage.rpc.peering.MeshEnvironment;
import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.RpcSettings;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A change of layout goes on when, and only when, enough of the new nodes are ready for it. */
final class TransitionTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Ready up to an epoch the test sets. */
  private static final class Part implements TransitionPart {
    private final boolean everywhere;
    private Epoch readyUpTo = Epoch.NONE;
    private long leaving;

    Part(boolean everywhere) {
      this.everywhere = everywhere;
    }

    @Override
    public String name() {
      return "things";
    }

    @Override
    public boolean ready(Epoch epoch, Partition partition) {
      return epoch.compareTo(readyUpTo) <= 0;
    }

    @Override
    public long remaining() {
      return 7;
    }

    @Override
    public long done() {
      return 3;
    }

    @Override
    public long leaving() {
      return leaving;
    }

    @Override
    public boolean everywhere() {
      return everywhere;
    }
  }

  private static final class Cluster {
    final Simulation world;
    final Map<String, Membership> members = new LinkedHashMap<>();
    final Map<String, Part> parts = new LinkedHashMap<>();
    private boolean everywhere;

    Cluster(Simulation world) {
      this.world = world;
    }

    void start(String name) {
      SimNode node = world.node(name);
      if (!node.isRunning()) {
        node.start();
      }
      MeshEnvironment environment =
          new MeshEnvironment(
              node.clock(), node.tasks(), node.random(), node.network(), node.disk("meta"));
      List<PeerAddress> bootstrap =
          List.of(PeerAddress.parse("a:3901"), PeerAddress.parse("b:3901"));
      Mesh mesh =
          new Mesh(
              node.id(),
              RpcSettings.of(
                  ClusterSecret.parse("77".repeat(32)),
                  new Address("0.0.0.0", 3901),
                  bootstrap,
                  name),
              environment);
      Membership membership =
          new Membership(
              mesh,
              environment,
              LayoutHistory.initial(new ReplicationFactor(3)),
              () -> new NodeStatus(name, "1.0", new Disk.Space(10, 100), new Disk.Space(1, 1)));
      membership.join(part(name));
      mesh.start();
      membership.start();
      members.put(name, membership);
    }

    Membership at(String name) {
      Membership membership = members.get(name);
      if (membership == null) {
        throw new AssertionError("no such node");
      }
      return membership;
    }

    Part part(String name) {
      return parts.computeIfAbsent(name, _ -> new Part(everywhere));
    }

    NodeId id(String name) {
      return world.node(name).id();
    }

    /** The layout of abc is in force, that of bcd is applied. */
    void begin() {
      List.of("a", "b", "c", "d").forEach(this::start);
      world.eventually(
          "all are connected",
          MINUTE,
          () -> at("a").members().stream().filter(m -> m.peer().up()).count() == 4);
      Deadline deadline = Deadline.after(world.node("a").clock(), MINUTE);
      at("a")
          .update(
              history -> {
                LayoutHistory next = history;
                for (String name : List.of("a", "b", "c")) {
                  next = next.stage(new Timestamp(1, 1, 1), id(name), role());
                }
                return next;
              },
              deadline);
      at("a").update(history -> LayoutPlanner.apply(history, 1).history(), deadline);
      at("a")
          .update(
              history ->
                  history
                      .stageRemoval(new Timestamp(2, 1, 1), id("a"))
                      .stage(new Timestamp(2, 1, 1), id("d"), role()),
              deadline);
      at("a").update(history -> LayoutPlanner.apply(history, 2).history(), deadline);
      assertEquals(new Epoch(2, LayoutPhase.COPY), at("a").history().epoch());
    }

    void ready(Epoch epoch, String... names) {
      for (String name : names) {
        part(name).readyUpTo = epoch;
      }
    }

    void awaitEpoch(Epoch epoch, String... names) {
      world.eventually(
          "all are in " + epoch,
          MINUTE,
          () -> List.of(names).stream().allMatch(n -> at(n).history().epoch().equals(epoch)));
    }

    private static NodeRole role() {
      return NodeRole.storage(new Zone("z"), new ByteSize(1_000_000_000L), List.of());
    }
  }

  private static void run(Consumer<Cluster> body) {
    for (int seed = 0; seed < 5; seed++) {
      Simulation.run(seed, world -> body.accept(new Cluster(world)));
    }
  }

  private static final Epoch COPY = new Epoch(2, LayoutPhase.COPY);
  private static final Epoch JOINT = new Epoch(2, LayoutPhase.JOINT);
  private static final Epoch STABLE = new Epoch(2, LayoutPhase.STABLE);

  @Test
  void anEpochLastsUntilAQuorumOfEveryNewSetIsReady() {
    run(cluster -> {
      cluster.begin();
      cluster.ready(COPY, "a", "b");
      cluster.world.clock().sleep(MINUTE);
      cluster.awaitEpoch(COPY, "a", "b", "c", "d");
      TransitionProgress progress = cluster.at("c").progress();
      assertEquals(0, progress.partitionsReady());
      assertTrue(progress.waitingFor().contains(cluster.id("d")));
      assertFalse(progress.waitingFor().contains(cluster.id("b")));
      assertEquals(List.of(new TransitionProgress.Part("things", 12, 28)), progress.parts());
      cluster.ready(COPY, "d");
      cluster.awaitEpoch(JOINT, "a", "b", "c", "d");
      cluster.world.clock().sleep(MINUTE);
      cluster.awaitEpoch(JOINT, "a", "b", "c", "d");
      cluster.ready(JOINT, "c", "d");
      cluster.awaitEpoch(STABLE, "a", "b", "c", "d");
    });
  }

  @Test
  void deadNodesThatAQuorumCanSpareStallNothing() {
    run(cluster -> {
      cluster.begin();
      cluster.world.node("b").powerOff();
      cluster.world.node("a").powerOff();
      cluster.members.remove("a");
      cluster.members.remove("b");
      cluster.start("a");
      cluster.world.node("a").clock().sleep(Duration.ofSeconds(5));
      cluster.ready(JOINT, "c", "d");
      cluster.awaitEpoch(STABLE, "a", "c", "d");
      assertTrue(cluster.at("c").progress().silent().contains(cluster.id("b")));
    });
  }

  @Test
  void allNodesMayRestartAtAnyTime() {
    run(cluster -> {
      cluster.begin();
      cluster.ready(JOINT, "b", "c", "d");
      cluster.world.clock().sleep(Duration.ofMillis(cluster.world.random().nextInt(3_000)));
      for (String name : List.of("a", "b", "c", "d")) {
        cluster.world.node(name).powerOff();
      }
      List.of("a", "b", "c", "d").forEach(cluster::start);
      cluster.awaitEpoch(STABLE, "a", "b", "c", "d");
    });
  }

  @Test
  void aNodeThatLeftMayGoWhenAllNewOnesAreCompleteAndItHoldsNothing() {
    run(cluster -> {
      cluster.begin();
      cluster.part("a").leaving = 256;
      cluster.ready(JOINT, "b", "c");
      cluster.awaitEpoch(STABLE, "a", "b", "c", "d");
      cluster.ready(STABLE, "b", "c");
      cluster.world.clock().sleep(MINUTE);
      assertFalse(cluster.at("a").isComplete("things", Partition.of(3)), "d is not");
      assertEquals(256L, cluster.at("b").progress().leaving().get(cluster.id("a")));
      cluster.ready(STABLE, "d");
      cluster.world.eventually(
          "a knows", MINUTE, () -> cluster.at("a").isComplete("things", Partition.of(3)));
      cluster.part("a").leaving = 0;
      cluster.world.eventually(
          "b says so",
          MINUTE,
          () -> cluster.at("b").progress().done().equals(List.of(cluster.id("a"))));
    });
  }

  @Test
  void whatEveryNodeHasIsCompleteInAllPartitionsWhenEveryNodeIs() {
    run(cluster -> {
      cluster.everywhere = true;
      cluster.begin();
      cluster.ready(JOINT, "b", "c");
      cluster.awaitEpoch(STABLE, "a", "b", "c", "d");
      cluster.ready(STABLE, "b", "c");
      cluster.world.clock().sleep(MINUTE);
      assertFalse(cluster.at("a").isComplete("things", Partition.of(255)), "d is not");
      cluster.ready(STABLE, "d");
      cluster.world.eventually(
          "a may drop what it holds of all",
          MINUTE,
          () -> Partition.all().stream().allMatch(p -> cluster.at("a").isComplete("things", p)));
    });
  }
}
