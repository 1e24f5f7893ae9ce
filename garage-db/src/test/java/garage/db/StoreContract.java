package garage.db;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every engine must do; one subclass per engine. */
public abstract class StoreContract {
  protected static final Map<String, TreeOptions> TREES =
      Map.of(
          "rows", TreeOptions.rows(),
          "queue", TreeOptions.scanned(),
          "bulk", TreeOptions.bulk(),
          "counters", TreeOptions.rows());

  @SuppressWarnings("NullAway.Init") // set before each test
  private Store store;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Tree rows;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Tree counters;

  /** Opens a store on the storage of this test, which keeps what earlier ones stored. */
  protected abstract Store open(Map<String, TreeOptions> trees);

  /** Opens the copy that {@link Store#checkpoint} made in {@code directory}. */
  protected abstract Store openCopy(String directory, Map<String, TreeOptions> trees);

  /** A name for a copy. */
  protected abstract String newDirectory();

  @BeforeEach
  void openStore() {
    use(open(TREES));
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  private void use(Store opened) {
    store = opened;
    rows = store.tree("rows");
    counters = store.tree("counters");
  }

  private void reopen() {
    store.close();
    use(open(TREES));
  }

  @Test
  void readsWhatWasCommitted() {
    store.commit(new Batch().put(rows, bytes("k"), bytes("v")));
    assertEquals("v", get("k"));
    assertNull(get("other"));
    assertNull(store.get(store.tree("queue"), bytes("k")), "trees are separate");
  }

  @Test
  void theEmptyKeyAndTheEmptyValueAreARow() {
    store.commit(new Batch().put(rows, bytes(""), bytes("")));
    assertEquals("", get(""));
    assertEquals(List.of("="), scan(KeyRange.all()));
  }

  @Test
  void changesOfABatchApplyInOrder() {
    store.commit(
        new Batch()
            .put(rows, bytes("a"), bytes("1"))
            .delete(rows, bytes("a"))
            .put(rows, bytes("b"), bytes("1"))
            .put(rows, bytes("b"), bytes("2"))
            .delete(rows, bytes("c"))
            .put(rows, bytes("c"), bytes("3")));
    assertEquals(List.of("b=2", "c=3"), scan(KeyRange.all()));
  }

  @Test
  void aBatchChangesSeveralTreesTogether() {
    Tree bulk = store.tree("bulk");
    Batch more = new Batch().put(bulk, bytes("k"), new byte[100_000]).add(counters, bytes("n"), 3);
    store.commit(new Batch().put(rows, bytes("k"), bytes("v")).addAll(more));
    assertEquals("v", get("k"));
    assertArrayEquals(new byte[100_000], store.get(bulk, bytes("k")));
    assertEquals(3, counter("n"));
  }

  @Test
  void scansAreBoundedAndOrderedByUnsignedBytes() {
    Batch batch = new Batch();
    for (int b : new int[] {0xff, 0x00, 0x80, 0x7f, 0x01}) {
      batch.put(rows, new byte[] {(byte) b}, new byte[0]);
    }
    store.commit(batch);
    assertEquals(List.of("00", "01", "7f", "80", "ff"), hexKeys(KeyRange.all()));
    assertEquals(List.of("ff", "80", "7f", "01", "00"), hexKeys(KeyRange.all().reversed()));
    KeyRange middle = KeyRange.of(new byte[] {1}, new byte[] {(byte) 0xff});
    assertEquals(List.of("01", "7f", "80"), hexKeys(middle));
    assertEquals(List.of("80", "7f", "01"), hexKeys(middle.reversed()));
    assertEquals(List.of(), hexKeys(KeyRange.of(new byte[] {5}, new byte[] {5})));
    assertEquals(List.of(), hexKeys(KeyRange.of(new byte[] {9}, new byte[] {5})));
    assertEquals(List.of(), hexKeys(KeyRange.of(null, new byte[0])));
  }

  @Test
  void aPrefixOfHighestBytesEndsWithTheTree() {
    Batch batch = new Batch();
    for (String hex : List.of("fe", "feff", "feffff", "ff", "ff00", "ffff", "ffffff", "ffffff00")) {
      batch.put(rows, hex(hex), new byte[0]);
    }
    store.commit(batch);
    assertEquals(
        List.of("ff", "ff00", "ffff", "ffffff", "ffffff00"), hexKeys(KeyRange.prefix(hex("ff"))));
    assertEquals(List.of("ffff", "ffffff", "ffffff00"), hexKeys(KeyRange.prefix(hex("ffff"))));
    assertEquals(List.of("feff", "feffff"), hexKeys(KeyRange.prefix(hex("feff"))));
    assertEquals(List.of("feffff", "feff"), hexKeys(KeyRange.prefix(hex("feff")).reversed()));
    assertEquals(8, hexKeys(KeyRange.prefix(new byte[0])).size());
  }

  @Test
  void seekSkipsWithinTheRangeInBothDirections() {
    Batch batch = new Batch();
    for (char c = 'a'; c <= 'j'; c++) {
      batch.put(rows, bytes("" + c), new byte[0]);
    }
    store.commit(batch);
    KeyRange range = KeyRange.of(bytes("c"), bytes("h"));
    try (Scan scan = store.scan(rows, range)) {
      assertEquals("c", key(scan.next()));
      scan.seek(bytes("ea"));
      assertEquals("f", key(scan.next()));
      scan.seek(bytes("d"));
      assertEquals("d", key(scan.next()));
      scan.seek(bytes("a"));
      assertEquals("c", key(scan.next()), "seeking before the range begins it");
      scan.seek(bytes("h"));
      assertNull(scan.next());
      assertNull(scan.next(), "the end stays the end");
      scan.seek(bytes("g"));
      assertEquals("g", key(scan.next()), "seeking backwards from the end");
      assertNull(scan.next());
    }
    try (Scan scan = store.scan(rows, range.reversed())) {
      assertEquals("g", key(scan.next()));
      scan.seek(bytes("ea"));
      assertEquals("e", key(scan.next()));
      scan.seek(bytes("z"));
      assertEquals("g", key(scan.next()), "seeking before the range begins it");
      scan.seek(bytes("b"));
      assertNull(scan.next());
      scan.seek(bytes("c"));
      assertEquals("c", key(scan.next()));
      assertNull(scan.next());
    }
  }

  @Test
  void aScanSeesTheRowsAsTheyWereWhenItWasOpened() {
    store.commit(new Batch().put(rows, bytes("a"), bytes("1")).put(rows, bytes("b"), bytes("1")));
    try (Scan scan = store.scan(rows, KeyRange.all())) {
      store.commit(
          new Batch()
              .put(rows, bytes("a"), bytes("2"))
              .delete(rows, bytes("b"))
              .put(rows, bytes("c"), bytes("2")));
      assertEquals(List.of("a=1", "b=1"), drain(scan));
      scan.seek(bytes("b"));
      assertEquals(List.of("b=1"), drain(scan));
    }
    assertEquals(List.of("a=2", "c=2"), scan(KeyRange.all()));
  }

  @Test
  void countersAddFromZeroAndBelowAndAcrossReopening() {
    assertEquals(0, counter("n"));
    store.commit(new Batch().add(counters, bytes("n"), 5).add(counters, bytes("n"), -7));
    assertEquals(-2, counter("n"));
    reopen();
    store.commit(new Batch().add(counters, bytes("n"), 12));
    assertEquals(10, counter("n"));
    store.commit(new Batch().delete(counters, bytes("n")).add(counters, bytes("n"), 1));
    assertEquals(1, counter("n"));
    store.commit(new Batch().put(counters, bytes("n"), bytes("\7\0\0\0\0\0\0\0")));
    store.commit(new Batch().add(counters, bytes("n"), 1));
    assertEquals(8, counter("n"));
    store.commit(new Batch().add(counters, bytes("n"), Long.MAX_VALUE));
    assertEquals(Long.MIN_VALUE + 7, counter("n"));
  }

  @Test
  void anEmptyBatchCommits() {
    store.commit(new Batch());
    assertEquals(List.of(), scan(KeyRange.all()));
  }

  @Test
  void reopeningKeepsEverything() {
    Batch batch = new Batch();
    for (int i = 0; i < 1000; i++) {
      batch.put(rows, bytes("%04d".formatted(i)), bytes("v" + i));
    }
    store.commit(batch);
    store.commit(new Batch().delete(rows, bytes("0500")));
    reopen();
    List<String> all = scan(KeyRange.all());
    assertEquals(999, all.size());
    assertEquals("0499=v499", all.get(499));
    assertEquals("0501=v501", all.get(500));
  }

  @Test
  void aTreeThatIsNotNamedAtOpeningIsKept() {
    store.commit(new Batch().put(rows, bytes("k"), bytes("v")));
    store.close();
    use(
        open(
            Map.of(
                "rows", TreeOptions.rows(),
                "counters", TreeOptions.rows(),
                "new", TreeOptions.rows())));
    assertEquals(Set.of("rows", "counters", "new"), store.trees());
    Tree added = store.tree("new");
    store.commit(new Batch().put(added, bytes("k"), bytes("w")));
    store.close();
    use(open(TREES));
    assertEquals("v", get("k"));
    store.close();
    use(
        open(
            Map.of(
                "rows",
                TreeOptions.rows(),
                "counters",
                TreeOptions.rows(),
                "new",
                TreeOptions.bulk())));
    assertArrayEquals(bytes("w"), store.get(store.tree("new"), bytes("k")));
  }

  @Test
  void arraysAreNotShared() {
    store.commit(new Batch().put(rows, bytes("k"), bytes("v")));
    byte[] value = store.get(rows, bytes("k"));
    assertNotNull(value);
    value[0] = 'x';
    assertEquals("v", get("k"));
    try (Scan scan = store.scan(rows, KeyRange.all())) {
      Scan.Row row = scan.next();
      assertNotNull(row);
      row.key()[0] = 'x';
      row.value()[0] = 'x';
      scan.seek(bytes(""));
      assertEquals(List.of("k=v"), drain(scan));
    }
  }

  @Test
  void unknownAndForeignTreesAreRefused() {
    assertEquals(TREES.keySet(), store.trees());
    assertEquals("rows", rows.name());
    assertThrows(IllegalArgumentException.class, () -> store.tree("unknown"));
    Tree foreign = () -> "rows";
    assertThrows(IllegalArgumentException.class, () -> store.get(foreign, bytes("k")));
    assertThrows(IllegalArgumentException.class, () -> store.scan(foreign, KeyRange.all()));
    Batch batch = new Batch().put(rows, bytes("a"), bytes("")).put(foreign, bytes("k"), bytes(""));
    assertThrows(IllegalArgumentException.class, () -> store.commit(batch));
    assertNull(get("a"));
  }

  @Test
  void aClosedStoreFailsAndClosesTwice() {
    store.commit(new Batch().put(rows, bytes("k"), bytes("v")));
    Scan scan = store.scan(rows, KeyRange.all());
    store.close();
    store.close();
    assertThrows(GarageException.StorageFailed.class, () -> store.get(rows, bytes("k")));
    assertThrows(GarageException.StorageFailed.class, () -> store.scan(rows, KeyRange.all()));
    assertThrows(GarageException.StorageFailed.class, scan::next);
    assertThrows(GarageException.StorageFailed.class, () -> scan.seek(bytes("k")));
    assertThrows(GarageException.StorageFailed.class, () -> store.approximateCount(rows));
    Batch batch = new Batch().put(rows, bytes("l"), bytes("v"));
    assertThrows(GarageException.StorageFailed.class, () -> store.commit(batch));
    scan.close();
    scan.close();
  }

  @Test
  void aStorageServesOneStoreAtATime() {
    GarageException e = assertThrows(GarageException.StorageFailed.class, () -> open(TREES));
    assertTrue(String.valueOf(e.getMessage()).contains("in use by another"), e.getMessage());
  }

  @Test
  void aCheckpointIsACopyOfTheMomentItWasMade() {
    store.commit(new Batch().put(rows, bytes("a"), bytes("1")));
    String directory = newDirectory();
    store.checkpoint(directory);
    store.commit(new Batch().put(rows, bytes("a"), bytes("2")));
    assertThrows(GarageException.StorageFailed.class, () -> store.checkpoint(directory));
    try (Store copy = openCopy(directory, TREES)) {
      assertArrayEquals(bytes("1"), copy.get(copy.tree("rows"), bytes("a")));
      copy.commit(new Batch().put(copy.tree("rows"), bytes("a"), bytes("3")));
    }
    assertEquals("2", get("a"));
  }

  @Test
  void approximateCountIsNearTheNumberOfRows() {
    assertEquals(0, store.approximateCount(rows));
    Batch batch = new Batch();
    for (int i = 0; i < 500; i++) {
      batch.put(rows, bytes("k" + i), bytes("v"));
    }
    store.commit(batch);
    long count = store.approximateCount(rows);
    assertTrue(count >= 400 && count <= 600, "500 rows counted as " + count);
  }

  @Test
  void concurrentCommitsAreAllAppliedAndShareSyncs() throws InterruptedException {
    int tasks = 64;
    int each = 30;
    int total = tasks * each;
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < tasks; t++) {
      String name = "t" + t;
      threads.add(Thread.ofVirtual().start(() -> commitMany(name, each)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(total, counter("all"));
    assertEquals(total, scan(KeyRange.all()).size());
    CommitStatistics done = store.statistics();
    assertEquals(total, done.batches());
    assertEquals(done.groups(), done.syncs());
    assertTrue(done.syncs() <= total / 2, "nothing was shared: " + done);
  }

  private void commitMany(String task, int count) {
    for (int i = 0; i < count; i++) {
      byte[] key = bytes(task + "-" + i);
      store.commit(new Batch().put(rows, key, bytes("v")).add(counters, bytes("all"), 1));
      assertNotNull(store.get(rows, key), "a batch is visible once it is acknowledged");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void behavesAsSortedMaps(long seed) {
    StoreModel model = new StoreModel(seed);
    for (int step = 0; step < 400; step++) {
      if (step % 150 == 149) {
        reopen();
      }
      model.step(store, "seed " + seed + " step " + step);
    }
    reopen();
    model.compareAll(store, "seed " + seed);
  }

  private @Nullable String get(String key) {
    byte[] value = store.get(rows, bytes(key));
    return value == null ? null : text(value);
  }

  private long counter(String key) {
    return Batch.counter(store.get(counters, bytes(key)));
  }

  private List<String> scan(KeyRange range) {
    try (Scan scan = store.scan(rows, range)) {
      return drain(scan);
    }
  }

  private static List<String> drain(Scan scan) {
    List<String> found = new ArrayList<>();
    for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
      found.add(text(row.key()) + "=" + text(row.value()));
    }
    return found;
  }

  private List<String> hexKeys(KeyRange range) {
    List<String> keys = new ArrayList<>();
    try (Scan scan = store.scan(rows, range)) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        keys.add(StoreModel.hex(row.key()));
      }
    }
    return keys;
  }

  private static @Nullable String key(Scan.@Nullable Row row) {
    return row == null ? null : text(row.key());
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
