package garage.layout;

import static garage.layout.Sample.at;
import static garage.layout.Sample.node;
import static garage.layout.Sample.storage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import garage.common.error.GarageException;
import garage.layout.assign.LayoutPlanner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Histories of nodes that exchange only some of what they know, where versions are applied in one
 * place: they merge by the laws of {@link garage.common.crdt.Crdt}, to equal bytes.
 */
final class HistoryLawsTest {
  private static final int ROUNDS = 60;

  @Test
  void mergeIsCommutativeAssociativeAndIdempotent() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      List<LayoutHistory> nodes = cluster(new Random(seed));
      LayoutHistory a = nodes.get(0);
      LayoutHistory b = nodes.get(1);
      LayoutHistory c = nodes.get(2);
      String what = "seed " + seed;
      assertEquals(merge(a, b), merge(b, a), what);
      assertEquals(merge(merge(a, b), c), merge(a, merge(b, c)), what);
      assertEquals(a, merge(a, a), what);
      assertEquals(merge(a, b), merge(merge(a, b), b), what);
      assertEquals(merge(a, b).digest(), merge(b, a).digest(), what);
    }
  }

  @Test
  void stagedChangesMergeByTheLaws() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      List<LayoutHistory> nodes = cluster(new Random(1000 + seed));
      StagedChanges a = nodes.get(0).staging();
      StagedChanges b = nodes.get(1).staging();
      StagedChanges c = nodes.get(2).staging();
      String what = "seed " + seed;
      assertEquals(a.merge(b), b.merge(a), what);
      assertEquals(a.merge(b).merge(c), a.merge(b.merge(c)), what);
      assertEquals(a, a.merge(a), what);
      StagedChanges merged = a.merge(b);
      assertEquals(merged, StagedChanges.CODEC.decode(StagedChanges.CODEC.encode(merged)), what);
    }
  }

  @Test
  void damagedBytesAreRefusedOrAnotherHistoryButNeverAnythingElse() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      LayoutHistory history = cluster(random).getFirst();
      byte[] bytes = LayoutHistory.CODEC.encode(history);
      for (int i = 0; i < 50; i++) {
        byte[] damaged = Arrays.copyOf(bytes, bytes.length);
        damaged[random.nextInt(Math.min(bytes.length, 400))] ^= (byte) (1 << random.nextInt(8));
        try {
          assertNotEquals(history, LayoutHistory.CODEC.decode(damaged), "seed " + seed);
        } catch (GarageException.Corrupt refused) {
          assertInstanceOf(String.class, refused.getMessage());
        }
      }
    }
  }

  /** Three nodes after random steps; node 0 alone applies, as the cluster's register sees to. */
  private static List<LayoutHistory> cluster(Random random) {
    List<LayoutHistory> nodes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      nodes.add(LayoutHistory.initial(new ReplicationFactor(1)));
    }
    for (int step = 0; step < 25; step++) {
      int i = random.nextInt(3);
      nodes.set(i, step(random, nodes.get(i), i == 0));
      if (random.nextInt(3) == 0) {
        nodes.set(i, merge(nodes.get(i), nodes.get(random.nextInt(3))));
      }
    }
    return nodes;
  }

  private static LayoutHistory step(Random random, LayoutHistory history, boolean mayApply) {
    // few times and nodes, so that they coincide
    long ticks = random.nextInt(20);
    int node = 1 + random.nextInt(4);
    int action = random.nextInt(8);
    boolean feasible = history.nextRoles().values().stream().anyMatch(NodeRole::isStorage);
    if (mayApply && action < 3 && history.epoch().isStable() && feasible) {
      return LayoutPlanner.apply(history, history.current().number() + 1).history();
    } else if (mayApply && action < 5 && !history.epoch().isStable()) {
      return history.advance();
    } else if (action == 5) {
      return history.revert(at(ticks));
    } else if (action == 6 && history.current().role(Sample.node(node)).isPresent()) {
      return history.stageRemoval(at(ticks), node(node));
    }
    return history.stage(at(ticks), node(node), storage("z" + random.nextInt(2), "10G"));
  }

  private static LayoutHistory merge(LayoutHistory mine, LayoutHistory theirs) {
    return assertInstanceOf(HistoryMerge.Merged.class, mine.merge(theirs)).history();
  }
}
