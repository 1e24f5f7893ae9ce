package garage.common.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.time.Timestamp;
import garage.testkit.property.Generator;
import garage.testkit.property.Property;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is written is read again, and nothing else can be read. */
final class CodecTest {
  private static final int TRIES = 500;

  /** A value with one field of every kind. */
  private record Everything(
      boolean flag,
      long number,
      int small,
      String text,
      @Nullable String option,
      List<Bytes32> list,
      Timestamp at) {
    static final Codec<Everything> CODEC =
        Codec.of(
            (out, e) ->
                out.bool(e.flag)
                    .varint(e.number)
                    .i32(e.small)
                    .string(e.text)
                    .optional(e.option, Codec.STRING)
                    .list(e.list, Codec.BYTES32)
                    .value(e.at, Timestamp.CODEC),
            in ->
                new Everything(
                    in.bool(),
                    in.varint(),
                    in.i32(),
                    in.string(),
                    in.optional(Codec.STRING),
                    in.list(Codec.BYTES32),
                    in.value(Timestamp.CODEC)));

    static Everything of(Generator g) {
      return new Everything(
          g.bool(),
          g.natural(),
          (int) g.anyLong(),
          g.string(),
          g.bool() ? g.string() : null,
          g.list(Generator::bytes32),
          g.timestamp());
    }
  }

  private static <T> byte[] written(T value, Codec<T> codec) {
    return new Writer().value(value, codec).toBytes();
  }

  private static <T> void roundTrips(String name, Codec<T> codec, Function<Generator, T> values) {
    Property.check(
        name,
        TRIES,
        g -> {
          T value = values.apply(g);
          Reader in = new Reader(written(value, codec));
          assertEquals(value, codec.read(in));
          in.end();
        });
  }

  @Test
  void everyBuiltInCodecRoundTrips() {
    roundTrips("string", Codec.STRING, Generator::string);
    roundTrips("bool", Codec.BOOL, Generator::bool);
    roundTrips("varint", Codec.VARINT, Generator::natural);
    roundTrips("varint32", Codec.VARINT32, g -> g.between(0, Integer.MAX_VALUE));
    roundTrips("bytes32", Codec.BYTES32, Generator::bytes32);
    roundTrips("node id", Codec.NODE_ID, Generator::nodeId);
    roundTrips("timestamp", Timestamp.CODEC, Generator::timestamp);
    roundTrips("everything", Everything.CODEC, Everything::of);
  }

  @Test
  void fixedNumbersAndBytesRoundTrip() {
    Property.check(
        "fixed",
        TRIES,
        g -> {
          long number = g.anyLong();
          byte[] bytes = g.bytes();
          byte[] written =
              new Writer(0).u8((int) number).i64(number).i32((int) number).bytes(bytes).toBytes();
          Reader in = new Reader(written);
          assertEquals((int) number & 0xff, in.u8());
          assertEquals(number, in.i64());
          assertEquals((int) number, in.i32());
          assertArrayEquals(bytes, in.bytes());
          assertEquals(0, in.remaining());
        });
  }

  @Test
  void fixedNumbersSortAsTheyCount() {
    Property.check(
        "order",
        TRIES,
        g -> {
          long a = g.anyLong();
          long b = g.anyLong();
          assertEquals(
              Integer.signum(Long.compareUnsigned(a, b)),
              Integer.signum(
                  Arrays.compareUnsigned(
                      new Writer().i64(a).toBytes(), new Writer().i64(b).toBytes())));
        });
  }

  @Test
  void varintIsShort() {
    assertEquals(1, new Writer().varint(127).toBytes().length);
    assertEquals(2, new Writer().varint(128).toBytes().length);
    assertEquals(9, new Writer().varint(Long.MAX_VALUE).toBytes().length);
    assertThrows(IllegalArgumentException.class, () -> new Writer().varint(-1));
  }

  @Test
  void everyPrefixOfAValueIsCorrupt() {
    Property.check(
        "prefix",
        TRIES,
        g -> {
          byte[] bytes = written(Everything.of(g), Everything.CODEC);
          byte[] prefix = Arrays.copyOf(bytes, g.between(0, bytes.length - 1));
          assertThrows(
              GarageException.Corrupt.class, () -> Everything.CODEC.read(new Reader(prefix)));
        });
  }

  @Test
  void hostileBytesAreCorruptOrTheOnlyFormOfSomeValue() {
    Property.check(
        "hostile",
        20 * TRIES,
        g -> {
          byte[] bytes =
              g.bool() ? g.bytes() : g.mutated(written(Everything.of(g), Everything.CODEC));
          try {
            Reader in = new Reader(bytes);
            Everything value = Everything.CODEC.read(in);
            in.end();
            assertArrayEquals(bytes, written(value, Everything.CODEC));
          } catch (GarageException.Corrupt e) {
            assertTrue(e.getMessage() != null);
          }
        });
  }

  @Test
  void lengthsBeyondTheInputAreRefusedBeforeAnythingIsAllocated() {
    byte[] huge = new Writer().varint(Integer.MAX_VALUE).raw(new byte[10]).toBytes();
    assertThrows(GarageException.Corrupt.class, () -> new Reader(huge).bytes());
    assertThrows(GarageException.Corrupt.class, () -> new Reader(huge).string());
    assertThrows(GarageException.Corrupt.class, () -> new Reader(huge).list(Codec.BOOL));
    byte[] beyondInt = new Writer().varint(1L << 40).toBytes();
    assertThrows(GarageException.Corrupt.class, () -> new Reader(beyondInt).varint32());
  }

  @Test
  void formsNoWriterMakesAreCorrupt() {
    assertThrows(
        GarageException.Corrupt.class, () -> new Reader(new byte[] {(byte) 0x80, 0}).varint());
    assertThrows(GarageException.Corrupt.class, () -> new Reader(new byte[] {2}).bool());
    assertThrows(
        GarageException.Corrupt.class, () -> new Reader(new byte[] {1, (byte) 0xff}).string());
    byte[] endless = new byte[20];
    Arrays.fill(endless, (byte) 0xff);
    assertThrows(GarageException.Corrupt.class, () -> new Reader(endless).varint());
    assertThrows(GarageException.Corrupt.class, () -> new Reader(endless).value(Timestamp.CODEC));
  }

  @Test
  void replacementCharacterIsATextLikeAnyOther() {
    assertEquals("a\ufffdb", new Reader(written("a\ufffdb", Codec.STRING)).string());
  }

  @Test
  void listIsUnmodifiable() {
    List<Boolean> list =
        new Reader(new Writer().list(List.of(true), Codec.BOOL).toBytes()).list(Codec.BOOL);
    assertThrows(UnsupportedOperationException.class, () -> list.add(false));
  }
}
