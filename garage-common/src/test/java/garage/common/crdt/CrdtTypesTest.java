package garage.common.crdt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What each type means, beyond the laws. */
final class CrdtTypesTest {
  private static final Timestamp EARLY = new Timestamp(1, 9, 1);
  private static final Timestamp LATE = new Timestamp(2, 1, 1);

  @Test
  void lastWriterWins() {
    Lww<String> early = Lww.of(EARLY, "z");
    assertEquals(Lww.of(LATE, "a"), early.merge(Lww.of(LATE, "a")));
    assertEquals(Lww.of(LATE, "a"), early.with(LATE, "a"));
  }

  @Test
  void anEarlierWriteChangesNothing() {
    assertEquals(Lww.of(LATE, "a"), Lww.of(LATE, "a").with(EARLY, "z"));
  }

  @Test
  void equalTimestampsOfDifferentValuesAreDecidedAlikeEverywhere() {
    Lww<String> a = Lww.of(EARLY, "a");
    Lww<String> b = Lww.of(EARLY, "b");
    assertEquals("b", a.merge(b).value());
    assertEquals("b", b.merge(a).value());
  }

  @Test
  void mapKeysAreWrittenApart() {
    LwwMap<String, String> here = LwwMap.<String, String>empty().put("a", LATE, "here");
    LwwMap<String, String> there =
        LwwMap.<String, String>empty().put("a", EARLY, "there").put("b", EARLY, "there");
    LwwMap<String, String> merged = here.merge(there);
    assertEquals(Optional.of("here"), merged.get("a"));
    assertEquals(Optional.of("there"), merged.get("b"));
    assertEquals(Optional.empty(), merged.get("c"));
  }

  @Test
  void entriesAreInTheOrderOfTheirKeysAndCannotBeChanged() {
    LwwMap<String, String> map =
        LwwMap.<String, String>empty().put("b", EARLY, "1").put("a", EARLY, "2");
    assertEquals(List.of("a", "b"), List.copyOf(map.entries().keySet()));
    Map<String, Lww<String>> entries = map.entries();
    assertThrows(UnsupportedOperationException.class, () -> entries.remove("a"));
  }

  @Test
  void changingACopyLeavesTheOriginal() {
    LwwMap<String, String> one = LwwMap.<String, String>empty().put("a", EARLY, "1");
    LwwMap<String, String> two = one.put("b", EARLY, "2");
    assertEquals(1, one.entries().size());
    assertEquals(2, two.entries().size());
  }

  @Test
  void keysOutOfOrderAreCorrupt() {
    byte[] bytes =
        new Writer()
            .varint(2)
            .string("b")
            .value(new MaxLong(1), MaxLong.CODEC)
            .string("a")
            .value(new MaxLong(1), MaxLong.CODEC)
            .toBytes();
    Codec<CrdtMap<String, MaxLong>> codec = CrdtMap.codec(Codec.STRING, MaxLong.CODEC);
    assertThrows(GarageException.Corrupt.class, () -> new Reader(bytes).value(codec));
  }

  @Test
  void valuesOfOneKeyMerge() {
    CrdtMap<String, MaxLong> map =
        CrdtMap.of("a", new MaxLong(1)).merge(CrdtMap.of("a", new MaxLong(2)));
    assertEquals(Optional.of(new MaxLong(2)), map.get("a"));
    assertEquals(map, map.put("a", new MaxLong(0)));
  }

  @Test
  void deletionAbsorbsEveryValue() {
    Deletable<MaxLong> present = Deletable.present(new MaxLong(7));
    Deletable<MaxLong> deleted = Deletable.deleted();
    assertTrue(present.merge(deleted).isDeleted());
    assertTrue(deleted.merge(present).isDeleted());
    assertFalse(present.isDeleted());
    assertEquals(Optional.of(new MaxLong(7)), present.value());
    assertEquals(Optional.empty(), deleted.value());
  }

  @Test
  void aRaisedFlagStaysRaised() {
    assertEquals(CrdtBool.TRUE, CrdtBool.FALSE.merge(CrdtBool.TRUE));
    assertEquals(CrdtBool.TRUE, CrdtBool.TRUE.merge(CrdtBool.FALSE));
    assertEquals(CrdtBool.FALSE, CrdtBool.FALSE.merge(CrdtBool.FALSE));
  }

  @Test
  void theGreaterNumberWins() {
    assertEquals(new MaxLong(3), new MaxLong(-3).merge(new MaxLong(3)));
    assertEquals(new MaxLong(3), new MaxLong(3).merge(new MaxLong(-3)));
  }
}
