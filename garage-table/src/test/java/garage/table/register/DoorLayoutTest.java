package garage.table.register;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.codec.Writer;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import garage.layout.ConsistencyMode;
import garage.layout.LayoutHistory;
import garage.layout.LayoutParameters;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.layout.assign.LayoutPlanner;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A door that was closed on the replicas of one layout is closed on those of the next before they
 * count; it stays closed over a crash, and is opened by its own attempt alone.
 */
final class DoorLayoutTest {
  private static final Partition PARTITION =
      new TestCluster.Texts().partition(LayoutSimulationTest.KEY);
  private static final Bytes32 GROUP = new Bytes32(7, 7, 7, 7);
  private static final Timestamp ATTEMPT = new Timestamp(5, 1, 1);
  private static final int STEPS_MAX = 2_000;
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  @ParameterizedTest
  @CsvSource({"abc, bcd", "abc, def", "a, b", "a, abc"})
  void aDoorIsClosedOnNewNodesBeforeTheyCount(String from, String to) {
    for (long seed = 1; seed <= 5; seed++) {
      Simulation.run(
          seed,
          simulation -> {
            TestCluster cluster = new TestCluster(simulation, 6, new TestCluster.Faults(0, 0, 8));
            LayoutHistory first = layout(LayoutHistory.initial(factor(from)), cluster, from);
            cluster.follow(first);
            TestCluster.Node old = cluster.nodes.getFirst();
            assertTrue(writes(old, "v0"), "an open door");
            old.register().write(key(), "", ByteBuffer.allocate(0), deadline(old));
            assertTrue(old.doors().closesBehindNothing(GROUP, ATTEMPT, deadline(old)));
            LayoutHistory second = layout(first, cluster, to);
            pass(cluster, second);
            pass(cluster, second.advance());
            pass(cluster, second.settle());
            for (int i = 0; i < to.length(); i++) {
              TestCluster.Node next = cluster.nodes.get(to.charAt(i) - 'a');
              assertFalse(writes(next, "v1"), "closed by the layout before");
            }
            TestCluster.Node last = cluster.nodes.get(to.charAt(0) - 'a');
            last.doors().open(GROUP, ATTEMPT, deadline(last));
            assertTrue(writes(last, "v2"), "opened");
          });
    }
  }

  @Test
  void aClosedDoorIsClosedAfterACrashAndOpenedByItsOwnAttemptAlone() {
    Simulation.run(
        2,
        simulation -> {
          TestCluster cluster = new TestCluster(simulation, 3, new TestCluster.Faults(0, 0, 8));
          TestCluster.Node node = cluster.nodes.getFirst();
          assertTrue(node.doors().closesBehindNothing(GROUP, ATTEMPT, deadline(node)));
          simulation.clock().sleep(Duration.ofSeconds(1));
          cluster.nodes.forEach(TestCluster.Node::crash);
          cluster.nodes.forEach(TestCluster.Node::restart);
          assertFalse(writes(node, "v1"), "after the crash");
          node.doors().open(GROUP, new Timestamp(4, 1, 1), deadline(node));
          assertFalse(writes(node, "v1"), "another attempt was given up");
          node.doors().open(GROUP, ATTEMPT, deadline(node));
          assertTrue(writes(node, "v1"));
          assertFalse(
              node.doors().closesBehindNothing(GROUP, new Timestamp(6, 1, 1), deadline(node)));
        });
  }

  /** A write that only one replica has taken may come to a quorum, or never: not later. */
  @Test
  void whatOneReplicaHoldsAloneIsSettledBeforeTheGroupIsEmpty() {
    Simulation.run(
        3,
        simulation -> {
          TestCluster cluster = new TestCluster(simulation, 3, new TestCluster.Faults(0, 0, 8));
          TestCluster.Node node = cluster.nodes.getFirst();
          cluster.nodes.get(1).crash();
          cluster.nodes.get(2).crash();
          assertThrows(
              GarageException.QuorumNotReached.class,
              () -> node.register().write(key(), "v1", ByteBuffer.allocate(0), deadline(node)));
          cluster.nodes.get(1).restart(); // so that the two are the quorum
          boolean empty = node.doors().closesBehindNothing(GROUP, ATTEMPT, deadline(node));
          assertEquals(
              empty, node.register().read(key(), false, deadline(node)).isEmpty(), "for certain");
        });
  }

  /** Everybody learns {@code epoch}, and gets ready for the next. */
  private static void pass(TestCluster cluster, LayoutHistory epoch) {
    cluster.nodes.forEach(node -> node.learn(epoch));
    var set = epoch.current().replicaSet(PARTITION).orElseThrow();
    for (int i = 0; i < STEPS_MAX && !epoch.epoch().isStable(); i++) {
      long ready =
          set.nodes().stream()
              .filter(id -> cluster.node(id).transition().ready(epoch.epoch(), PARTITION))
              .count();
      if (ready >= set.writeQuorum(ConsistencyMode.CONSISTENT)) {
        return;
      }
      set.nodes().forEach(id -> cluster.node(id).transition().step());
    }
    assertTrue(epoch.epoch().isStable(), "ready for what follows " + epoch.epoch());
  }

  private static LayoutHistory layout(LayoutHistory before, TestCluster cluster, String letters) {
    LayoutHistory next = before;
    Timestamp at = new Timestamp(before.current().number() + 1, 1, 1);
    for (int i = 0; i < cluster.nodes.size(); i++) {
      NodeId id = cluster.nodes.get(i).self();
      if (letters.indexOf('a' + i) >= 0) {
        NodeRole role = NodeRole.storage(new Zone("z"), new ByteSize(1_000_000_000L), List.of());
        next = next.stage(at, id, role);
      } else if (next.current().role(id).isPresent()) {
        next = next.stageRemoval(at, id);
      }
    }
    next =
        next.stage(
            at,
            new LayoutParameters(next.current().parameters().zoneRedundancy(), factor(letters)));
    return LayoutPlanner.apply(next, before.current().number() + 1).history();
  }

  private static ReplicationFactor factor(String letters) {
    return new ReplicationFactor(letters.length());
  }

  /** A key of the group in the partition that the cluster has. */
  private static byte[] key() {
    for (int i = 0; ; i++) {
      byte[] key = new Writer().bytes32(GROUP).varint(i).toBytes();
      if (new TestCluster.Texts().partition(key).equals(PARTITION)) {
        return key;
      }
    }
  }

  private static boolean writes(TestCluster.Node node, String value) {
    try {
      node.register().write(key(), value, ByteBuffer.allocate(0), deadline(node));
      return true;
    } catch (GarageException.Conflict | GarageException.QuorumNotReached e) {
      return false; // once the door is open, a call that was late might pass
    }
  }

  private static Deadline deadline(TestCluster.Node node) {
    return Deadline.after(node.machine.clock(), PATIENCE);
  }
}
