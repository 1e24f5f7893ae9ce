package garage.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RowCacheTest {
  private final Map<String, byte[]> stored = new HashMap<>();
  private final List<String> read = new ArrayList<>();
  private final RowCache<String> cache = new RowCache<>();

  private byte @Nullable [] source(byte[] key) {
    String name = new String(key, StandardCharsets.UTF_8);
    read.add(name);
    return stored.get(name);
  }

  private @Nullable String get(String key) {
    return cache.get(bytes(key), this::source, RowCacheTest::text);
  }

  private void change(String key, String value) {
    stored.put(key, bytes(value));
    cache.forget(bytes(key));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void aRowIsReadOnceUntilItChanges() {
    change("a", "1");
    assertEquals("1", get("a"));
    assertEquals("1", get("a"));
    assertEquals(List.of("a"), read);
    change("a", "2");
    assertEquals("2", get("a"));
    assertEquals("2", get("a"));
    assertEquals(List.of("a", "a"), read);
  }

  @Test
  void thatARowIsNotThereIsKeptUntilItIs() {
    assertNull(get("a"));
    assertNull(get("a"));
    assertEquals(List.of("a"), read);
    change("a", "1");
    assertEquals("1", get("a"));
  }

  @Test
  void aReadThatAChangeOvertakesIsNotKept() {
    stored.put("a", bytes("old"));
    String seen =
        cache.get(
            bytes("a"),
            key -> {
              byte[] old = source(key);
              change("a", "new"); // committed, and told, before the read ends
              return old;
            },
            RowCacheTest::text);
    assertEquals("old", seen); // the read began before the change
    assertEquals("new", get("a"));
  }

  @Test
  void keysThatShareASlotAreToldApart() {
    for (int i = 0; i < 5000; i++) {
      stored.put("key" + i, bytes("value" + i));
    }
    for (int i = 0; i < 5000; i++) {
      assertEquals("value" + i, get("key" + i));
    }
    for (int i = 4999; i >= 0; i--) {
      assertEquals("value" + i, get("key" + i));
    }
  }

  @Test
  void largeRowsDoNotAddUp() {
    String large = "x".repeat(100_000);
    int rows = 100;
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < rows; i++) {
        stored.put("key" + i, bytes(large));
        assertEquals(large, get("key" + i));
      }
    }
    // One MiB holds ten of them at most, so nearly all of the second round was read again.
    assertTrue(read.size() > 2 * rows - 20, "rows read: " + read.size());
  }
}
