package garage.rpc.peering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Address;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.metrics.Metrics;
import garage.common.metrics.MetricsText;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.handshake.ClusterSecret;
import garage.testkit.env.LinkFaults;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How nodes find each other and notice who is gone, in virtual time. */
final class MeshTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static void run(int seeds, Consumer<TestCluster> body) {
    for (int seed = 0; seed < seeds; seed++) {
      Simulation.run(seed, world -> body.accept(new TestCluster(world)));
    }
  }

  @Test
  void everyNodeFindsEveryOtherThroughOneItKnows() {
    run(
        10,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.start("c", "a:3901");
          cluster.start("d", "c:3901");
          cluster.awaitAllUp(MINUTE, "a", "b", "c", "d");
          assertEquals("d says hi", cluster.call("a", "d"));
          assertEquals("b says hi", cluster.call("d", "b"));
          assertEquals("b says hi", cluster.call("b", "b"));
        });
  }

  @Test
  void peerIsDescribedByWhatItSays() {
    run(
        1,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b");
          cluster.world.clock().sleep(SECOND.multipliedBy(3));
          PeerInfo b = cluster.mesh("a").peer(cluster.node("b").id());
          assertNotNull(b);
          assertEquals("b", b.hostname());
          assertTrue(b.up());
          assertNotNull(b.lastSeen());
          assertNotNull(b.latency());
          assertEquals(List.of(b), cluster.mesh("a").peers());
          PeerInfo self = cluster.mesh("a").peer(cluster.node("a").id());
          assertNotNull(self);
          assertTrue(self.up());
        });
  }

  @Test
  void nameThatStandsForAllNodesConnectsThem() {
    run(
        5,
        cluster -> {
          var network = cluster.world.network();
          network.dns("cluster", cluster.node("a"), cluster.node("b"), cluster.node("c"));
          cluster.start("a", "cluster:3901");
          cluster.start("b", "cluster:3901");
          cluster.start("c", "cluster:3901");
          cluster.awaitAllUp(MINUTE, "a", "b", "c");
          assertEquals(2, cluster.mesh("a").peers().size(), "a node is not its own peer");
        });
  }

  @Test
  void nameIsResolvedAgainWhenItChanges() {
    run(
        3,
        cluster -> {
          cluster.world.network().dns("first", cluster.node("elsewhere"));
          cluster.start("a");
          cluster.start("b", "first:3901");
          cluster.world.clock().sleep(MINUTE);
          assertFalse(cluster.isUp("b", "a"));
          cluster.world.network().dns("first", cluster.node("a"));
          cluster.awaitAllUp(MINUTE, "a", "b");
        });
  }

  @Test
  void frozenPeerIsSuspectedWithinFiveSecondsAndComesBack() {
    run(
        10,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.start("c", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b", "c");
          cluster.world.clock().sleep(SECOND.multipliedBy(5));
          assertEquals(Duration.ZERO, awayFor(cluster, "a", "b"));
          cluster.node("b").freeze();
          cluster.world.eventually(
              "b is suspected",
              SECOND.multipliedBy(5),
              () -> !cluster.isUp("a", "b") && !cluster.isUp("c", "b"));
          assertEquals("UNREACHABLE", cluster.call("a", "b"));
          assertTrue(cluster.allUp("a", "c"));
          cluster.world.clock().sleep(MINUTE);
          assertTrue(cluster.allUp("a", "c"));
          assertTrue(awayFor(cluster, "a", "b").compareTo(MINUTE) >= 0);
          cluster.node("b").thaw();
          cluster.awaitAllUp(MINUTE, "a", "b", "c");
          assertEquals("b says hi", cluster.call("a", "b"));
          assertEquals(Duration.ZERO, awayFor(cluster, "a", "b"));
        });
  }

  private static Duration awayFor(TestCluster cluster, String here, String there) {
    return cluster.mesh(here).awayFor(cluster.node(there).id());
  }

  @Test
  void callUnderWayToAFrozenPeerFailsBeforeItsDeadline() {
    run(
        3,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b");
          cluster.node("b").freeze();
          long start = cluster.world.clock().nanos();
          Deadline deadline = Deadline.after(cluster.node("a").clock(), MINUTE);
          assertThrows(
              GarageException.Unreachable.class,
              () ->
                  cluster
                      .mesh("a")
                      .call(
                          cluster.node("b").id(),
                          TestCluster.ECHO,
                          "hi",
                          new CallOptions(Priority.CLIENT, deadline)));
          long took = cluster.world.clock().nanos() - start;
          assertTrue(took <= SECOND.toNanos() * 5, () -> took + " ns");
        });
  }

  @Test
  void partitionIsNoticedOnBothSidesAndMended() {
    run(
        10,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.start("c", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b", "c");
          cluster.world.network().isolate(cluster.node("c"));
          cluster.world.eventually(
              "both sides notice",
              SECOND.multipliedBy(6),
              () ->
                  !cluster.isUp("a", "c")
                      && !cluster.isUp("b", "c")
                      && !cluster.isUp("c", "a")
                      && !cluster.isUp("c", "b"));
          assertTrue(cluster.allUp("a", "b"));
          cluster.world.clock().sleep(MINUTE);
          cluster.world.network().heal();
          cluster.awaitAllUp(MINUTE, "a", "b", "c");
        });
  }

  @Test
  void restartedNodesFindEachOtherWithoutConfiguration() {
    run(
        5,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.start("c", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b", "c");
          cluster.world.clock().sleep(SECOND.multipliedBy(12));
          for (String name : List.of("a", "b", "c")) {
            cluster.node(name).powerOff();
          }
          for (String name : List.of("a", "b", "c")) {
            cluster.start(name);
          }
          cluster.awaitAllUp(MINUTE, "a", "b", "c");
        });
  }

  @Test
  void clusterThatWasOffForAMonthFindsItselfAgain() {
    run(
        3,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b");
          cluster.world.clock().sleep(SECOND.multipliedBy(12));
          cluster.node("a").powerOff();
          cluster.node("b").powerOff();
          cluster.world.clock().sleep(Duration.ofDays(29));
          cluster.start("a");
          cluster.start("b");
          cluster.awaitAllUp(MINUTE, "a", "b");
        });
  }

  @Test
  void equalSeedsGiveEqualRuns() {
    for (int seed = 0; seed < 3; seed++) {
      assertEquals(traceOf(seed), traceOf(seed));
    }
  }

  private static long traceOf(long seed) {
    return Simulation.run(
            seed,
            world -> {
              TestCluster cluster = new TestCluster(world);
              world.network().faults(LinkFaults.NONE.withResets(0.01));
              cluster.start("a");
              cluster.start("b", "a:3901");
              cluster.start("c", "b:3901");
              for (int i = 0; i < 50; i++) {
                world.note(cluster.call("a", "c") + cluster.call("c", "b"));
                world.clock().sleep(Duration.ofMillis(100));
              }
            })
        .trace()
        .digest();
  }

  @Test
  void killedNodeIsDownAtOnceAndBackSoonAfterItsStart() {
    run(
        5,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b");
          cluster.node("b").kill();
          cluster.world.eventually("b is down", SECOND, () -> !cluster.isUp("a", "b"));
          cluster.world.clock().sleep(MINUTE.multipliedBy(10));
          cluster.start("b");
          cluster.awaitAllUp(SECOND.multipliedBy(20), "a", "b");
        });
  }

  /**
   * Serves an endpoint at b that takes a second, and calls it from a while connections are lost.
   */
  private static String slowCall(TestCluster cluster, Endpoint<String, String> endpoint) {
    AtomicInteger begun = new AtomicInteger();
    cluster.start("a");
    cluster.start("b", "a:3901");
    cluster
        .mesh("b")
        .serve(
            endpoint,
            (from, request, deadline) -> {
              int count = begun.incrementAndGet();
              cluster.node("b").clock().sleep(SECOND);
              return Payload.of("done, begun " + count);
            });
    cluster.awaitAllUp(MINUTE, "a", "b");
    cluster.world.clock().sleep(SECOND);
    cluster
        .node("a")
        .tasks()
        .start(
            "reset",
            () -> {
              for (int i = 0; i < 2; i++) {
                cluster.node("a").clock().sleep(Duration.ofMillis(700));
                cluster.world.network().reset(cluster.node("a"), cluster.node("b"));
              }
            });
    Deadline deadline = Deadline.after(cluster.node("a").clock(), MINUTE);
    CallOptions options = new CallOptions(Priority.CLIENT, deadline);
    return cluster.mesh("a").call(cluster.node("b").id(), endpoint, "hi", options);
  }

  @Test
  void callThatLosesItsConnectionIsMadeAgainOnTheNext() {
    run(5, cluster -> assertEquals("done, begun 3", slowCall(cluster, slow())));
  }

  @Test
  void callThatMustNotBeRepeatedIsNot() {
    run(
        3,
        cluster ->
            assertThrows(
                GarageException.Unreachable.class, () -> slowCall(cluster, slow().once())));
  }

  private static Endpoint<String, String> slow() {
    return new Endpoint<>("test/slow", TestCluster.ECHO.request(), TestCluster.ECHO.response());
  }

  @Test
  void callBetweenTwoConnectionsWaitsForTheNext() {
    run(
        5,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b");
          for (int i = 0; i < 10; i++) {
            cluster.world.clock().sleep(SECOND);
            cluster.world.network().reset(cluster.node("a"), cluster.node("b"));
            assertEquals("b says hi", cluster.call("a", "b"));
          }
        });
  }

  @Test
  void callToAKilledNodeFailsSoon() {
    run(
        5,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b");
          cluster.world.clock().sleep(SECOND);
          cluster.node("b").kill();
          long start = cluster.world.clock().nanos();
          assertEquals("UNREACHABLE", cluster.call("a", "b"));
          long took = cluster.world.clock().nanos() - start;
          assertTrue(took < Duration.ofMillis(500).toNanos(), () -> took + " ns");
        });
  }

  @Test
  void nodeWithAnotherSecretStaysOutside() {
    run(
        3,
        cluster -> {
          cluster.start("a");
          cluster.start("stranger", ClusterSecret.parse("00".repeat(32)), "a:3901");
          cluster.world.clock().sleep(MINUTE);
          assertFalse(cluster.isUp("a", "stranger"));
          assertFalse(cluster.isUp("stranger", "a"));
          assertTrue(cluster.mesh("a").peers().isEmpty());
        });
  }

  @Test
  void anotherNodeAtAnAddressIsNotTakenForTheExpectedOne() {
    run(
        3,
        cluster -> {
          cluster.start("a");
          NodeId other = cluster.node("other").id();
          cluster.start("b", other + "@a:3901");
          cluster.world.clock().sleep(MINUTE);
          assertFalse(cluster.isUp("b", "a"));
          assertFalse(cluster.mesh("b").isUp(other));
        });
  }

  @Test
  void operatorConnectsNodesThatDidNotKnowEachOther() {
    run(
        3,
        cluster -> {
          cluster.start("a");
          cluster.start("b");
          Deadline deadline = Deadline.after(cluster.node("b").clock(), MINUTE);
          PeerAddress a = PeerAddress.parse(cluster.node("a").id() + "@a:3901");
          assertEquals(cluster.node("a").id(), cluster.mesh("b").connect(a, deadline));
          cluster.awaitAllUp(MINUTE, "a", "b");
          PeerAddress nobody = PeerAddress.parse("nobody:3901");
          assertThrows(
              GarageException.Unreachable.class, () -> cluster.mesh("b").connect(nobody, deadline));
        });
  }

  @Test
  void meshMendsItselfUnderResetsStallsAndRefusals() {
    run(
        8,
        cluster -> {
          cluster
              .world
              .network()
              .faults(
                  LinkFaults.NONE
                      .withDelay(Duration.ofMillis(1), Duration.ofMillis(80))
                      .withResets(0.002)
                      .withRefusals(0.2)
                      .withStalls(0.002, SECOND.multipliedBy(8)));
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.start("c", "b:3901");
          int answered = 0;
          for (int i = 0; i < 200; i++) {
            answered += cluster.call("a", "c").equals("c says hi") ? 1 : 0;
            cluster.world.clock().sleep(Duration.ofMillis(200));
          }
          assertTrue(answered > 20, "of 200 calls were answered: " + answered);
          cluster.world.network().faults(LinkFaults.NONE);
          cluster.awaitAllUp(MINUTE, "a", "b", "c");
        });
  }

  @Test
  void processThatStoodStillBlamesNobody() {
    run(
        3,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b");
          cluster.node("a").freeze();
          cluster.world.clock().sleep(SECOND.multipliedBy(3)); // too short for b to give a up
          cluster.node("a").thaw();
          cluster.world.clock().sleep(Duration.ofMillis(1));
          for (int i = 0; i < 100; i++) {
            assertTrue(cluster.isUp("a", "b"));
            cluster.world.clock().sleep(Duration.ofMillis(100));
          }
        });
  }

  /** Prefers b to c, as of its zone. */
  private static NearestFirst preference(TestCluster cluster) {
    NodeId c = cluster.node("c").id();
    return new NearestFirst(cluster.mesh("a"), id -> Optional.of(id.equals(c) ? "far" : "near"));
  }

  private static List<String> order(TestCluster cluster) {
    return preference(cluster)
        .order(Stream.of("c", "b", "a").map(name -> cluster.node(name).id()).toList())
        .stream()
        .map(id -> Stream.of("a", "b", "c").filter(n -> cluster.node(n).id().equals(id)))
        .map(found -> found.findFirst().orElseThrow())
        .toList();
  }

  @Test
  void peerThatWasLateThreeTimesIsAskedLastForAWhile() {
    run(
        3,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.start("c", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b", "c");
          NodeId b = cluster.node("b").id();
          NearestFirst preference = preference(cluster);
          preference.late(b, TestCluster.ECHO);
          preference.late(b, TestCluster.ECHO);
          preference.inTime(b);
          preference.late(b, TestCluster.ECHO);
          preference.late(b, TestCluster.ECHO);
          assertEquals(List.of("a", "b", "c"), order(cluster));
          preference.late(b, TestCluster.ECHO);
          assertEquals(List.of("a", "c", "b"), order(cluster));
          cluster.world.clock().sleep(SECOND.multipliedBy(3));
          assertEquals(List.of("a", "b", "c"), order(cluster));
          preference.late(b, TestCluster.ECHO);
          assertEquals(List.of("a", "c", "b"), order(cluster));
        });
  }

  @Test
  void peerThatMissesPingsIsAskedLastBeforeItCountsAsFailed() {
    run(
        3,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.start("c", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b", "c");
          cluster.world.clock().sleep(SECOND.multipliedBy(3));
          assertEquals(List.of("a", "b", "c"), order(cluster));
          cluster.node("b").freeze();
          cluster.world.clock().sleep(SECOND.multipliedBy(3));
          assertTrue(cluster.isUp("a", "b"));
          assertEquals(List.of("a", "c", "b"), order(cluster));
        });
  }

  @Test
  void roundsAndLateNodesAreCounted() {
    run(
        1,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b");
          Metrics metrics = new Metrics();
          Mesh a = cluster.mesh("a");
          a.count(new CallMetrics(metrics));
          Deadline deadline = Deadline.after(cluster.node("a").clock(), SECOND);
          CallOptions options = new CallOptions(Priority.CLIENT, deadline);
          a.fanout(TestCluster.ECHO, Payload.of("hi"), options).close();
          a.late(cluster.node("b").id(), TestCluster.ECHO);
          MetricsText text = new MetricsText();
          metrics.writeTo(text);
          String label = "{rpc_endpoint=\"" + TestCluster.ECHO.name() + "\"} 1";
          assertTrue(text.toString().contains("rpc_rounds_counter" + label), text.toString());
          assertTrue(text.toString().contains("rpc_hedge_counter" + label), text.toString());
        });
  }

  @Test
  void nodeThatIsNotToldItsAddressLearnsItFromItsPeers() {
    run(
        5,
        cluster -> {
          Mesh a = cluster.start("a");
          NodeId self = cluster.node("a").id();
          assertEquals(
              new Address("0.0.0.0", TestCluster.PORT),
              Objects.requireNonNull(a.peer(self)).address());
          cluster.start("b", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b");
          cluster.world.clock().sleep(SECOND.multipliedBy(3));
          Address seen = Objects.requireNonNull(Objects.requireNonNull(a.peer(self)).address());
          assertNotEquals("0.0.0.0", seen.host());
          Deadline deadline = Deadline.after(cluster.node("b").clock(), SECOND);
          assertEquals(self, cluster.mesh("b").connect(new PeerAddress(self, seen), deadline));
        });
  }

  @Test
  void nodeThatMovedToAnotherAddressIsFollowed() {
    run(
        5,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.start("c", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b", "c");
          cluster.world.clock().sleep(SECOND.multipliedBy(12));
          for (String name : List.of("b", "c")) { // all but one, one at a time
            cluster.node(name).powerOff();
            cluster.world.clock().sleep(SECOND.multipliedBy(6)); // the others notice
            cluster.startAt(name, 4000);
            cluster.awaitAllUp(MINUTE, "a", "b", "c");
          }
          cluster.node("a").powerOff();
          cluster.world.clock().sleep(SECOND.multipliedBy(6));
          cluster.startAt("a", 4001);
          cluster.awaitAllUp(MINUTE, "a", "b", "c");
          assertEquals("a says hi", cluster.call("c", "a"));
        });
  }

  @Test
  void peersAreFoundInASourceAndThisNodeIsAnnouncedThere() {
    run(
        3,
        cluster -> {
          List<PeerAddress> registry = new ArrayList<>();
          PeerSource source =
              new PeerSource() {
                private int failures = 2;

                @Override
                public String name() {
                  return "the registry";
                }

                @Override
                public List<PeerAddress> peers(Deadline deadline) {
                  if (failures-- > 0) {
                    throw new GarageException.Unreachable("the registry is away");
                  }
                  return List.copyOf(registry);
                }

                @Override
                public void announce(
                    NodeId self, Address address, String hostname, Deadline deadline) {
                  registry.add(new PeerAddress(self, address));
                }
              };
          cluster.startWith(source, "a");
          cluster.startWith(source, "b");
          cluster.awaitAllUp(MINUTE.multipliedBy(5), "a", "b");
          assertTrue(registry.contains(PeerAddress.parse(cluster.node("a").id() + "@a:3901")));
        });
  }

  @Test
  void closedMeshAnswersNobody() {
    run(
        3,
        cluster -> {
          cluster.start("a");
          cluster.start("b", "a:3901");
          cluster.awaitAllUp(MINUTE, "a", "b");
          cluster.mesh("a").close();
          cluster.world.eventually("a is down", SECOND, () -> !cluster.isUp("b", "a"));
          cluster.world.clock().sleep(MINUTE);
          assertFalse(cluster.isUp("b", "a"));
          assertNull(cluster.mesh("b").peer(cluster.node("nobody").id()));
        });
  }
}
