package garage.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.common.id.ByteSize;
import garage.common.id.Hash;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small values of a layout: what they accept, and what they mean. */
final class LayoutValuesTest {
  @Test
  void partitionIsTheFirstByteOfTheHash() {
    assertEquals(0xab, Partition.of(Hash.parse("ab" + "00".repeat(31))).number());
    assertEquals(0, Partition.of(Hash.parse("00" + "ff".repeat(31))).number());
    assertEquals(255, Partition.of(Hash.parse("ff".repeat(32))).number());
  }

  @Test
  void thereAre256PartitionsInOrder() {
    assertEquals(256, Partition.all().size());
    for (int i = 0; i < 256; i++) {
      assertEquals(i, Partition.all().get(i).number());
      assertEquals(Partition.of(i), Partition.all().get(i));
    }
    assertThrows(GarageException.InvalidInput.class, () -> Partition.of(256));
    assertThrows(GarageException.InvalidInput.class, () -> Partition.of(-1));
  }

  @ParameterizedTest
  @CsvSource({
    "1, consistent, 1, 1", "2, consistent, 1, 2", "3, consistent, 2, 2", "4, consistent, 2, 3",
    "5, consistent, 3, 3", "7, consistent, 4, 4", "1, degraded, 1, 1", "2, degraded, 1, 2",
    "3, degraded, 1, 2", "5, degraded, 1, 3", "3, dangerous, 1, 1", "5, dangerous, 1, 1"
  })
  void quorumsFollowReplicationFactorAndMode(int copies, String mode, int read, int write) {
    ReplicationFactor factor = new ReplicationFactor(copies);
    assertEquals(read, factor.readQuorum(ConsistencyMode.parse(mode)));
    assertEquals(write, factor.writeQuorum(ConsistencyMode.parse(mode)));
  }

  @Test
  void consistentQuorumsAlwaysMeet() {
    for (int copies = 1; copies <= ReplicationFactor.COPIES_MAX; copies++) {
      ReplicationFactor factor = new ReplicationFactor(copies);
      int read = factor.readQuorum(ConsistencyMode.CONSISTENT);
      int write = factor.writeQuorum(ConsistencyMode.CONSISTENT);
      assertEquals(copies + 1, read + write, "RF " + copies);
      assertTrue(2 * write > copies, "two writes meet at RF " + copies);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 10})
  void replicationFactorIsBounded(int copies) {
    assertThrows(GarageException.InvalidInput.class, () -> new ReplicationFactor(copies));
  }

  @Test
  void unknownConsistencyModeNamesTheKnownOnes() {
    GarageException e =
        assertThrows(GarageException.InvalidInput.class, () -> ConsistencyMode.parse("Consistent"));
    assertTrue(messageOf(e).contains("'degraded'"), messageOf(e));
  }

  @ParameterizedTest
  @CsvSource({"max, maximum", "MAXIMUM, maximum", "none, 1", "1, 1", "3, 3"})
  void zoneRedundancyIsReadAsUsersWriteIt(String text, String shown) {
    assertEquals(shown, ZoneRedundancy.parse(text).text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "all", "10", "99999999999", "2.5"})
  void otherZoneRedundancyIsRefused(String text) {
    assertThrows(GarageException.InvalidInput.class, () -> ZoneRedundancy.parse(text));
  }

  @Test
  void zoneRedundancyAboveTheReplicationFactorIsRefused() {
    GarageException e =
        assertThrows(GarageException.InvalidInput.class, () -> Sample.atLeast(4, 3));
    assertEquals(
        "zone redundancy 4 is more than the 3 copies of a partition (replication factor)",
        messageOf(e));
  }

  @Test
  void maximumRedundancyIsBoundedByZonesAndCopies() {
    ZoneRedundancy maximum = new ZoneRedundancy.Maximum();
    ReplicationFactor three = new ReplicationFactor(3);
    assertEquals(1, maximum.zonesRequired(1, three));
    assertEquals(3, maximum.zonesRequired(3, three));
    assertEquals(3, maximum.zonesRequired(8, three));
    assertEquals(2, new ZoneRedundancy.AtLeast(2).zonesRequired(8, three));
  }

  @Test
  void capacityOfLessThanAKibibyteIsRefused() {
    assertTrue(Sample.storage("z", "1Ki").isStorage());
    assertThrows(GarageException.InvalidInput.class, () -> Sample.storage("z", "1023"));
    assertThrows(GarageException.InvalidInput.class, () -> Sample.storage("z", "2PiB"));
  }

  @Test
  void aRoleWithoutCapacityIsAGateway() {
    NodeRole gateway = Sample.gateway("z");
    assertTrue(gateway.isGateway());
    assertFalse(gateway.isStorage());
    assertEquals(0, gateway.capacityBytes());
    assertEquals("gateway", gateway.capacityText());
    assertEquals("10.0 GB", Sample.storage("z", "10G").capacityText());
    assertEquals("[a,b]", Sample.storage("z", "10G", "a", "b").tagsText());
    assertEquals("[]", gateway.tagsText());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", " dc1", "dc1 ", "a\nb", "a\u0007"})
  void namesThatBreakATableAreRefused(String name) {
    assertThrows(GarageException.InvalidInput.class, () -> new Zone(name));
    assertThrows(
        GarageException.InvalidInput.class, () -> NodeRole.gateway(new Zone("z"), List.of(name)));
  }

  @Test
  void namesAndTagsAreBounded() {
    assertEquals("x".repeat(64), new Zone("x".repeat(64)).name());
    assertThrows(GarageException.InvalidInput.class, () -> new Zone("x".repeat(65)));
    List<String> many = Collections.nCopies(33, "t");
    assertThrows(GarageException.InvalidInput.class, () -> NodeRole.gateway(new Zone("z"), many));
  }

  @Test
  void epochsAreOrderedAsALayoutChanges() {
    List<Epoch> inOrder =
        Stream.iterate(new Epoch(1, LayoutPhase.STABLE), Epoch::next).limit(7).toList();
    assertEquals(
        List.of(
            "STABLE(1)", "COPY(2)", "JOINT(2)", "STABLE(2)", "COPY(3)", "JOINT(3)", "STABLE(3)"),
        inOrder.stream().map(Epoch::toString).toList());
    assertEquals(inOrder, inOrder.reversed().stream().sorted().toList());
    assertTrue(Epoch.NONE.compareTo(inOrder.getFirst()) < 0);
  }

  @Test
  void epochsNumbersKeepTheirOrderAndReadBack() {
    List<Epoch> inOrder =
        Stream.iterate(new Epoch(1, LayoutPhase.STABLE), Epoch::next).limit(7).toList();
    for (int i = 0; i < inOrder.size(); i++) {
      assertEquals(5 + i, inOrder.get(i).number());
      assertEquals(inOrder.get(i), Epoch.ofNumber(5 + i));
    }
  }

  @Test
  void epochsShareASetWhileSomeLayoutCountsInBoth() {
    Epoch stable = new Epoch(1, LayoutPhase.STABLE);
    List<Epoch> later = Stream.iterate(stable, Epoch::next).limit(6).toList();
    assertEquals(
        List.of(true, true, true, false, false, false),
        later.stream().map(stable::sharesSetWith).toList());
    Epoch joint = new Epoch(2, LayoutPhase.JOINT);
    assertEquals(
        List.of(true, true, true, true, true, true, false),
        Stream.iterate(stable, Epoch::next).limit(7).map(joint::sharesSetWith).toList());
  }

  @Test
  void smallValuesReadBack() {
    assertReadsBack(Partition.CODEC, Partition.of(255));
    assertReadsBack(Zone.CODEC, new Zone("Zürich"));
    assertReadsBack(NodeRole.CODEC, Sample.storage("z", "10G", "a", "b"));
    assertReadsBack(NodeRole.CODEC, Sample.gateway("z"));
    assertReadsBack(ReplicationFactor.CODEC, new ReplicationFactor(5));
    assertReadsBack(LayoutParameters.CODEC, Sample.maximum(3));
    assertReadsBack(LayoutParameters.CODEC, Sample.atLeast(2, 3));
    assertReadsBack(Epoch.CODEC, new Epoch(7, LayoutPhase.JOINT));
    assertReadsBack(LayoutId.CODEC, new LayoutId(7, Digests.sha256(new byte[1])));
    assertReadsBack(RoleChange.CODEC, new RoleChange.Remove());
    assertReadsBack(RoleChange.CODEC, new RoleChange.Assign(Sample.gateway("z")));
    assertReadsBack(LayoutDigest.CODEC, Sample.applied(1, Sample.storage("z", "10G")).digest());
  }

  @Test
  void unknownPhaseIsCorrupt() {
    byte[] bytes = new Writer().varint(1).u8(4).toBytes();
    assertThrows(GarageException.Corrupt.class, () -> new Reader(bytes).value(Epoch.CODEC));
  }

  @Test
  void tagsCannotBeChangedFromOutside() {
    assertEquals(new ByteSize(1024), Sample.storage("z", "1024").capacity());
    assertThrows(
        UnsupportedOperationException.class, () -> Sample.storage("z", "10G").tags().add("t"));
  }

  private static String messageOf(Throwable e) {
    return String.valueOf(e.getMessage());
  }

  private static <T> void assertReadsBack(Codec<T> codec, T value) {
    Reader in = new Reader(new Writer().value(value, codec).toBytes());
    assertEquals(value, in.value(codec));
    in.end();
  }
}
