package garage.table.register;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.codec.Writer;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.time.Timestamp;
import garage.table.sync.RowCopy;
import garage.table.sync.SyncedRows;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a writer is told whose group was deleted meanwhile. */
final class DoorOutcomeTest {
  private static final Bytes32 GROUP = new Bytes32(7, 7, 7, 7);
  private static final byte[] KEY = new Writer().bytes32(GROUP).varint(1).toBytes();
  private static final Timestamp ATTEMPT = new Timestamp(5, 1, 1);
  private static final int SEEDS = 20;

  /** After so long every message has come. */
  private static final Duration UNDER_WAY = Duration.ofSeconds(2);

  @Test
  void whatOneReplicaTookBeforeItHeardIsSeenByNobodyOnceTheGroupIsGone() {
    simulate(cluster -> {
      TestCluster.Node writer = cluster.nodes.getFirst();
      cluster.nodes.subList(1, 3).forEach(DoorOutcomeTest::end);
      assertThrows(GarageException.QuorumNotReached.class, () -> write(writer));
      assertTrue(holds(writer));
      cluster.nodes.getLast().crash(); // the two that are left are the quorum
      assertTrue(writer.register().read(KEY, false, deadline(writer)).isEmpty());
    });
  }

  @Test
  void whatOneReplicaTookIsBroughtToNoOtherWhileItIsNotDecidedWhetherTheGroupIsGone() {
    simulate(cluster -> {
      TestCluster.Node writer = cluster.nodes.getFirst();
      List<TestCluster.Node> others = cluster.nodes.subList(1, 3);
      others.forEach(node -> node.doors().doors().close(GROUP, ATTEMPT));
      assertThrows(GarageException.QuorumNotReached.class, () -> write(writer));
      others.getLast().crash();
      TestCluster.Node other = others.getFirst();
      assertThrows(
          GarageException.QuorumNotReached.class,
          () -> writer.register().read(KEY, false, deadline(writer)));
      merge(writer, other);
      assertFalse(holds(other), "a reader and a comparison wait");
      other.doors().doors().open(GROUP, ATTEMPT);
      assertTrue(writer.register().read(KEY, false, deadline(writer)).isPresent());
    });
  }

  @Test
  void whoDeletesTheGroupFindsWhatOneReplicaTookBehindItsOwnDoors() {
    simulate(cluster -> {
      TestCluster.Node writer = cluster.nodes.getFirst();
      cluster.nodes.subList(1, 3).forEach(TestCluster.Node::crash);
      assertThrows(GarageException.QuorumNotReached.class, () -> write(writer));
      cluster.nodes.get(1).restart();
      assertFalse(writer.doors().closesBehindNothing(GROUP, ATTEMPT, deadline(writer)));
      assertTrue(holds(cluster.nodes.get(1)), "it is on a quorum, and counts");
    });
  }

  @Test
  void whatIsLeftOfAGroupThatIsGoneGoesWhereReplicasAreBroughtTogether() {
    simulate(cluster -> {
      TestCluster.Node writer = cluster.nodes.getFirst();
      TestCluster.Node other = cluster.nodes.getLast();
      cluster.nodes.subList(1, 3).forEach(DoorOutcomeTest::end);
      assertThrows(GarageException.QuorumNotReached.class, () -> write(writer));
      merge(writer, other);
      assertNobodyHolds(cluster);
    });
  }

  @Test
  void aKeyOfAGroupThatIsGoneIsSettledAsAChangeOfLayoutNeedsIt() {
    simulate(cluster -> {
      TestCluster.Node writer = cluster.nodes.getFirst();
      cluster.nodes.subList(1, 3).forEach(DoorOutcomeTest::end);
      assertThrows(GarageException.QuorumNotReached.class, () -> write(writer));
      writer.register().settle(KEY, deadline(writer));
      assertNobodyHolds(cluster);
    });
  }

  @Test
  void nothingIsWrittenWhereEveryDoorIsClosed() {
    simulate(cluster -> {
      TestCluster.Node writer = cluster.nodes.getFirst();
      cluster.nodes.forEach(DoorOutcomeTest::end);
      assertThrows(GarageException.Conflict.class, () -> write(writer));
    });
  }

  private static void end(TestCluster.Node node) {
    node.doors().doors().end(GROUP, ATTEMPT);
  }

  private static boolean holds(TestCluster.Node node) {
    String version = node.register().rowHere(KEY).version();
    return version != null && !version.isEmpty();
  }

  private static void assertNobodyHolds(TestCluster cluster) {
    cluster.nodes.getFirst().machine.clock().sleep(UNDER_WAY);
    cluster.nodes.forEach(node -> assertFalse(holds(node)));
  }

  /** Sends the row as it is compared, and settles it if it is not taken. */
  private static void merge(TestCluster.Node from, TestCluster.Node to) {
    List<RowCopy> copies = from.register().synced().copies(List.of(KEY), Integer.MAX_VALUE);
    var partition = new TestCluster.Texts().partition(KEY);
    SyncedRows rows = to.register().synced();
    assertEquals(1, copies.size());
    rows.merge(partition, copies, ATTEMPT).forEach(key -> rows.settle(key, deadline(to)));
  }

  private static void write(TestCluster.Node node) {
    ByteBuffer body = ByteBuffer.wrap("V".getBytes(StandardCharsets.UTF_8));
    node.register().write(KEY, "V", body, deadline(node));
  }

  private static Deadline deadline(TestCluster.Node node) {
    return Deadline.after(node.machine.clock(), Duration.ofSeconds(4));
  }

  private static void simulate(Consumer<TestCluster> test) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Simulation.run(
          seed,
          simulation ->
              test.accept(new TestCluster(simulation, 3, new TestCluster.Faults(0, 0, 8))));
    }
  }
}
