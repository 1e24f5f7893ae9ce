package garage.common.crdt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.testkit.property.CrdtLaws;
import garage.testkit.property.Generator;
import garage.testkit.property.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * The laws for every mergeable type, from generators that make keys and timestamps meet; and for
 * each that replicas agree, that its encoding is canonical, and that hostile bytes are refused.
 */
final class LawsOfEveryTypeTest {
  private static final int TRIES = 500;

  private static Lww<String> lww(Generator g) {
    return Lww.of(g.closeTimestamp(), g.oneOf(List.of("", "x", "y")));
  }

  private static String key(Generator g) {
    return g.oneOf(List.of("a", "b", "c", "d"));
  }

  private static LwwMap<String, String> lwwMap(Generator g) {
    TreeMap<String, Lww<String>> entries = new TreeMap<>();
    g.list(g.between(0, 4), x -> entries.put(key(x), lww(x)));
    return new LwwMap<>(entries);
  }

  private static Deletable<Lww<String>> deletable(Generator g) {
    return g.chance(0.2) ? Deletable.deleted() : Deletable.present(lww(g));
  }

  private static CrdtMap<String, Deletable<Lww<String>>> map(Generator g) {
    TreeMap<String, Deletable<Lww<String>>> entries = new TreeMap<>();
    g.list(g.between(0, 4), x -> entries.put(key(x), deletable(x)));
    return new CrdtMap<>(entries);
  }

  private static <T extends Crdt<T>> void check(
      String name, Function<Generator, T> values, Codec<T> codec) {
    CrdtLaws.check(name, TRIES, values);
    Property.check(name + " converges", TRIES, g -> converges(g, g.list(values)));
    Property.check(name + " encodes", TRIES, g -> encodes(values.apply(g), codec));
    Property.check(
        name + " hostile", TRIES, g -> isHostile(g.mutated(bytes(values.apply(g), codec)), codec));
  }

  /** Two replicas get the same changes, in their own orders and with repetitions. */
  private static <T extends Crdt<T>> void converges(Generator g, List<T> changes) {
    if (!changes.isEmpty()) {
      List<T> again = new ArrayList<>(g.shuffled(changes));
      again.add(g.oneOf(changes));
      assertEquals(merged(changes), merged(again));
    }
  }

  private static <T extends Crdt<T>> T merged(List<T> changes) {
    T value = changes.getFirst();
    for (T change : changes) {
      value = value.merge(change);
    }
    return value;
  }

  private static <T> byte[] bytes(T value, Codec<T> codec) {
    return new Writer().value(value, codec).toBytes();
  }

  private static <T> void encodes(T value, Codec<T> codec) {
    Reader in = new Reader(bytes(value, codec));
    assertEquals(value, in.value(codec));
    in.end();
  }

  private static <T> void isHostile(byte[] bytes, Codec<T> codec) {
    try {
      Reader in = new Reader(bytes);
      T value = in.value(codec);
      in.end();
      assertArrayEquals(bytes, bytes(value, codec), "one value, one form");
    } catch (GarageException.Corrupt e) {
      assertEquals(GarageException.Corrupt.class, e.getClass());
    }
  }

  @Test
  void flag() {
    check("CrdtBool", g -> new CrdtBool(g.bool()), CrdtBool.CODEC);
  }

  @Test
  void growingNumber() {
    check("MaxLong", g -> new MaxLong(g.anyLong()), MaxLong.CODEC);
  }

  @Test
  void lastWriterWins() {
    check("Lww", LawsOfEveryTypeTest::lww, Lww.codec(Codec.STRING));
  }

  @Test
  void mapOfLastWriters() {
    check("LwwMap", LawsOfEveryTypeTest::lwwMap, LwwMap.codec(Codec.STRING, Codec.STRING));
  }

  @Test
  void deletableValue() {
    check("Deletable", LawsOfEveryTypeTest::deletable, Deletable.codec(Lww.codec(Codec.STRING)));
  }

  @Test
  void mapOfMergeableValues() {
    check(
        "CrdtMap",
        LawsOfEveryTypeTest::map,
        CrdtMap.codec(Codec.STRING, Deletable.codec(Lww.codec(Codec.STRING))));
  }
}
