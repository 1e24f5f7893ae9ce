package garage.layout;

import static garage.layout.Sample.gateway;
import static garage.layout.Sample.maximum;
import static garage.layout.Sample.node;
import static garage.layout.Sample.planned;
import static garage.layout.Sample.roles;
import static garage.layout.Sample.storage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a version answers, and that its bytes are it. */
final class LayoutVersionTest {
  private static final Map<NodeId, NodeRole> ROLES =
      roles(storage("dc1", "10G"), storage("dc2", "10G"), gateway("dc3"), storage("dc1", "20G"));

  private final LayoutVersion version = planned(null, ROLES, maximum(2));

  @Test
  void nodesAreListedByRoleInTheOrderOfTheirIds() {
    assertEquals(List.of(node(1), node(2), node(3), node(4)), version.nodes());
    assertEquals(List.of(node(1), node(2), node(4)), version.storageNodes());
    assertEquals(List.of(node(3)), version.gatewayNodes());
    assertEquals("[dc1, dc2]", version.storageZones().toString());
  }

  @Test
  void everyPartitionHasItsNodesAndEveryNodeItsPartitions() {
    for (Partition partition : Partition.all()) {
      List<NodeId> nodes = version.nodesOf(partition);
      assertEquals(2, nodes.size());
      assertTrue(nodes.contains(node(2)), "the only node of dc2 keeps everything");
      for (NodeId node : version.nodes()) {
        assertEquals(nodes.contains(node), version.partitionsOf(node).contains(partition));
        assertEquals(nodes.contains(node), version.keeps(node, partition));
      }
    }
    int total = version.nodes().stream().mapToInt(version::partitionCount).sum();
    assertEquals(512, total);
    assertEquals(version.partitionsOf(node(4)).size(), version.partitionCount(node(4)));
    assertEquals(0, version.partitionCount(node(3)));
    assertEquals(0, version.partitionCount(node(9)));
  }

  @Test
  void usableCapacityIsWhatItsPartitionsMayFill() {
    ByteSize size = new ByteSize(10_000_000_000L / 256);
    assertEquals(size, version.partitionSize());
    assertEquals(new ByteSize(256 * size.bytes()), version.usableCapacity(node(2)));
    assertEquals(new ByteSize(512 * size.bytes()), version.usableCapacity());
    assertEquals(ByteSize.parse("40G"), version.totalCapacity());
  }

  @Test
  void replicaSetsKnowTheirQuorums() {
    ReplicaSet set = version.replicaSet(Partition.of(0)).orElseThrow();
    assertEquals(version.nodesOf(Partition.of(0)), set.nodes());
    assertEquals(1, set.readQuorum(ConsistencyMode.CONSISTENT));
    assertEquals(2, set.writeQuorum(ConsistencyMode.CONSISTENT));
    assertEquals(1, set.writeQuorum(ConsistencyMode.DANGEROUS));
  }

  @Test
  void versionZeroHasNoNodesForAnyPartition() {
    LayoutVersion none = LayoutVersion.none(new ReplicationFactor(3));
    assertEquals(0, none.number());
    assertFalse(none.isAssigned());
    assertEquals(List.of(), none.nodesOf(Partition.of(7)));
    assertTrue(none.replicaSet(Partition.of(7)).isEmpty());
    assertEquals(new ByteSize(0), none.usableCapacity());
    assertEquals(none, LayoutVersion.CODEC.decode(LayoutVersion.CODEC.encode(none)));
  }

  @Test
  void encodedFormReadsBackWithTwoBytesASlot() {
    byte[] bytes = LayoutVersion.CODEC.encode(version);
    assertTrue(bytes.length < 2 * 512 + 4 * 64, "is " + bytes.length + " bytes");
    LayoutVersion back = LayoutVersion.CODEC.decode(bytes);
    assertEquals(version, back);
    assertEquals(version.id(), back.id());
    assertEquals(version.roles(), back.roles());
    for (Partition partition : Partition.all()) {
      assertEquals(version.nodesOf(partition), back.nodesOf(partition));
    }
  }

  @Test
  void formatVersionOneIsAsItWasWritten() {
    LayoutVersion small =
        LayoutVersion.of(
            7,
            roles(storage("dc1", "1024", "a"), gateway("dc2"), storage("dc2", "4096")),
            Sample.atLeast(2, 2),
            new ByteSize(4),
            Collections.nCopies(Partition.COUNT, List.of(node(1), node(3))));
    String roles =
        "01"
            + "00".repeat(31)
            + "03646331"
            + "01"
            + "8008"
            + "010161"
            + "02"
            + "00".repeat(31)
            + "03646332"
            + "00"
            + "00"
            + "03"
            + "00".repeat(31)
            + "03646332"
            + "01"
            + "8020"
            + "00";
    String expected =
        "01" + "07" + "03" + roles + "02" + "02" + "04" + "01" + "00000001".repeat(256);
    assertEquals(expected, HexFormat.of().formatHex(LayoutVersion.CODEC.encode(small)));
    assertEquals(small, LayoutVersion.CODEC.decode(HexFormat.of().parseHex(expected)));
  }

  @Test
  void identityIsNumberAndContent() {
    LayoutVersion same = planned(null, new HashMap<>(ROLES), maximum(2));
    assertEquals(version, same);
    assertEquals(version.id(), same.id());
    Map<NodeId, NodeRole> other = new HashMap<>(ROLES);
    other.put(node(3), gateway("dc4"));
    LayoutVersion different = planned(null, other, maximum(2));
    assertEquals(version.number(), different.number());
    assertNotEquals(version, different);
    assertNotEquals(version.id(), different.id());
  }

  @Test
  void identityDoesNotDependOnTheOrderNodesWereGivenIn() {
    List<NodeId> nodes = version.nodes().reversed();
    Map<NodeId, NodeRole> backward = new LinkedHashMap<>();
    nodes.forEach(node -> backward.put(node, version.roles().get(node)));
    List<List<NodeId>> replicas =
        Partition.all().stream().map(p -> version.nodesOf(p).reversed()).toList();
    LayoutVersion same =
        LayoutVersion.of(1, backward, maximum(2), version.partitionSize(), replicas);
    assertEquals(version, same);
  }

  @Test
  void assignmentsThatBreakTheRulesAreRefused() {
    assertRefused(List.of(node(1)));
    assertRefused(List.of(node(1), node(1)));
    assertRefused(List.of(node(1), node(3)));
    assertRefused(List.of(node(1), node(9)));
    assertRefused(List.of(node(1), node(2), node(4)));
    assertThrows(
        GarageException.InvalidInput.class,
        () -> LayoutVersion.of(1, ROLES, maximum(2), new ByteSize(1), List.of()));
  }

  @Test
  void damagedBytesAreRefusedOrAnotherVersionButNeverAnythingElse() {
    byte[] bytes = LayoutVersion.CODEC.encode(version);
    Random random = new Random(1);
    for (int round = 0; round < 5000; round++) {
      byte[] damaged = Arrays.copyOf(bytes, bytes.length - random.nextInt(2) * random.nextInt(99));
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        assertNotEquals(version, LayoutVersion.CODEC.decode(damaged), "round " + round);
      } catch (GarageException.Corrupt refused) {
        assertFalse(String.valueOf(refused.getMessage()).isEmpty());
      }
    }
  }

  private static void assertRefused(List<NodeId> nodes) {
    List<List<NodeId>> replicas = Collections.nCopies(Partition.COUNT, nodes);
    assertThrows(
        GarageException.InvalidInput.class,
        () -> LayoutVersion.of(1, ROLES, maximum(2), new ByteSize(1), replicas));
  }
}
