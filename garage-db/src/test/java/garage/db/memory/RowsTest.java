package garage.db.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The immutable tree: old versions stay, and it stays shallow. */
class RowsTest {
  private static final byte[] VALUE = {};

  @Test
  void everyVersionKeepsItsRows() {
    long seed = 42;
    Random random = new Random(seed);
    TreeMap<Integer, byte[]> model = new TreeMap<>();
    List<Rows> versions = new ArrayList<>();
    List<List<Integer>> expected = new ArrayList<>();
    Rows rows = Rows.EMPTY;
    for (int i = 0; i < 2000; i++) {
      int key = random.nextInt(300);
      if (random.nextInt(3) == 0) {
        rows = rows.without(key(key));
        model.remove(key);
      } else {
        byte[] value = {(byte) i};
        rows = rows.with(key(key), value);
        model.put(key, value);
        assertArrayEquals(value, rows.get(key(key)));
      }
      if (i % 100 == 0) {
        versions.add(rows);
        expected.add(List.copyOf(model.keySet()));
      }
    }
    for (int v = 0; v < versions.size(); v++) {
      assertEquals(expected.get(v), keys(versions.get(v)), "seed " + seed + " version " + v);
      assertEquals(expected.get(v).size(), versions.get(v).size());
    }
  }

  @Test
  void ascendingInsertionsAndRemovalsKeepItShallow() {
    Rows rows = Rows.EMPTY;
    for (int i = 0; i < 1 << 14; i++) {
      rows = rows.with(key(i), VALUE);
    }
    assertTrue(rows.height() <= 15, "height " + rows.height());
    for (int i = 0; i < (1 << 14) - 1000; i++) {
      rows = rows.without(key(i));
    }
    assertEquals(1000, rows.size());
    assertTrue(rows.height() <= 14, "height " + rows.height());
  }

  @Test
  void neighboursAreFoundOnBothSides() {
    Rows rows = Rows.EMPTY.with(key(1), VALUE).with(key(3), VALUE).with(key(5), VALUE);
    assertKey(3, rows.after(key(1), false));
    assertKey(1, rows.after(key(1), true));
    assertKey(3, rows.after(key(2), true));
    assertKey(1, rows.after(null, true));
    assertKey(1, rows.before(key(3), false));
    assertKey(3, rows.before(key(3), true));
    assertKey(5, rows.before(null, false));
    assertNull(rows.after(key(5), false));
    assertNull(rows.before(key(1), false));
  }

  private static void assertKey(int key, Rows.@Nullable Node node) {
    assertNotNull(node);
    assertArrayEquals(key(key), node.key());
  }

  private static List<Integer> keys(Rows rows) {
    List<Integer> keys = new ArrayList<>();
    for (Rows.Node n = rows.after(null, true); n != null; n = rows.after(n.key(), false)) {
      keys.add(ByteBuffer.wrap(n.key()).getInt());
    }
    return keys;
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }
}
