package garage.db;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Applies random operations to a store and to sorted maps and compares every answer. Keys are short
 * and of few bytes, the extreme ones among them, so that they collide and touch the bounds.
 */
final class StoreModel {
  private static final byte[] ALPHABET = {0, 1, 'a', 'b', (byte) 0xfe, (byte) 0xff};
  private static final List<String> TREES = List.of("rows", "queue", "bulk");

  private final Random random;
  private final List<NavigableMap<byte[], byte[]>> maps = new ArrayList<>();
  private final NavigableMap<byte[], byte[]> counters = newMap();

  StoreModel(long seed) {
    random = new Random(seed);
    TREES.forEach(_ -> maps.add(newMap()));
  }

  void step(Store store, String where) {
    switch (random.nextInt(4)) {
      case 0, 1 -> commit(store);
      case 2 -> compareRange(store, where);
      default -> compareKey(store, where);
    }
  }

  void compareAll(Store store, String where) {
    for (int t = 0; t < TREES.size(); t++) {
      compareScan(store, t, KeyRange.all(), where);
      compareScan(store, t, KeyRange.all().reversed(), where);
    }
    for (byte[] key : counters.keySet()) {
      assertEquals(
          Batch.counter(counters.get(key)),
          Batch.counter(store.get(store.tree("counters"), key)),
          where);
    }
  }

  private void commit(Store store) {
    Batch batch = new Batch();
    for (int n = random.nextInt(6); n > 0; n--) {
      int t = random.nextInt(TREES.size());
      Tree tree = store.tree(TREES.get(t));
      byte[] key = key();
      switch (random.nextInt(5)) {
        case 0, 1, 2 -> {
          byte[] value = value();
          batch.put(tree, key, value);
          maps.get(t).put(key, value.clone());
        }
        case 3 -> {
          batch.delete(tree, key);
          maps.get(t).remove(key);
        }
        default -> {
          long delta = random.nextLong() >> random.nextInt(64);
          batch.add(store.tree("counters"), key, delta);
          counters.put(key, encoded(Batch.counter(counters.get(key)) + delta));
        }
      }
    }
    store.commit(batch);
  }

  private void compareKey(Store store, String where) {
    int t = random.nextInt(TREES.size());
    byte[] key = key();
    assertEquals(hex(maps.get(t).get(key)), hex(store.get(store.tree(TREES.get(t)), key)), where);
  }

  private void compareRange(Store store, String where) {
    KeyRange range =
        switch (random.nextInt(4)) {
          case 0 -> KeyRange.all();
          case 1 -> KeyRange.prefix(key());
          case 2 -> KeyRange.of(key(), null);
          default -> KeyRange.of(key(), key());
        };
    compareScan(
        store,
        random.nextInt(TREES.size()),
        random.nextBoolean() ? range.reversed() : range,
        where + " " + range);
  }

  /** Walks both sides together, seeking now and then. */
  private void compareScan(Store store, int t, KeyRange range, String where) {
    List<byte[]> expected = expectedKeys(maps.get(t), range);
    int next = 0;
    int seeks = 3;
    try (Scan scan = store.scan(store.tree(TREES.get(t)), range)) {
      while (true) {
        if (seeks > 0 && random.nextInt(4) == 0) {
          seeks--;
          byte[] target = key();
          scan.seek(target);
          next = indexOf(expected, target, range.descending());
          where += " seek " + hex(target);
        }
        Scan.Row row = scan.next();
        byte[] key = next < expected.size() ? expected.get(next++) : null;
        assertEquals(hex(key), row == null ? null : hex(row.key()), where);
        if (row == null || key == null) {
          return;
        }
        assertEquals(hex(maps.get(t).get(key)), hex(row.value()), where);
      }
    }
  }

  private static List<byte[]> expectedKeys(NavigableMap<byte[], byte[]> map, KeyRange range) {
    List<byte[]> keys = new ArrayList<>(map.keySet().stream().filter(range::contains).toList());
    return range.descending() ? keys.reversed() : keys;
  }

  private static int indexOf(List<byte[]> keys, byte[] target, boolean descending) {
    for (int i = 0; i < keys.size(); i++) {
      int order = Arrays.compareUnsigned(keys.get(i), target);
      if (descending ? order <= 0 : order >= 0) {
        return i;
      }
    }
    return keys.size();
  }

  private byte[] key() {
    byte[] key = new byte[random.nextInt(4)];
    for (int i = 0; i < key.length; i++) {
      key[i] = ALPHABET[random.nextInt(ALPHABET.length)];
    }
    return key;
  }

  private byte[] value() {
    byte[] value = new byte[random.nextInt(10) == 0 ? random.nextInt(20_000) : random.nextInt(20)];
    random.nextBytes(value);
    return value;
  }

  private static byte[] encoded(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  private static NavigableMap<byte[], byte[]> newMap() {
    return new TreeMap<>(Arrays::compareUnsigned);
  }

  static @Nullable String hex(byte @Nullable [] bytes) {
    return bytes == null ? null : HexFormat.of().formatHex(bytes);
  }
}
