package garage.table.register;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Deadline;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import garage.layout.Epoch;
import garage.layout.LayoutHistory;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.layout.assign.LayoutPlanner;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Who comes back after the change of layout that made it a replica, when another is lost. */
final class LateMemberTest {
  private static final byte[] KEY = LayoutSimulationTest.KEY;
  private static final Partition PARTITION = new TestCluster.Texts().partition(KEY);

  /** Four nodes, of which three have a role, and the layout they are in. */
  private static final class Cluster {
    final TestCluster cluster;
    LayoutHistory layout;

    Cluster(Simulation simulation) {
      this.cluster = new TestCluster(simulation, 4, new TestCluster.Faults(0, 0, 3));
      this.layout = next(LayoutHistory.initial(new ReplicationFactor(3)), "abc");
      cluster.follow(layout);
    }

    TestCluster.Node node(char letter) {
      return cluster.nodes.get(letter - 'a');
    }

    private LayoutHistory next(LayoutHistory now, String storage) {
      long number = now.current().number() + 1;
      Timestamp at = new Timestamp(number, 1, 1);
      LayoutHistory staged = now;
      for (char letter = 'a'; letter <= 'd'; letter++) {
        NodeId id = node(letter).self();
        if (storage.indexOf(letter) >= 0) {
          staged = staged.stage(at, id, role(number));
        } else if (now.current().role(id).isPresent()) {
          staged = staged.stageRemoval(at, id);
        }
      }
      return LayoutPlanner.apply(staged, number).history();
    }

    /** A tag makes each version another. */
    private static NodeRole role(long number) {
      return NodeRole.storage(
          new Zone("z"), new ByteSize(1_000_000_000L), List.of("of-version-" + number));
    }

    /** Takes the cluster to a layout of these nodes, while {@code here} alone run. */
    void change(String storage, String here) {
      layout = next(layout, storage);
      learn(here);
      while (!layout.epoch().isStable()) {
        work(storage, here);
        layout = layout.advance();
        learn(here);
      }
    }

    void learn(String letters) {
      letters.chars().forEach(c -> node((char) c).learn(layout));
    }

    private void work(String storage, String here) {
      here.chars()
          .filter(c -> storage.indexOf(c) >= 0)
          .forEach(c -> assertTrue(becomesReady((char) c), (char) c + " after " + layout.epoch()));
    }

    /** The second is away while it becomes a replica; the third is lost before it is back. */
    void comesLate() {
      change("acd", "abcd");
      node('b').crash();
      change("abc", "acd");
      write('a', "while it was away");
      node('c').crash();
      node('b').restart();
    }

    boolean becomesReady(char letter) {
      Epoch epoch = layout.epoch();
      for (int i = 0; i < 20 && !node(letter).transition().ready(epoch, PARTITION); i++) {
        node(letter).transition().step();
      }
      return node(letter).transition().ready(epoch, PARTITION);
    }

    void write(char at, String value) {
      node(at).register().write(KEY, value, ByteBuffer.allocate(0), deadline(at));
    }

    Optional<String> read(char at) {
      return node(at).register().read(KEY, true, deadline(at)).map(Version::value);
    }

    private Deadline deadline(char at) {
      return Deadline.after(node(at).machine.clock(), Duration.ofSeconds(20));
    }
  }

  private static void run(Consumer<Cluster> body) {
    for (long seed = 1; seed <= 3; seed++) {
      Simulation.run(seed, simulation -> body.accept(new Cluster(simulation)));
    }
  }

  /** Of the three replicas one was away, and one is gone for ever: two are there. */
  @Test
  void whoWasAwayWhileItBecameAReplicaCountsThoughAnotherIsLostBeforeItWasFilled() {
    run(c -> {
      c.write('a', "of the first layout");
      c.comesLate();
      c.learn("b");
      assertTrue(c.becomesReady('b'));
      assertEquals(Optional.of("while it was away"), c.read('b'));
      c.write('b', "by two of three");
      c.change("abd", "abd");
      c.node('a').crash();
      assertEquals(Optional.of("by two of three"), c.read('d'));
    });
  }

  /** The next change has begun before it is back, and needs it: nothing else is of the old set. */
  @Test
  void whoComesBackInTheNextChangeCountsInTheSetBefore() {
    run(c -> {
      c.comesLate();
      c.change("abd", "abd");
      assertEquals(Optional.of("while it was away"), c.read('b'));
    });
  }

  /**
   * It has been of every set since the first, and answered in them, but no layout that is still
   * known says so: what it has said may be on the node that is lost, and nowhere else.
   */
  @Test
  void whoMayHaveAnsweredBeforeIsFilledFromAQuorumOfTheOthers() {
    run(c -> {
      c.write('a', "value");
      for (int i = 0; i < 2 * LayoutHistory.OLDER_MAX; i++) {
        c.change("abc", "acd");
      }
      c.node('c').crash();
      c.learn("b");
      assertFalse(c.becomesReady('b'));
      c.node('c').restart();
      assertTrue(c.becomesReady('b'));
      assertEquals(Optional.of("value"), c.read('b'));
    });
  }
}
