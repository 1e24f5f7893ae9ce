package garage.rpc.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Address;
import garage.common.env.Deadline;
import garage.common.env.Disk;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import garage.layout.LayoutHistory;
import garage.layout.NodeRole;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.layout.assign.LayoutPlanner;
import garage.rpc.handshake.ClusterSecret;
import garage.rpc.peering.Mesh;
import garage.rpc.peering.MeshEnvironment;
import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.RpcSettings;
import garage.testkit.env.LinkFaults;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What nodes know of each other and of the layout, and how the layout is changed. */
final class MembershipTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final List<String> THREE = List.of("a", "b", "c");

  private static final class Cluster {
    final Simulation world;
    final Map<String, Membership> members = new LinkedHashMap<>();
    final AtomicInteger stamps = new AtomicInteger();

    Cluster(Simulation world) {
      this.world = world;
    }

    void start(List<String> names) {
      names.forEach(this::start);
      world.eventually("all are connected", MINUTE, () -> names.stream().allMatch(this::seesAll));
    }

    void start(String name) {
      SimNode node = world.node(name);
      if (!node.isRunning()) {
        node.start();
      }
      MeshEnvironment environment =
          new MeshEnvironment(
              node.clock(), node.tasks(), node.random(), node.network(), node.disk("meta"));
      List<PeerAddress> bootstrap = List.of(PeerAddress.parse("a:3901"));
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
              LayoutHistory.initial(new ReplicationFactor(1)),
              () ->
                  new NodeStatus(
                      name, "1.0", new Disk.Space(10, 100), new Disk.Space(1, name.length())));
      mesh.start();
      membership.start();
      members.put(name, membership);
    }

    boolean seesAll(String name) {
      return at(name).members().stream().filter(m -> m.peer().up()).count() >= members.size();
    }

    Membership at(String name) {
      Membership membership = members.get(name);
      if (membership == null) {
        throw new AssertionError("no such node");
      }
      return membership;
    }

    NodeId id(String name) {
      return world.node(name).id();
    }

    LayoutHistory update(String at, UnaryOperator<LayoutHistory> change) {
      return at(at).update(change, Deadline.after(world.node(at).clock(), MINUTE));
    }

    void stage(String at, String node, String zone) {
      Timestamp now = new Timestamp(stamps.incrementAndGet(), 1, 1);
      NodeRole role = NodeRole.storage(new Zone(zone), new ByteSize(1_000_000_000L), List.of());
      update(at, history -> history.stage(now, id(node), role));
    }

    LayoutHistory apply(String at) {
      long next = at(at).history().current().number() + 1;
      return update(at, history -> LayoutPlanner.apply(history, next).history().settle());
    }

    void awaitSame() {
      world.eventually(
          "all know the same layout",
          MINUTE,
          () -> members.values().stream().map(Membership::history).distinct().count() == 1);
    }
  }

  private static void run(int seeds, Consumer<Cluster> body) {
    for (int seed = 0; seed < seeds; seed++) {
      Simulation.run(seed, world -> body.accept(new Cluster(world)));
    }
  }

  @Test
  void nodesSeeEachOthersStatus() {
    run(
        5,
        cluster -> {
          cluster.start(List.of("a", "b"));
          cluster.world.eventually(
              "b's status", MINUTE, () -> cluster.at("a").status(cluster.id("b")) != null);
          NodeStatus b = cluster.at("a").status(cluster.id("b"));
          assertNotNull(b);
          assertEquals("b", b.hostname());
          assertEquals(new Disk.Space(10, 100), b.data());
          assertEquals(2, cluster.at("a").members().size());
          assertNull(cluster.at("a").status(cluster.id("nobody")));
        });
  }

  @Test
  void stagedChangesSpreadWithinMoments() {
    run(
        5,
        cluster -> {
          cluster.start(List.of("a", "b"));
          cluster.stage("a", "a", "z1");
          cluster.stage("b", "b", "z2");
          cluster.world.eventually(
              "both are staged on both",
              Duration.ofSeconds(1),
              () ->
                  cluster.at("a").history().pendingRoles().size() == 2
                      && cluster.at("b").history().pendingRoles().size() == 2);
        });
  }

  @Test
  void appliedLayoutSpreadsAndIsKeptOverARestart() {
    run(
        5,
        cluster -> {
          cluster.start(THREE);
          THREE.forEach(name -> cluster.stage("a", name, "z"));
          LayoutHistory applied = cluster.apply("a");
          assertEquals(1, applied.current().number());
          cluster.awaitSame();
          cluster.world.node("c").powerOff();
          cluster.start("c");
          assertEquals(1, cluster.at("c").history().current().number());
          assertEquals(3, cluster.at("c").history().current().nodes().size());
        });
  }

  @Test
  void singleNodeAppliesAlone() {
    run(
        3,
        cluster -> {
          cluster.start("a");
          cluster.stage("a", "a", "z");
          assertEquals(1, cluster.apply("a").current().number());
          cluster.stage("a", "a", "other");
          assertEquals(2, cluster.apply("a").current().number());
        });
  }

  @Test
  void laterEpochOfASenderIsKeptBeforeItsMessageIsServedAndAnEarlierOneIsRefused() {
    run(
        5,
        cluster -> {
          cluster.start(THREE);
          THREE.forEach(name -> cluster.stage("a", name, "z"));
          long first = cluster.apply("a").epoch().number();
          cluster.awaitSame();
          cluster.world.network().isolate(cluster.world.node("c"));
          cluster.stage("a", "a", "new");
          long second = cluster.apply("a").epoch().number();
          EpochFence c = cluster.at("c").fence();
          assertEquals(first, c.epoch());
          assertThrows(GarageException.class, () -> c.check(second, cluster.id("a")), "no way");
          cluster.world.network().heal();
          cluster.world.eventually("c is served", MINUTE, () -> serves(c, second, cluster.id("a")));
          assertEquals(second, c.epoch());
          var stale =
              assertThrows(GarageException.Stale.class, () -> c.check(first, cluster.id("b")));
          assertEquals(second, stale.epoch());
          assertThrows(
              GarageException.Stale.class,
              () -> c.during(first, cluster.id("b"), () -> "must not run"));
          cluster.world.node("c").powerOff();
          cluster.start("c");
          assertEquals(second, cluster.at("c").fence().epoch(), "durable");
        });
  }

  private static boolean serves(EpochFence fence, long epoch, NodeId from) {
    try {
      fence.check(epoch, from);
      return true;
    } catch (GarageException e) {
      return false;
    }
  }

  /** Two operators apply different layouts of one number at the same time. */
  @Test
  void oneOfTwoConcurrentLayoutsIsApplied() {
    Set<Integer> winners = new HashSet<>();
    run(
        25,
        cluster -> {
          cluster
              .world
              .network()
              .faults(LinkFaults.NONE.withDelay(Duration.ofMillis(1), Duration.ofMillis(60)));
          cluster.start(THREE);
          THREE.forEach(name -> cluster.stage("a", name, "z"));
          cluster.apply("a");
          cluster.awaitSame();
          List<String> applied = new ArrayList<>();
          List<Tasks.Task> tasks = new ArrayList<>();
          for (String name : THREE) {
            tasks.add(
                cluster
                    .world
                    .node(name)
                    .tasks()
                    .start(
                        "apply at " + name,
                        () -> {
                          cluster.stage(name, name, "zone-of-" + name);
                          try {
                            LayoutHistory done = cluster.apply(name);
                            applied.add(name + " made " + done.current().number());
                          } catch (GarageException.Conflict | GarageException.InvalidInput e) {
                            winners.add(-1);
                          }
                        }));
          }
          tasks.forEach(Tasks.Task::join);
          winners.add(applied.size());
          assertTrue(!applied.isEmpty(), "somebody succeeds");
          assertEquals(
              applied.size(),
              applied.stream().map(s -> s.substring(s.indexOf("made"))).distinct().count(),
              () -> "no number was applied twice: " + applied);
          cluster.awaitSame();
          assertTrue(cluster.at("a").divergence().isEmpty());
        });
    assertTrue(winners.contains(-1), "some were refused");
  }

  @Test
  void minorityCannotApplyAndMajorityCan() {
    run(
        5,
        cluster -> {
          cluster.start(THREE);
          THREE.forEach(name -> cluster.stage("a", name, "z"));
          cluster.apply("a");
          cluster.awaitSame();
          cluster.world.network().isolate(cluster.world.node("c"));
          cluster.stage("a", "a", "new");
          cluster.stage("c", "c", "other");
          assertThrows(GarageException.QuorumNotReached.class, () -> cluster.apply("c"));
          assertEquals(2, cluster.apply("b").current().number());
          cluster.world.network().heal();
          cluster.awaitSame();
          assertEquals(2, cluster.at("c").history().current().number());
          assertEquals(1, cluster.at("b").history().pendingRoles().size(), "c's is still staged");
        });
  }

  /** The proposer dies anywhere in between: what it may have decided is finished by the next. */
  @Test
  void layoutIsAppliedOnceWhateverBecomesOfItsProposer() {
    run(
        30,
        cluster -> {
          cluster.start(THREE);
          THREE.forEach(name -> cluster.stage("a", name, "z"));
          cluster.apply("a");
          cluster.stage("a", "a", "new");
          cluster.awaitSame();
          var dying = cluster.world.node("a");
          dying.tasks().start("apply", () -> cluster.apply("a"));
          cluster.world.clock().sleep(Duration.ofMillis(cluster.world.random().nextInt(12)));
          dying.powerOff();
          cluster.members.remove("a");
          cluster.world.clock().sleep(Duration.ofSeconds(10));
          if (cluster.at("b").history().current().number() == 1) {
            cluster.stage("b", "b", "newer");
            try {
              cluster.apply("b");
            } catch (GarageException.Conflict e) {
              assertEquals(2, cluster.at("b").history().current().number());
            }
          }
          cluster.start("a");
          cluster.awaitSame();
          assertEquals(2, cluster.at("a").history().current().number());
        });
  }

  @Test
  void clustersThatWereNeverOneStayApart() {
    run(
        3,
        cluster -> {
          cluster
              .world
              .network()
              .partition(List.of(cluster.world.node("a")), List.of(cluster.world.node("b")));
          cluster.start("a");
          cluster.start("b");
          cluster.stage("a", "a", "z");
          cluster.stage("b", "b", "z");
          cluster.apply("a");
          cluster.apply("b");
          cluster.world.network().heal();
          cluster.world.eventually(
              "it is told",
              MINUTE,
              () ->
                  cluster.at("a").divergence().isPresent()
                      || cluster.at("b").divergence().isPresent());
          assertEquals(List.of(cluster.id("a")), cluster.at("a").history().nodes());
          assertEquals(List.of(cluster.id("b")), cluster.at("b").history().nodes());
        });
  }

  @Test
  void preferredReplicasAreThisNodeThenItsZone() {
    run(
        3,
        cluster -> {
          cluster.start(THREE);
          cluster.stage("a", "a", "z1");
          cluster.stage("a", "b", "z2");
          cluster.stage("a", "c", "z1");
          cluster.apply("a");
          List<NodeId> all = List.of(cluster.id("b"), cluster.id("c"), cluster.id("a"));
          assertEquals(
              List.of(cluster.id("a"), cluster.id("c"), cluster.id("b")),
              cluster.at("a").preference().order(all));
          cluster.world.node("c").kill();
          cluster.world.clock().sleep(Duration.ofSeconds(2));
          assertEquals(
              List.of(cluster.id("a"), cluster.id("b"), cluster.id("c")),
              cluster.at("a").preference().order(all));
        });
  }
}
