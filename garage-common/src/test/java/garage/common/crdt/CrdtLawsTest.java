package garage.common.crdt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The laws of {@link Crdt}, and the canonical encoding, for random values of every type. Values are
 * drawn from few, so that keys and timestamps coincide often.
 */
final class CrdtLawsTest {
  private static final int ROUNDS = 500;

  /** A type: its name, its codec and random values of it. */
  record Type<T extends Crdt<T>>(String name, Codec<T> codec, Function<Random, T> arbitrary) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Type<?>> types() {
    Type<Lww<String>> lww = new Type<>("Lww", Lww.codec(Codec.STRING), CrdtLawsTest::lww);
    Type<LwwMap<String, String>> lwwMap =
        new Type<>("LwwMap", LwwMap.codec(Codec.STRING, Codec.STRING), CrdtLawsTest::lwwMap);
    Type<CrdtMap<String, Deletable<MaxLong>>> map =
        new Type<>(
            "CrdtMap",
            CrdtMap.codec(Codec.STRING, Deletable.codec(MaxLong.CODEC)),
            CrdtLawsTest::crdtMap);
    Type<Deletable<MaxLong>> deletable =
        new Type<>("Deletable", Deletable.codec(MaxLong.CODEC), CrdtLawsTest::deletable);
    return Stream.of(
        lww,
        lwwMap,
        map,
        deletable,
        new Type<>("CrdtBool", CrdtBool.CODEC, r -> new CrdtBool(r.nextBoolean())),
        new Type<>("MaxLong", MaxLong.CODEC, r -> new MaxLong(r.nextLong())));
  }

  @ParameterizedTest
  @MethodSource("types")
  <T extends Crdt<T>> void mergeIsCommutativeAssociativeAndIdempotent(Type<T> type) {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      T a = type.arbitrary.apply(random);
      T b = type.arbitrary.apply(random);
      T c = type.arbitrary.apply(random);
      String what = "seed %d: %s, %s, %s".formatted(seed, a, b, c);
      assertEquals(a.merge(b), b.merge(a), what);
      assertEquals(a.merge(b).merge(c), a.merge(b.merge(c)), what);
      assertEquals(a, a.merge(a), what);
      assertEquals(a.merge(b), a.merge(b).merge(b), what);
      assertEquals(a.merge(b).hashCode(), b.merge(a).hashCode(), what);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  <T extends Crdt<T>> void replicasConvergeWhateverTheOrderAndRepetitionOfMessages(Type<T> type) {
    for (int seed = 0; seed < ROUNDS / 10; seed++) {
      Random random = new Random(seed);
      List<T> changes = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        changes.add(type.arbitrary.apply(random));
      }
      T inOrder = mergeAll(changes);
      changes.addAll(changes.subList(0, 4));
      Collections.shuffle(changes, random);
      assertEquals(inOrder, mergeAll(changes), "seed " + seed);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  <T extends Crdt<T>> void equalValuesHaveEqualBytesThatReadBack(Type<T> type) {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      T a = type.arbitrary.apply(random);
      T b = type.arbitrary.apply(random);
      byte[] bytes = bytes(type, a.merge(b));
      assertArrayEquals(bytes, bytes(type, b.merge(a)), "seed " + seed);
      Reader in = new Reader(bytes);
      assertEquals(a.merge(b), in.value(type.codec), "seed " + seed);
      in.end();
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  <T extends Crdt<T>> void damagedBytesAreRefusedAsCorrupt(Type<T> type) {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      byte[] bytes = bytes(type, type.arbitrary.apply(random));
      byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      assertThrows(
          GarageException.Corrupt.class, () -> new Reader(cut).value(type.codec), "seed " + seed);
    }
  }

  private static <T extends Crdt<T>> T mergeAll(List<T> changes) {
    return changes.stream().reduce(Crdt::merge).orElseThrow();
  }

  private static <T extends Crdt<T>> byte[] bytes(Type<T> type, T value) {
    return new Writer().value(value, type.codec).toBytes();
  }

  private static Timestamp timestamp(Random random) {
    return new Timestamp(random.nextInt(3), random.nextInt(2), 1);
  }

  private static Lww<String> lww(Random random) {
    return Lww.of(timestamp(random), "v" + random.nextInt(4));
  }

  private static LwwMap<String, String> lwwMap(Random random) {
    LwwMap<String, String> map = LwwMap.empty();
    for (int i = random.nextInt(5); i > 0; i--) {
      map = map.put("k" + random.nextInt(4), timestamp(random), "v" + random.nextInt(4));
    }
    return map;
  }

  private static Deletable<MaxLong> deletable(Random random) {
    return random.nextInt(4) == 0
        ? Deletable.deleted()
        : Deletable.present(new MaxLong(random.nextInt(3)));
  }

  private static CrdtMap<String, Deletable<MaxLong>> crdtMap(Random random) {
    CrdtMap<String, Deletable<MaxLong>> map = CrdtMap.empty();
    for (int i = random.nextInt(5); i > 0; i--) {
      map = map.put("k" + random.nextInt(4), deletable(random));
    }
    return map;
  }
}
