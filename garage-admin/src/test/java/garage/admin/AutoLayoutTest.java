package garage.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.admin.api.LayoutRequest;
import garage.admin.api.RoleChange;
import garage.common.env.Address;
import garage.common.id.ByteSize;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.layout.LayoutHistory;
import garage.layout.NodeRole;
import garage.layout.Zone;
import garage.rpc.peering.PeerInfo;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** When a cluster lays itself out, and when it leaves the layout alone. */
class AutoLayoutTest {
  private static final NodeRole ROLE =
      NodeRole.storage(new Zone("z"), new ByteSize(1_000_000), List.of());

  /** Comes after the test's own node in the order of ids. */
  private static final NodeId LAST = new NodeId(new Bytes32(-1, -1, -1, 0));

  private static final NodeId LAST_BUT_ONE = new NodeId(new Bytes32(-1, -1, -2, 0));
  private static final NodeId FIRST = new NodeId(new Bytes32(0, 0, 0, 1));

  @Test
  void nodesThatStartTogetherComeIntoOneVersion() {
    onNode(
        3,
        node -> {
          AutoLayout auto = auto(node, true);
          run(node, auto, AutoLayout.SETTLE.multipliedBy(2));
          assertEquals(0, version(node), "two nodes are missing");
          join(node, LAST);
          run(node, auto, AutoLayout.SETTLE.minusSeconds(2));
          join(node, LAST_BUT_ONE);
          run(node, auto, AutoLayout.SETTLE.minusSeconds(2));
          assertEquals(0, version(node), "the last one came just now");
          run(node, auto, Duration.ofSeconds(5));
          assertEquals(1, version(node));
          assertEquals(
              Set.of(node.self(), LAST, LAST_BUT_ONE), node.history().current().roles().keySet());
          assertEquals(ROLE, node.history().current().role(LAST).orElseThrow());
          run(node, auto, Duration.ofMinutes(1));
          assertEquals(1, version(node), "nothing more is to be done");
        });
  }

  @Test
  void aNodeThatComesLaterIsAddedAndOneThatIsDownStays() {
    onNode(
        1,
        node -> {
          AutoLayout auto = auto(node, false);
          run(node, auto, AutoLayout.SETTLE.plusSeconds(2));
          assertEquals(1, version(node));
          join(node, LAST);
          run(node, auto, AutoLayout.SETTLE.plusSeconds(2));
          assertEquals(2, version(node));
          node.others.clear();
          run(node, auto, Duration.ofMinutes(1));
          assertEquals(2, version(node));
          assertTrue(node.history().current().role(LAST).isPresent());
        });
  }

  @Test
  void aNodeAloneThatExpectsOthersWaitsForOne() {
    onNode(
        1,
        node -> {
          AutoLayout auto = auto(node, true);
          run(node, auto, Duration.ofMinutes(5));
          assertEquals(0, version(node));
          join(node, LAST);
          run(node, auto, AutoLayout.SETTLE.plusSeconds(2));
          assertEquals(1, version(node));
        });
  }

  @Test
  void onlyTheFirstNodeProposes() {
    onNode(
        1,
        node -> {
          join(node, FIRST);
          run(node, auto(node, false), Duration.ofMinutes(5));
          assertEquals(0, version(node));
        });
  }

  @Test
  void whatAnOperatorDecidedStays() {
    onNode(
        1,
        node -> {
          AutoLayout auto = auto(node, false);
          join(node, LAST);
          run(node, auto, AutoLayout.SETTLE.plusSeconds(2));
          node.ask(
              new LayoutRequest.UpdateClusterLayout(
                  List.of(RoleChange.removal(LAST.toString())), null));
          join(node, LAST_BUT_ONE);
          run(node, auto, Duration.ofMinutes(1));
          assertEquals(1, version(node), "an operator is at work");
          node.ask(new LayoutRequest.ApplyClusterLayout(2));
          run(node, auto, Duration.ofMinutes(1));
          assertEquals(3, version(node), "the other one is added");
          LayoutHistory history = node.history();
          assertEquals(Set.of(node.self(), LAST_BUT_ONE), history.current().roles().keySet());
        });
  }

  @Test
  void aChangeThatIsUnderWayIsWaitedFor() {
    onNode(
        1,
        node -> {
          AutoLayout auto = auto(node, false);
          run(node, auto, AutoLayout.SETTLE.plusSeconds(2));
          node.settles = false;
          join(node, LAST);
          run(node, auto, AutoLayout.SETTLE.plusSeconds(2));
          assertEquals(2, version(node));
          join(node, LAST_BUT_ONE);
          run(node, auto, Duration.ofMinutes(1));
          assertEquals(2, version(node));
        });
  }

  private static AutoLayout auto(TestNode node, boolean expectsPeers) {
    node.wanted = ROLE;
    return new AutoLayout(
        node, node, new HybridClock(node.clock, node.self(), 2), node.clock, expectsPeers);
  }

  private static void join(TestNode node, NodeId id) {
    node.others.add(new PeerInfo(id, new Address("10.0.0.9", 3901), "other", true, null, null));
  }

  private static void run(TestNode node, AutoLayout auto, Duration time) {
    for (long i = 0; i < time.toSeconds(); i++) {
      auto.step();
      node.clock.sleep(Duration.ofSeconds(1));
    }
  }

  private static long version(TestNode node) {
    return node.history().current().number();
  }

  private static void onNode(int copies, Consumer<TestNode> test) {
    Simulation.run(1, simulation -> test.accept(new TestNode(simulation, copies)));
  }
}
