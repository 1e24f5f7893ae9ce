package garage.common.id;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import garage.testkit.property.Property;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Identifiers are 32 bytes with one textual form and the order of their bytes. */
final class IdentifiersTest {
  @Test
  void textAndBytesRoundTrip() {
    Property.check(
        "identifiers",
        500,
        g -> {
          byte[] bytes = g.bytes(Bytes32.LENGTH);
          Bytes32 value = Bytes32.of(bytes);
          assertArrayEquals(bytes, value.toBytes());
          assertEquals(bytes[0] & 0xff, value.firstByte());
          String hex = value.toString();
          assertEquals(value, Bytes32.parse(hex));
          assertEquals(value, Bytes32.parse(hex.toUpperCase(Locale.ROOT)));
          assertEquals(new Hash(value), Hash.parse(hex));
          assertEquals(new NodeId(value), NodeId.of(bytes));
          assertEquals(new Uuid(value), Uuid.parse(new Uuid(value).toString()));
          assertEquals(hex.substring(0, 16), new NodeId(value).shortHex());
        });
  }

  @Test
  void orderIsThatOfTheBytes() {
    Property.check(
        "identifier order",
        500,
        g -> {
          Bytes32 a = g.bytes32();
          Bytes32 b = g.chance(0.3) ? new Bytes32(a.first(), a.second(), 0, 0) : g.bytes32();
          assertEquals(
              Integer.signum(Arrays.compareUnsigned(a.toBytes(), b.toBytes())),
              Integer.signum(a.compareTo(b)));
        });
  }

  @Test
  void otherLengthsAndLettersAreRefused() {
    String good = "0".repeat(64);
    for (String bad :
        List.of("", "0".repeat(63), good + "0", "g" + good.substring(1), " " + good)) {
      assertThrows(IllegalArgumentException.class, () -> Hash.parse(bad), bad);
    }
    assertThrows(IllegalArgumentException.class, () -> NodeId.of(new byte[31]));
    assertThrows(IllegalArgumentException.class, () -> Uuid.of(new byte[33]));
  }
}
