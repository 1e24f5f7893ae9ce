package garage.common.id;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.testkit.property.Property;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Sizes as users write and read them. */
final class ByteSizeTest {
  @Test
  void unitsArePowersOfTenOrOfTwo() {
    Map.of(
            "0", 0L,
            "4096", 4096L,
            "10G", 10_000_000_000L,
            "10 GB", 10_000_000_000L,
            "512MiB", 512L << 20,
            "1.5 ki", 1536L,
            " 2t ", 2_000_000_000_000L,
            "1PiB", 1L << 50,
            "3b", 3L,
            "0.5", 0L)
        .forEach((text, bytes) -> assertEquals(bytes, ByteSize.parse(text).bytes(), text));
  }

  @Test
  void whatIsNotASizeIsRefusedWithWordsForTheUser() {
    for (String bad :
        List.of("", "G", "-1", "1e9", "1,5G", "10 XB", "1.", "ten", "9999999P", "1 G G", "١G")) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> ByteSize.parse(bad), bad);
      assertTrue(refused.toString().contains("'" + bad + "'"), refused.toString());
    }
    assertThrows(IllegalArgumentException.class, () -> new ByteSize(-1));
  }

  @Test
  void largestSizeIsRead() {
    assertEquals(Long.MAX_VALUE, ByteSize.parse("9223372036854775807").bytes());
    assertThrows(IllegalArgumentException.class, () -> ByteSize.parse("9223372036854775808"));
  }

  @Test
  void sizesAreShownWithOneDecimal() {
    assertEquals("0 B", new ByteSize(0).decimal());
    assertEquals("999 B", new ByteSize(999).toString());
    assertEquals("1.0 KB", new ByteSize(1000).decimal());
    assertEquals("10.0 GB", new ByteSize(10_000_000_000L).decimal());
    assertEquals("1023 B", new ByteSize(1023).binary());
    assertEquals("1.5 MiB", new ByteSize(3 << 19).binary());
    assertEquals("8.0 EiB", new ByteSize(Long.MAX_VALUE).binary());
  }

  @Test
  void whatIsShownReadsAsNearlyTheSame() {
    Property.check(
        "sizes",
        1000,
        g -> {
          long bytes = g.natural() >>> 14;
          long read = ByteSize.parse(new ByteSize(bytes).decimal()).bytes();
          assertTrue(Math.abs(read - bytes) <= bytes / 10, bytes + " became " + read);
          assertEquals(bytes, ByteSize.parse(Long.toString(bytes)).bytes());
        });
  }

  @Test
  void sizesAreOrdered() {
    assertTrue(ByteSize.parse("1K").compareTo(ByteSize.parse("1Ki")) < 0);
  }
}
