package garage.layout;

import static garage.layout.Sample.applied;
import static garage.layout.Sample.at;
import static garage.layout.Sample.node;
import static garage.layout.Sample.storage;
import static org.junit.jupiter.api.Assertions.assertEquals;

import garage.layout.assign.LayoutPlanner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What node 1 may still believe of a partition that it held before. */
final class TenuresTest {
  private static final Partition PARTITION = Partition.of(7);

  private final List<Partition> full = new ArrayList<>(List.of(PARTITION));
  private final Map<Partition, Long> kept = new HashMap<>();
  private LayoutHistory layout = applied(1, storage("dc1", "10G"));

  private Tenures tenures() {
    return new Tenures(
        new Tenures.Holding(
            List.of(PARTITION), (version, p) -> version.keeps(node(1), p), p -> !full.contains(p)));
  }

  private PartitionSet stale(Tenures tenures) {
    return tenures.stale(layout, kept::put);
  }

  private void give(int to, int from) {
    layout = layout.stage(at(100), node(to), storage("dc1", "10G"));
    layout = layout.stageRemoval(at(101), node(from));
    change();
  }

  private void change() {
    layout = LayoutPlanner.apply(layout, layout.current().number() + 1).history().settle();
  }

  private static PartitionSet only() {
    return PartitionSet.of(PARTITION::equals);
  }

  @Test
  void whatWasHeldInEveryVersionIsBelieved() {
    Tenures tenures = tenures();
    tenures.begin(PARTITION, layout, kept::put);
    layout = layout.stage(at(100), node(1), storage("dc1", "20G"));
    change();
    assertEquals(PartitionSet.NONE, stale(tenures));
    assertEquals(Map.of(PARTITION, 2L), kept);
  }

  @Test
  void whatOthersHeldInBetweenIsStaleUntilItIsEmptied() {
    Tenures tenures = tenures();
    tenures.begin(PARTITION, layout, kept::put);
    give(2, 1);
    assertEquals(PartitionSet.NONE, stale(tenures), "it is not this node's");
    assertEquals(Map.of(PARTITION, 1L), kept);
    give(1, 2);
    assertEquals(only(), stale(tenures));
    assertEquals(only(), stale(tenures), "asking changes nothing");
    full.clear();
    assertEquals(PartitionSet.NONE, stale(tenures));
    full.add(PARTITION);
    assertEquals(PartitionSet.NONE, stale(tenures), "what came since is believed");
    assertEquals(Map.of(PARTITION, 3L), kept);
  }

  @Test
  void aBreakIsFoundAfterARestartToo() {
    tenures().begin(PARTITION, layout, kept::put);
    give(2, 1);
    give(1, 2);
    Tenures restarted = tenures();
    kept.forEach(restarted::restore);
    assertEquals(only(), stale(restarted));
  }

  @Test
  void aVersionThatNobodyRemembersCountsAsABreak() {
    Tenures tenures = tenures();
    tenures.begin(PARTITION, layout, kept::put);
    for (int version = 0; version < LayoutHistory.OLDER_MAX + 4; version++) {
      layout = layout.stage(at(100), node(1), storage("dc1", version % 2 == 0 ? "20G" : "10G"));
      change();
    }
    assertEquals(only(), stale(tenures));
  }
}
