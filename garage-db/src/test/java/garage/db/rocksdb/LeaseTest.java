package garage.db.rocksdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.TreeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening the database again under those who use it, and the decision to do so. */
class LeaseTest {
  private static final byte[] KEY = {1};
  private static final byte[] VALUE = {2};

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Lease lease;

  @BeforeEach
  void open() {
    NativeLibrary.load(directory);
    lease = new Lease(directory, Map.of("rows", TreeOptions.rows()), RocksSettings.defaults());
    lease.use(
        "write",
        open -> {
          open.db().put(open.family("rows"), KEY, VALUE);
          return true;
        });
  }

  @AfterEach
  void close() {
    lease.close();
  }

  @Test
  void reopeningKeepsTheRowsAndFailsOpenScans() {
    Scan scan = RocksScan.open(lease, "rows", KeyRange.all());
    lease.reopen();
    assertArrayEquals(VALUE, get());
    assertThrows(GarageException.StorageFailed.class, scan::next);
    scan.close();
    try (Scan fresh = RocksScan.open(lease, "rows", KeyRange.all())) {
      assertNotNull(fresh.next());
      assertNull(fresh.next());
    }
  }

  @Test
  void readersWaitWhileTheDatabaseIsReopened() throws InterruptedException {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger wrong = new AtomicInteger();
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      readers.add(Thread.ofVirtual().start(() -> readUntil(stop, wrong)));
    }
    for (int i = 0; i < 5; i++) {
      lease.reopen();
    }
    stop.set(true);
    for (Thread reader : readers) {
      reader.join();
    }
    assertEquals(0, wrong.get());
  }

  private void readUntil(AtomicBoolean stop, AtomicInteger wrong) {
    while (!stop.get()) {
      if (get() == null) {
        wrong.incrementAndGet();
      }
      try (Scan scan = RocksScan.open(lease, "rows", KeyRange.all())) {
        if (scan.next() == null) {
          wrong.incrementAndGet();
        }
      } catch (GarageException.StorageFailed e) {
        // reopened between the two
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void aFailedReopeningIsRepaired() throws IOException {
    Path current = directory.resolve("CURRENT");
    String text = Files.readString(current);
    Files.writeString(current, "nonsense");
    assertThrows(GarageException.StorageFailed.class, lease::reopen);
    assertThrows(GarageException.StorageFailed.class, this::get);
    Files.writeString(current, text);
    lease.reopen();
    assertArrayEquals(VALUE, get());
  }

  @Test
  void aFullDiskIsGivenTimeAndThenProbedOncePerPatience() throws IOException {
    FullDisk full = new FullDisk(directory);
    long patience = FullDisk.PATIENCE.toNanos();
    assertFalse(full.isReopeningDue(0), "nothing failed");
    full.failed(100);
    full.failed(100 + patience / 2);
    assertFalse(full.isReopeningDue(99 + patience));
    assertTrue(full.isReopeningDue(100 + patience));
    assertFalse(full.isReopeningDue(101 + patience));
    assertTrue(full.isReopeningDue(100 + 2 * patience));
    full.succeeded();
    assertFalse(full.isReopeningDue(100 + 5 * patience));
    try (var files = Files.list(directory)) {
      assertTrue(files.noneMatch(file -> file.toString().contains("probe")));
    }
    FullDisk missing = new FullDisk(directory.resolve("missing"));
    missing.failed(0);
    assertFalse(missing.isReopeningDue(patience), "no space where nothing can be written");
  }

  private byte @Nullable [] get() {
    return lease.<byte @Nullable []>use(
        "read", open -> open.db().get(open.family("rows"), open.reads(), KEY));
  }
}
