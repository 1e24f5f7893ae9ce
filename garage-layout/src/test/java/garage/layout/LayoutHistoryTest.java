package garage.layout;

import static garage.layout.Sample.applied;
import static garage.layout.Sample.at;
import static garage.layout.Sample.gateway;
import static garage.layout.Sample.node;
import static garage.layout.Sample.storage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.check.Invariant.InvariantViolation;
import garage.common.crdt.Lww;
import garage.common.crdt.LwwMap;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.layout.assign.LayoutPlanner;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Staging, applying, the stages of a change, and what nodes learn from one another. */
final class LayoutHistoryTest {
  private static final ReplicationFactor ONE = new ReplicationFactor(1);
  private final LayoutHistory initial = LayoutHistory.initial(ONE);
  private final LayoutHistory single = applied(1, storage("dc1", "10G"));

  // --- staging

  @Test
  void aNewNodeHasNoLayout() {
    assertEquals(0, initial.current().number());
    assertEquals(Epoch.NONE, initial.epoch());
    assertFalse(initial.hasPendingChanges());
    assertEquals(List.of(), initial.countingSets(Partition.of(0)));
    assertEquals(List.of(), initial.receivingNodes(Partition.of(0)));
    assertEquals(List.of(), initial.nodes());
  }

  @Test
  void stagedRolesWaitForTheNextVersion() {
    LayoutHistory staged = initial.stage(at(1), node(1), storage("dc1", "10G"));
    assertEquals(0, staged.current().number());
    assertEquals(
        Map.of(node(1), new RoleChange.Assign(storage("dc1", "10G"))), staged.pendingRoles());
    assertEquals(Map.of(node(1), storage("dc1", "10G")), staged.nextRoles());
    assertEquals(initial.current(), staged.current());
  }

  @Test
  void aStagedRoleThatIsInForceIsNotPending() {
    LayoutHistory staged = single.stage(at(9), node(1), storage("dc1", "10G"));
    assertFalse(staged.hasPendingChanges());
    assertFalse(single.hasPendingChanges(), "applying left nothing pending");
  }

  @Test
  void theLastStagingOfANodeCounts() {
    LayoutHistory staged =
        single.stage(at(9), node(1), storage("dc2", "20G")).stageRemoval(at(10), node(1));
    assertEquals(Map.of(node(1), new RoleChange.Remove()), staged.pendingRoles());
    assertEquals(Map.of(), staged.nextRoles());
  }

  @Test
  void stagingWinsEvenWithAClockThatIsBehind() {
    LayoutHistory staged =
        single
            .stage(at(1000), node(1), storage("dc2", "20G"))
            .stage(at(5), node(1), storage("dc3", "30G"));
    assertEquals(Map.of(node(1), storage("dc3", "30G")), staged.nextRoles());
    assertTrue(staged.revert(at(5)).pendingRoles().isEmpty());
    LayoutHistory again = staged.revert(at(5)).stage(at(5), node(1), storage("dc4", "40G"));
    assertEquals(Map.of(node(1), storage("dc4", "40G")), again.nextRoles());
  }

  @Test
  void removingANodeWithoutRoleIsRefused() {
    GarageException e =
        assertThrows(GarageException.InvalidInput.class, () -> single.stageRemoval(at(9), node(2)));
    assertEquals("node " + node(2) + " has no role to remove", e.getMessage());
  }

  @Test
  void removingAStagedNodeTakesTheStagingBack() {
    LayoutHistory staged =
        single.stage(at(9), node(2), storage("dc1", "10G")).stageRemoval(at(10), node(2));
    assertFalse(staged.hasPendingChanges());
  }

  @Test
  void parametersAreStagedAndKept() {
    LayoutHistory staged =
        single.stage(at(9), single.nextParameters().withZoneRedundancy(ZoneRedundancy.parse("1")));
    assertEquals("1", staged.nextParameters().zoneRedundancy().text());
    assertTrue(staged.hasPendingChanges());
    LayoutHistory applied = LayoutPlanner.apply(staged, 2).history();
    assertEquals("1", applied.current().parameters().zoneRedundancy().text());
    assertEquals(Optional.empty(), applied.pendingParameters());
  }

  @Test
  void revertDropsEverythingStagedAndNothingElse() {
    LayoutHistory staged =
        single.stage(at(9), node(2), storage("dc1", "10G")).stage(at(10), Sample.atLeast(1, 1));
    LayoutHistory reverted = staged.revert(at(11));
    assertFalse(reverted.hasPendingChanges());
    assertEquals(single.current(), reverted.current());
    assertEquals(single.epoch(), reverted.epoch());
  }

  @Test
  void aRevertReachesNodesThatStillHaveTheStaging() {
    LayoutHistory staged = single.stage(at(9), node(2), storage("dc1", "10G"));
    LayoutHistory reverted = staged.revert(at(10));
    assertEquals(reverted, merged(staged, reverted));
    assertEquals(reverted, merged(reverted, staged));
  }

  @Test
  void aLayoutHasRoomForABoundedNumberOfNodes() {
    LayoutHistory full = withStaged(LayoutHistory.NODES_MAX, Optional.of(gateway("g")));
    GarageException e =
        assertThrows(
            GarageException.InvalidInput.class, () -> full.stage(at(2), node(1), gateway("g")));
    assertEquals("a layout has at most 4096 nodes", e.getMessage());
  }

  @Test
  void aBoundedNumberOfChangesIsOnRecordUntilARevert() {
    LayoutHistory full = withStaged(LayoutHistory.STAGED_MAX, Optional.empty());
    assertThrows(
        GarageException.InvalidInput.class, () -> full.stage(at(2), node(1), gateway("g")));
    LayoutHistory cleared = full.revert(at(2)).stage(at(3), node(1), gateway("g"));
    assertEquals(Map.of(node(1), gateway("g")), cleared.nextRoles());
  }

  /** Staged at once, as staging one by one copies the map each time. */
  private LayoutHistory withStaged(int nodes, Optional<NodeRole> role) {
    Map<NodeId, Lww<RoleChange>> many = new HashMap<>();
    for (int i = 0; i < nodes; i++) {
      many.put(new NodeId(new Bytes32(1, 2, 3, i)), Lww.of(at(1), RoleChange.of(role)));
    }
    StagedChanges staging =
        new StagedChanges(at(0), new LwwMap<>(many), StagedChanges.NONE.parameters());
    return new LayoutHistory(initial.epoch(), initial.versions(), staging);
  }

  // --- applying

  @Test
  void theFirstLayoutIsInForceAtOnce() {
    assertEquals(new Epoch(1, LayoutPhase.STABLE), single.epoch());
    assertEquals(List.of(1L), numbers(single), "version 0 is forgotten");
    assertEquals(List.of(node(1)), single.receivingNodes(Partition.of(3)));
    assertEquals(1, single.countingSets(Partition.of(3)).size());
  }

  @Test
  void onlyTheNextNumberCanBeApplied() {
    for (long wrong : new long[] {0, 1, 3, -1}) {
      GarageException e =
          assertThrows(
              GarageException.InvalidInput.class, () -> LayoutPlanner.apply(single, wrong));
      assertEquals(
          "Invalid new layout version: the current version is 1, so the next is 2, not " + wrong,
          e.getMessage());
    }
  }

  @Test
  void applyingWithoutChangesMakesAnIdenticalVersion() {
    LayoutHistory again = LayoutPlanner.apply(single, 2).history();
    assertEquals(2, again.current().number());
    assertEquals(single.current().roles(), again.current().roles());
    assertNotEquals(single.current(), again.current());
  }

  @Test
  void anInfeasibleLayoutIsNotApplied() {
    LayoutHistory three = LayoutHistory.initial(new ReplicationFactor(3));
    LayoutHistory staged = three.stage(at(1), node(1), storage("dc1", "10G"));
    GarageException e =
        assertThrows(GarageException.Conflict.class, () -> LayoutPlanner.apply(staged, 1));
    assertTrue(String.valueOf(e.getMessage()).contains("replication factor (3)"), e::getMessage);
  }

  @Test
  void aChangeGoesThroughItsStages() {
    LayoutHistory staged =
        single.stage(at(9), node(2), storage("dc1", "10G")).stageRemoval(at(10), node(1));
    Partition p = Partition.of(0);
    LayoutHistory copy = LayoutPlanner.apply(staged, 2).history();
    assertEquals(new Epoch(2, LayoutPhase.COPY), copy.epoch());
    assertEquals(List.of(List.of(node(1))), nodes(copy.countingSets(p)));
    assertEquals(List.of(node(1), node(2)), copy.receivingNodes(p));
    assertEquals(List.of(node(1), node(2)), copy.nodes());
    assertEquals(Optional.of(single.current()), copy.previous());

    LayoutHistory joint = copy.advance();
    assertEquals(new Epoch(2, LayoutPhase.JOINT), joint.epoch());
    assertEquals(List.of(List.of(node(1)), List.of(node(2))), nodes(joint.countingSets(p)));
    assertEquals(List.of(node(1), node(2)), joint.receivingNodes(p));

    LayoutHistory stable = joint.advance();
    assertEquals(new Epoch(2, LayoutPhase.STABLE), stable.epoch());
    assertEquals(List.of(List.of(node(2))), nodes(stable.countingSets(p)));
    assertEquals(List.of(node(2)), stable.receivingNodes(p));
    assertEquals(List.of(node(2)), stable.nodes());
    assertEquals(Optional.empty(), stable.previous());
    assertEquals(List.of(single.current()), stable.older());

    assertEquals(stable, copy.settle());
    assertEquals(stable, stable.settle());
    assertThrows(InvariantViolation.class, stable::advance);
  }

  @Test
  void anotherChangeWaitsForTheOneUnderWay() {
    LayoutHistory copy = LayoutPlanner.apply(single, 2).history();
    GarageException e =
        assertThrows(GarageException.Conflict.class, () -> LayoutPlanner.apply(copy, 3));
    assertEquals(
        "the change to layout version 2 is still under way; see `garage layout history`",
        e.getMessage());
  }

  @Test
  void aBoundedNumberOfOldVersionsIsKept() {
    LayoutHistory history = single;
    for (int number = 2; number <= 12; number++) {
      history = LayoutPlanner.apply(history, number).history().settle();
    }
    assertEquals(List.of(6L, 7L, 8L, 9L, 10L, 11L, 12L), numbers(history));
    assertEquals(11, history.older().getFirst().number());
  }

  @Test
  void summaryTellsWhatEachVersionIsFor() {
    LayoutHistory history =
        LayoutPlanner.apply(single.stage(at(9), node(2), gateway("dc1")), 2).history().settle();
    LayoutHistory copy = LayoutPlanner.apply(history, 3).history();
    assertEquals(
        List.of(
            new VersionSummary(3, VersionSummary.Status.CURRENT, 1, 1),
            new VersionSummary(2, VersionSummary.Status.DRAINING, 1, 1),
            new VersionSummary(1, VersionSummary.Status.HISTORICAL, 1, 0)),
        copy.summary());
    assertEquals(
        List.of("Current", "Historical", "Historical"),
        copy.settle().summary().stream().map(row -> row.status().text()).toList());
  }

  // --- merging

  @Test
  void aNodeLearnsTheLayoutFromItsPeer() {
    assertEquals(single, merged(initial, single));
    assertEquals(single, merged(single, initial));
  }

  @Test
  void theLaterStageWins() {
    LayoutHistory copy = LayoutPlanner.apply(single, 2).history();
    assertEquals(copy.advance(), merged(copy, copy.advance()));
    assertEquals(copy.settle(), merged(copy.settle(), copy));
    assertEquals(copy, merged(single, copy));
  }

  @Test
  void changesStagedApartComeTogether() {
    LayoutHistory here = single.stage(at(9), node(2), storage("dc1", "10G"));
    LayoutHistory there = single.stage(at(9), node(3), storage("dc1", "20G"));
    assertEquals(
        List.of(node(2), node(3)), List.copyOf(merged(here, there).pendingRoles().keySet()));
  }

  @Test
  void aChangeStagedWhileAnotherNodeAppliesIsNotLost() {
    LayoutHistory applied =
        LayoutPlanner.apply(single.stage(at(20), node(2), storage("dc1", "10G")), 2).history();
    LayoutHistory there = single.stage(at(9), node(3), storage("dc1", "20G"));
    assertEquals(List.of(node(3)), List.copyOf(merged(applied, there).pendingRoles().keySet()));
  }

  @Test
  void oneNumberAppliedTwiceIsDetected() {
    LayoutHistory here =
        LayoutPlanner.apply(single.stage(at(9), node(2), storage("dc1", "10G")), 2).history();
    LayoutHistory there =
        LayoutPlanner.apply(single.stage(at(9), node(3), storage("dc1", "10G")), 2).history();
    HistoryMerge.Diverged diverged =
        assertInstanceOf(HistoryMerge.Diverged.class, here.merge(there));
    assertEquals(here.current().id(), diverged.mine());
    assertEquals(there.current().id(), diverged.theirs());
    assertTrue(diverged.message().startsWith("inconsistent layout histories: version 2"));
    assertInstanceOf(HistoryMerge.Diverged.class, there.merge(here));
  }

  @Test
  void firstLayoutsAppliedApartAreDetected() {
    LayoutHistory other = applied(1, storage("dc2", "10G"));
    assertInstanceOf(HistoryMerge.Diverged.class, single.merge(other));
    assertInstanceOf(HistoryMerge.Diverged.class, other.merge(single));
  }

  @Test
  void aDivergenceIsDetectedAfterOneSideHasMovedOn() {
    LayoutHistory here =
        LayoutPlanner.apply(single.stage(at(9), node(2), storage("dc1", "10G")), 2).history();
    LayoutHistory there = LayoutPlanner.apply(single, 2).history().settle();
    LayoutHistory later = LayoutPlanner.apply(there, 3).history();
    assertInstanceOf(HistoryMerge.Diverged.class, here.merge(later));
    assertInstanceOf(HistoryMerge.Diverged.class, later.merge(here));
  }

  @Test
  void nodesConfiguredDifferentlyBeforeTheFirstLayoutAgree() {
    LayoutHistory three = LayoutHistory.initial(new ReplicationFactor(3));
    assertEquals(merged(initial, three), merged(three, initial));
    assertEquals(3, merged(initial, three).current().replication().copies());
  }

  @Test
  void digestsAreEqualIfAndOnlyIfHistoriesAre() {
    LayoutHistory staged = single.stage(at(9), node(2), storage("dc1", "10G"));
    assertEquals(single.digest(), applied(1, storage("dc1", "10G")).digest());
    assertNotEquals(single.digest(), staged.digest());
    assertEquals(single.digest().current(), staged.digest().current());
    LayoutHistory copy = LayoutPlanner.apply(staged, 2).history();
    assertNotEquals(copy.digest(), copy.advance().digest());
  }

  // --- bytes

  @Test
  void encodedHistoryReadsBack() {
    LayoutHistory history =
        LayoutPlanner.apply(single.stage(at(9), node(2), gateway("dc1")), 2)
            .history()
            .stage(at(10), Sample.atLeast(1, 1))
            .stageRemoval(at(11), node(2));
    assertEquals(history, LayoutHistory.CODEC.decode(LayoutHistory.CODEC.encode(history)));
    assertEquals(initial, LayoutHistory.CODEC.decode(LayoutHistory.CODEC.encode(initial)));
  }

  @Test
  void historiesThatCannotBeAreCorrupt() {
    LayoutHistory copy = LayoutPlanner.apply(single, 2).history();
    assertThrows(
        GarageException.InvalidInput.class,
        () -> new LayoutHistory(copy.epoch(), List.of(), copy.staging()));
    assertThrows(
        GarageException.InvalidInput.class,
        () -> new LayoutHistory(copy.epoch(), List.of(copy.current()), copy.staging()));
    assertThrows(
        GarageException.InvalidInput.class,
        () -> new LayoutHistory(copy.epoch(), copy.versions().reversed(), copy.staging()));
    byte[] bytes = LayoutHistory.CODEC.encode(copy);
    bytes[1] = 7; // the epoch's layout
    assertThrows(GarageException.Corrupt.class, () -> LayoutHistory.CODEC.decode(bytes));
  }

  private static LayoutHistory merged(LayoutHistory mine, LayoutHistory theirs) {
    return assertInstanceOf(HistoryMerge.Merged.class, mine.merge(theirs)).history();
  }

  private static List<Long> numbers(LayoutHistory history) {
    return history.versions().stream().map(LayoutVersion::number).toList();
  }

  private static List<List<NodeId>> nodes(List<ReplicaSet> sets) {
    return sets.stream().map(ReplicaSet::nodes).toList();
  }
}
