package garage.db.rocksdb;

import garage.db.Batch;
import garage.db.CommitStatistics;
import garage.db.Tree;
import garage.db.TreeOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;

/**
 * Measures durable commits against the disk's own rate of syncs; not a test. Arguments: a directory
 * on the disk to measure, seconds per measurement, bytes per value. Each commit puts a row of 32 +
 * n bytes and adds to a counter, as the smallest write of an object does.
 */
final class CommitBenchmark {
  private static final int KEY_BYTES = 32;

  private final Path directory;
  private final long nanos;
  private final int valueBytes;

  private CommitBenchmark(Path directory, long nanos, int valueBytes) {
    this.directory = directory;
    this.nanos = nanos;
    this.valueBytes = valueBytes;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Path parent = Path.of(args.length > 0 ? args[0] : ".");
    long seconds = args.length > 1 ? Long.parseLong(args[1]) : 3;
    int valueBytes = args.length > 2 ? Integer.parseInt(args[2]) : 300;
    Path directory = Files.createTempDirectory(parent, "commit-benchmark-");
    try {
      new CommitBenchmark(directory, seconds * 1_000_000_000L, valueBytes).run();
    } finally {
      try (var files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private void run() throws IOException, InterruptedException {
    try (RocksStore store =
        RocksStore.open(
            directory.resolve("store").toString(),
            Map.of("rows", TreeOptions.rows(), "bulk", TreeOptions.bulk()),
            RocksSettings.defaults())) {
      measure(store, 64, true);
      for (int tasks : new int[] {1, 4, 16, 64, 256}) {
        System.out.printf(
            Locale.ROOT,
            "raw fdatasync of 4 KiB: %5.0f/s appending, %5.0f/s overwriting%n",
            rawSyncs(false),
            rawSyncs(true));
        measure(store, tasks, false);
      }
    }
  }

  private double rawSyncs(boolean overwrite) throws IOException {
    Path file = directory.resolve("raw");
    ByteBuffer block = ByteBuffer.allocateDirect(4096);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (overwrite) {
        for (int i = 0; i < 4096; i++) {
          channel.write(block.clear(), i * 4096L);
        }
        channel.force(true);
      }
      long begin = System.nanoTime();
      long syncs = 0;
      while (System.nanoTime() - begin < nanos / 4) {
        channel.write(block.clear(), (overwrite ? syncs % 4096 : syncs) * 4096);
        channel.force(false);
        syncs++;
      }
      return syncs * 1e9 / (System.nanoTime() - begin);
    } finally {
      Files.delete(file);
    }
  }

  private void measure(RocksStore store, int tasks, boolean warmUp) throws InterruptedException {
    AtomicBoolean stop = new AtomicBoolean();
    List<Worker> workers = new ArrayList<>();
    CommitStatistics before = store.statistics();
    long cpu = cpuNanos();
    long begin = System.nanoTime();
    for (int t = 0; t < tasks; t++) {
      Worker worker = new Worker(store, stop, t);
      workers.add(worker);
      worker.thread = Thread.ofVirtual().start(worker);
    }
    Thread.sleep(nanos / 1_000_000);
    stop.set(true);
    for (Worker worker : workers) {
      worker.thread.join();
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    CommitStatistics after = store.statistics();
    if (!warmUp) {
      long[] latencies =
          workers.stream().flatMapToLong(w -> LongStream.of(w.latencies())).sorted().toArray();
      long commits = after.batches() - before.batches();
      System.out.printf(
          Locale.ROOT,
          "%3d tasks: %6.0f commits/s, %5.0f syncs/s, p50 %.2f ms, p99 %.2f ms, cpu %.1f"
              + " us/commit%n",
          tasks,
          commits / seconds,
          (after.syncs() - before.syncs()) / seconds,
          latencies[latencies.length / 2] / 1e6,
          latencies[latencies.length * 99 / 100] / 1e6,
          (cpuNanos() - cpu) / 1e3 / commits);
    }
  }

  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean os
        ? os.getProcessCpuTime()
        : 0;
  }

  /** Commits until told to stop. */
  private final class Worker implements Runnable {
    private final RocksStore store;
    private final AtomicBoolean stop;
    private final Random random;
    private Thread thread = Thread.currentThread();
    private long[] latencies = new long[1024];
    private int count;

    Worker(RocksStore store, AtomicBoolean stop, int seed) {
      this.store = store;
      this.stop = stop;
      this.random = new Random(seed);
    }

    @Override
    public void run() {
      Tree rows = store.tree("rows");
      Tree tree = valueBytes > 1024 ? store.tree("bulk") : rows;
      byte[] value = new byte[valueBytes];
      random.nextBytes(value);
      byte[] counter = {(byte) random.nextInt()};
      while (!stop.get()) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        long begin = System.nanoTime();
        store.commit(new Batch().put(tree, key, value).add(rows, counter, 1));
        record(System.nanoTime() - begin);
      }
    }

    private void record(long latency) {
      if (count == latencies.length) {
        latencies = Arrays.copyOf(latencies, 2 * count);
      }
      latencies[count++] = latency;
    }

    long[] latencies() {
      return Arrays.copyOf(latencies, count);
    }
  }
}
