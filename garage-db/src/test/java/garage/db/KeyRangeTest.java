package garage.db;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The arithmetic of bounds. */
class KeyRangeTest {
  @Test
  void successorSkipsTrailingHighestBytes() {
    assertArrayEquals(hex("02"), KeyRange.successor(hex("01")));
    assertArrayEquals(hex("02"), KeyRange.successor(hex("01ff")));
    assertArrayEquals(hex("0101"), KeyRange.successor(hex("0100")));
    assertArrayEquals(hex("80"), KeyRange.successor(hex("7fffff")));
    assertNull(KeyRange.successor(hex("ff")));
    assertNull(KeyRange.successor(hex("ffff")));
    assertNull(KeyRange.successor(hex("")));
  }

  @Test
  void containsItsFirstKeyAndNotItsLastBound() {
    KeyRange range = KeyRange.of(hex("10"), hex("20"));
    assertTrue(range.contains(hex("10")));
    assertTrue(range.contains(hex("1fff")));
    assertFalse(range.contains(hex("20")));
    assertFalse(range.contains(hex("0fff")));
    assertFalse(range.contains(hex("")));
  }

  @Test
  void isEmptyWhenTheBoundsMeetOrCross() {
    assertTrue(KeyRange.of(hex("10"), hex("10")).isEmpty());
    assertTrue(KeyRange.of(hex("11"), hex("10")).isEmpty());
    assertTrue(KeyRange.of(null, hex("")).isEmpty());
    assertFalse(KeyRange.of(hex("10"), hex("1000")).isEmpty());
    assertFalse(KeyRange.all().isEmpty());
    assertFalse(KeyRange.of(hex("ff"), null).isEmpty());
  }

  @Test
  void theBeginDependsOnTheDirection() {
    KeyRange range = KeyRange.of(hex("10"), hex("20"));
    assertTrue(range.isBeforeBegin(hex("0f")));
    assertFalse(range.isBeforeBegin(hex("10")));
    assertTrue(range.reversed().isBeforeBegin(hex("20")));
    assertFalse(range.reversed().isBeforeBegin(hex("1f")));
    assertFalse(KeyRange.all().isBeforeBegin(hex("")));
    assertFalse(KeyRange.all().reversed().isBeforeBegin(hex("ff")));
  }

  @Test
  void equalsByContentAndDirection() {
    KeyRange range = KeyRange.of(hex("10"), hex("20"));
    assertEquals(range, KeyRange.of(hex("10"), hex("20")));
    assertEquals(range.hashCode(), KeyRange.of(hex("10"), hex("20")).hashCode());
    assertNotEquals(range, range.reversed());
    assertEquals(range, range.reversed().reversed());
    assertEquals("KeyRange[10, 20) descending", range.reversed().toString());
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}
