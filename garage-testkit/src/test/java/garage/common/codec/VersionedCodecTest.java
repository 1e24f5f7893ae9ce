package garage.common.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import garage.common.error.GarageException;
import garage.testkit.property.Property;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Every version ever written is read; the newest is written. */
final class VersionedCodecTest {
  private record RoleV1(String zone) {}

  private record RoleV2(String zone, long capacity) {}

  private record Role(String zone, long capacity, boolean gateway) {}

  private static final VersionedCodec<RoleV1> V1 =
      VersionedCodec.first(Codec.of((out, r) -> out.string(r.zone), in -> new RoleV1(in.string())));
  private static final VersionedCodec<RoleV2> V2 =
      V1.then(
          Codec.of(
              (out, r) -> out.string(r.zone).varint(r.capacity),
              in -> new RoleV2(in.string(), in.varint())),
          old -> new RoleV2(old.zone, 100));
  private static final VersionedCodec<Role> V3 =
      V2.then(
          Codec.of(
              (out, r) -> out.string(r.zone).varint(r.capacity).bool(r.gateway),
              in -> new Role(in.string(), in.varint(), in.bool())),
          old -> new Role(old.zone, old.capacity, old.capacity == 0));

  @Test
  void newestVersionIsWritten() {
    assertEquals(3, V3.version());
    assertEquals(3, V3.encode(new Role("dc1", 5, false))[0]);
  }

  @Test
  void everyOlderVersionIsReadThroughTheChainOfMigrations() {
    assertEquals(new Role("dc1", 100, false), V3.decode(V1.encode(new RoleV1("dc1"))));
    assertEquals(new Role("dc1", 0, true), V3.decode(V2.encode(new RoleV2("dc1", 0))));
    assertEquals(new Role("dc1", 7, true), V3.decode(V3.encode(new Role("dc1", 7, true))));
  }

  @Test
  void bytesOfThePastStayReadable() {
    assertEquals(new Role("dc1", 100, false), V3.decode(HexFormat.of().parseHex("0103646331")));
    assertEquals(new Role("dc1", 200, false), V3.decode(HexFormat.of().parseHex("0203646331c801")));
    assertArrayEquals(
        HexFormat.of().parseHex("0303646331c80101"), V3.encode(new Role("dc1", 200, true)));
  }

  @Test
  void unknownVersionsAreCorrupt() {
    assertThrows(GarageException.Corrupt.class, () -> V2.decode(V3.encode(new Role("", 1, true))));
    assertThrows(GarageException.Corrupt.class, () -> V3.decode(new byte[] {0, 0}));
    assertThrows(GarageException.Corrupt.class, () -> V3.decode(new byte[0]));
  }

  @Test
  void bytesAfterTheValueAreCorrupt() {
    assertThrows(
        GarageException.Corrupt.class, () -> V1.decode(HexFormat.of().parseHex("010364633100")));
  }

  @Test
  void valueIsReadFromTheRestOfABuffer() {
    byte[] bytes = V1.encode(new RoleV1("dc1"));
    ByteBuffer buffer = ByteBuffer.allocate(bytes.length + 4).position(4).put(bytes).position(4);
    assertEquals(new RoleV1("dc1"), V1.decode(buffer));
  }

  @Test
  void hostileBytesAreReadOrCorrupt() {
    Property.check(
        "hostile versions",
        5_000,
        g -> {
          byte[] bytes = g.mutated(V3.encode(new Role(g.string(), g.natural(), g.bool())));
          try {
            V3.decode(bytes);
          } catch (GarageException.Corrupt e) {
            assertEquals(GarageException.Corrupt.class, e.getClass());
          }
        });
  }
}
