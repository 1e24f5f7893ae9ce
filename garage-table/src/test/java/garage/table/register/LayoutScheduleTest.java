package garage.table.register;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.layout.Epoch;
import garage.layout.LayoutHistory;
import garage.layout.LayoutPhase;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.layout.assign.LayoutPlanner;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Priority;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Schedules of a change from nodes a, b, c to d, e, f that random ones rarely hit. */
final class LayoutScheduleTest {
  private static final byte[] KEY = LayoutSimulationTest.KEY;
  private static final Partition PARTITION = new TestCluster.Texts().partition(KEY);

  private static final class Cluster {
    final Simulation simulation;
    final TestCluster cluster;
    final LayoutHistory copy;

    Cluster(Simulation simulation) {
      this.simulation = simulation;
      this.cluster = new TestCluster(simulation, 6, new TestCluster.Faults(0, 0, 3));
      List<NodeId> ids = cluster.nodes.stream().map(TestCluster.Node::self).toList();
      LayoutHistory stable = LayoutHistory.initial(new ReplicationFactor(3));
      for (NodeId id : ids.subList(0, 3)) {
        stable = stable.stage(new Timestamp(1, 1, 1), id, role());
      }
      stable = LayoutPlanner.apply(stable, 1).history();
      cluster.follow(stable);
      LayoutHistory next = stable;
      for (NodeId id : ids.subList(0, 3)) {
        next = next.stageRemoval(new Timestamp(2, 1, 1), id);
      }
      for (NodeId id : ids.subList(3, 6)) {
        next = next.stage(new Timestamp(2, 1, 1), id, role());
      }
      this.copy = LayoutPlanner.apply(next, 2).history();
    }

    private static NodeRole role() {
      return NodeRole.storage(new Zone("z"), new ByteSize(1_000_000_000L), List.of());
    }

    TestCluster.Node node(char letter) {
      return cluster.nodes.get(letter - 'a');
    }

    char letter(NodeId id) {
      return (char) ('a' + cluster.nodes.indexOf(cluster.node(id)));
    }

    void crash(String letters) {
      letters.chars().forEach(c -> node((char) c).crash());
    }

    void restart(String letters) {
      letters.chars().forEach(c -> node((char) c).restart());
    }

    void learn(LayoutHistory history, String letters) {
      letters.chars().forEach(c -> node((char) c).learn(history));
    }

    /** Lets the new nodes do what the epoch asks of them. */
    void work(Epoch epoch) {
      for (char letter : "def".toCharArray()) {
        for (int i = 0; i < 20 && !node(letter).transition().ready(epoch, PARTITION); i++) {
          node(letter).transition().step();
        }
        assertTrue(node(letter).transition().ready(epoch, PARTITION), letter + " is ready");
      }
    }

    /** From COPY with filled nodes to the new layout alone. */
    void finish() {
      LayoutHistory joint = copy.advance();
      learn(joint, "abcdef");
      work(joint.epoch());
      learn(joint.advance(), "abcdef");
    }

    /** Its clock is right again before anybody else does anything. */
    void takesAlone(char wrong, String value) {
      failsAlone(wrong, () -> write(wrong, value));
    }

    /** As {@link #takesAlone}, of a ballot without a version. */
    void promisesAlone(char wrong) {
      ByteBuffer none = ByteBuffer.allocate(0);
      failsAlone(
          wrong,
          () -> node(wrong).register().writeIf(KEY, _ -> true, "unseen", none, deadline(wrong)));
    }

    private void failsAlone(char wrong, Executable what) {
      node(wrong).machine.jumpWall(Duration.ofHours(1));
      assertThrows(GarageException.QuorumNotReached.class, what);
      node(wrong).machine.jumpWall(Duration.ofHours(-1));
    }

    void write(char at, String value) {
      node(at).register().write(KEY, value, ByteBuffer.allocate(0), deadline(at));
    }

    Optional<String> read(char at) {
      return node(at).register().read(KEY, true, deadline(at)).map(Version::value);
    }

    Deadline deadline(char at) {
      return Deadline.after(node(at).machine.clock(), Duration.ofSeconds(20));
    }
  }

  private static void run(Consumer<Cluster> body) {
    for (long seed = 1; seed <= 3; seed++) {
      Simulation.run(seed, simulation -> body.accept(new Cluster(simulation)));
    }
  }

  /** It is in the index of rows and in that of promises: once subtracted, not twice. */
  @Test
  void aRowPromisedAboveItsBallotLeavesNoTraceInTheSumsWhenItIsDropped() {
    run(it -> {
      it.write('a', "1");
      Register<String> register = it.node('a').register();
      ConditionalOutcome<String> refused =
          register.writeIf(KEY, Objects::isNull, "2", ByteBuffer.allocate(0), it.deadline('a'));
      assertInstanceOf(ConditionalOutcome.NotHeld.class, refused);
      assertTrue(register.rowHere(KEY).isPromisedAbove());
      while (register.copies().drop(PARTITION) > 0) {}
      assertTrue(Arrays.stream(register.copies().index().sums(PARTITION)).allMatch(n -> n == 0));
    });
  }

  @Test
  void whatTheOldNodesAcceptedAfterTheNewOnesWereFilledIsThereWhenTheNewCountAlone() {
    run(c -> {
      c.write('a', "before");
      c.learn(c.copy, "abcdef");
      c.work(c.copy.epoch());
      c.crash("def");
      c.write('b', "after");
      c.restart("def");
      c.finish();
      c.crash("abc");
      assertEquals(Optional.of("after"), c.read('d'));
    });
  }

  @Test
  void aCoordinatorThatMissedTheWholeChangeWritesToTheNewNodes() {
    run(c -> {
      c.write('a', "before");
      c.learn(c.copy, "abcdef");
      c.work(c.copy.epoch());
      c.crash("a");
      LayoutHistory joint = c.copy.advance();
      c.learn(joint, "bcdef");
      c.work(joint.epoch());
      c.learn(joint.advance(), "bcdef");
      c.restart("a");
      assertEquals(new Epoch(2, LayoutPhase.COPY), c.node('a').history().epoch());
      c.write('a', "late");
      c.crash("bc");
      assertEquals(Optional.of("late"), c.read('e'));
      assertEquals(new Epoch(2, LayoutPhase.STABLE), c.node('a').history().epoch());
    });
  }

  /** A promise of the old nodes may carry a condition already decided; it must outlive them. */
  @Test
  void whatTheOldNodesPromisedIsKeptByTheNewOnes() {
    run(c -> {
      c.write('a', "version");
      Timestamp between = late(c);
      c.simulation.clock().sleep(Duration.ofSeconds(1));
      c.node('a')
          .register()
          .writeIf(KEY, _ -> false, "refused", ByteBuffer.allocate(0), c.deadline('a'));
      c.learn(c.copy, "abcdef");
      c.work(c.copy.epoch());
      c.finish();
      long epoch = c.copy.advance().advance().epoch().number();
      var codec = new TestCluster.Texts().codec();
      var endpoint =
          new Endpoint<RegisterMessage<String>, RegisterReply<String>>(
              "register/" + TestCluster.Texts.NAME,
              RegisterMessage.codec(codec),
              RegisterReply.codec(codec));
      int refused = 0;
      for (char letter : "def".toCharArray()) {
        RegisterReply<String> reply =
            c.node('d')
                .call(
                    c.node(letter).self(),
                    endpoint,
                    new RegisterMessage.Accept<>(epoch, KEY, between, between, "late", true),
                    new CallOptions(Priority.CLIENT, c.deadline('d')));
        refused += reply instanceof RegisterReply.Refused<String> ? 1 : 0;
      }
      assertTrue(refused >= 2, refused + " of three refuse what was promised away");
    });
  }

  /** A ballot above the version and below what is promised next. */
  private static Timestamp late(Cluster c) {
    c.simulation.clock().sleep(Duration.ofSeconds(1));
    var machine = c.node('b').machine;
    return new HybridClock(machine.clock(), machine.id(), 9).now();
  }

  @Test
  void aNodeThatIsNotFilledRefusesInsteadOfAnsweringWithNothing() {
    run(c -> {
      c.write('a', "value");
      c.learn(c.copy, "abcdef");
      c.learn(c.copy.advance(), "abcdef");
      assertEquals(Optional.empty(), emptyIfFails(c));
    });
  }

  private static Optional<String> emptyIfFails(Cluster c) {
    try {
      return c.node('d')
          .register()
          .read(KEY, true, Deadline.after(c.node('d').machine.clock(), Duration.ofSeconds(2)))
          .map(value -> "was answered " + value);
    } catch (GarageException e) {
      assertInstanceOf(GarageException.QuorumNotReached.class, e);
      return Optional.empty();
    }
  }

  /** Where its row is too far ahead of the others' clocks it is one replica less. */
  @Test
  void whatOneReplicaAloneTookWithAWrongClockDoesNotHoldUpTheChange() {
    for (char wrong : "abc".toCharArray()) {
      run(c -> {
        c.write('a', "value");
        c.takesAlone(wrong, "an hour ahead");
        c.learn(c.copy, "abcdef");
        c.work(c.copy.epoch());
        c.finish();
        assertEquals(Optional.of("value"), c.read('d'));
      });
    }
  }

  /** With another away there is no quorum without it, whom the rest would be filled from. */
  @Test
  void whoIsLeftOutForARowTooFarAheadIsNotOfTheQuorumThatFills() {
    run(c -> {
      List<NodeId> old = c.copy.previous().orElseThrow().nodesOf(PARTITION);
      c.write('a', "value");
      c.takesAlone(c.letter(old.get(PARTITION.number() % 2)), "an hour ahead");
      String third = String.valueOf(c.letter(old.get(2)));
      c.crash(third);
      c.learn(c.copy, "abcdef");
      var transition = c.node('d').transition();
      assertThrows(GarageException.Conflict.class, transition::step);
      assertFalse(transition.ready(c.copy.epoch(), PARTITION));
      c.restart(third);
      c.work(c.copy.epoch());
      c.finish();
      assertEquals(Optional.of("value"), c.read('d'));
    });
  }

  /** Its floor would be an hour ahead as well, and refuse whatever is new in the partition. */
  @Test
  void aTombstoneThatWasPromisedWithAWrongClockIsNotCollectedBeforeThatTime() {
    for (char wrong : "abc".toCharArray()) {
      run(c -> {
        Register<String> register = c.node('a').register();
        register.clear(KEY, c.deadline('a'));
        c.promisesAlone(wrong);
        assertFalse(register.collect(KEY, c.deadline('a')));
        Timestamp floor = c.node(wrong).register().copies().floor(PARTITION);
        assertTrue(floor.millis() <= c.node(wrong).machine.clock().wallMillis(), floor.toString());
        c.node('a').machine.clock().sleep(Duration.ofHours(1));
        assertTrue(register.collect(KEY, c.deadline('a')));
      });
    }
  }
}
