package garage.block;

import com.sun.management.OperatingSystemMXBean;
import garage.block.disk.BlockFiles;
import garage.block.disk.BlockSink;
import garage.block.disk.TestBytes;
import garage.common.env.Tasks;
import garage.common.env.system.SystemTasks;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Puts and gets of 1 MiB blocks on a real disk, in MB/s of wall time and of CPU time of the whole
 * process, with the syncs they took. Arguments: a directory, and the number of blocks, and a part
 * of the names of the runs wanted.
 */
final class BlockBenchmark {
  private static final int BLOCK = 1 << 20;
  private static final Uuid DATA = Uuid.of(TestBytes.hash(new byte[1]).toBytes());

  private BlockBenchmark() {}

  public static void main(String[] arguments) throws IOException {
    Path parent = Path.of(arguments.length > 0 ? arguments[0] : "/tmp");
    int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 400;
    String wanted = arguments.length > 2 ? arguments[2] : "";
    for (int round = 0; round < 2; round++) {
      for (TestBytes kind : List.of(TestBytes.RANDOM, TestBytes.TEXT)) {
        for (OptionalInt level : List.of(OptionalInt.empty(), OptionalInt.of(1))) {
          for (int concurrency : new int[] {1, 16}) {
            if (!(kind + " " + level + " x" + concurrency).contains(wanted)) {
              continue;
            }
            Path root = Files.createTempDirectory(parent, "blocks");
            String name = kind + " level " + (level.isPresent() ? level.getAsInt() : "none");
            try (RealNode node = new RealNode(root, level, Duration.ofMinutes(10))) {
              run(name + " x" + concurrency, node, kind, count, concurrency);
            } finally {
              delete(root);
            }
          }
        }
      }
    }
  }

  private static void run(String name, RealNode node, TestBytes kind, int count, int concurrency) {
    byte[] base = kind.bytes(1, BLOCK);
    List<Hash> hashes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      hashes.add(TestBytes.hash(variant(base, i)));
    }
    BlockFiles.Statistics before = node.blocks.statistics();
    long commits = node.store.statistics().syncs();
    measure(
        "put " + name,
        count,
        concurrency,
        i -> node.blocks.put(hashes.get(i), ByteBuffer.wrap(variant(base, i)), DATA));
    BlockFiles.Statistics after = node.blocks.statistics();
    System.out.printf(
        "    syncs a block: %.2f file, %.2f directory, %.2f store%n",
        (double) (after.blockSyncs() - before.blockSyncs()) / count,
        (double) (after.directorySyncs() - before.directorySyncs()) / count,
        (double) (node.store.statistics().syncs() - commits) / count);
    measure(
        "get " + name,
        count,
        concurrency,
        i -> node.blocks.read(hashes.get(i), 0, BLOCK, new DirectSink(256 << 10)));
    measure(
        "get 64 KiB of " + name,
        count,
        concurrency,
        i -> node.blocks.read(hashes.get(i), 300_000, 300_000 + 65_536, new DirectSink(128 << 10)));
  }

  /** A block that differs from every other one; the copy is part of what is measured. */
  private static byte[] variant(byte[] base, int i) {
    byte[] bytes = base.clone();
    ByteBuffer.wrap(bytes).putInt(0, i);
    return bytes;
  }

  private static void measure(String what, int count, int concurrency, Operation operation) {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long wall = System.nanoTime();
    AtomicInteger next = new AtomicInteger();
    List<Tasks.Task> tasks = new ArrayList<>();
    for (int t = 0; t < concurrency; t++) {
      tasks.add(
          new SystemTasks()
              .start(
                  "load",
                  () -> {
                    for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                      operation.run(i);
                    }
                  }));
    }
    tasks.forEach(Tasks.Task::join);
    double wallSeconds = (System.nanoTime() - wall) / 1e9;
    double cpuSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
    System.out.printf(
        "%-36s %8.0f blocks/s %8.0f blocks per CPU second%n",
        what, count / wallSeconds, count / cpuSeconds);
  }

  private interface Operation {
    void run(int i);
  }

  /** Memory as a front end has it: direct and used again. */
  private static final class DirectSink implements BlockSink {
    private static final ThreadLocal<ByteBuffer> MEMORY =
        ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(256 << 10));

    DirectSink(int bytes) {
      if (bytes > MEMORY.get().capacity()) {
        throw new IllegalArgumentException("too large: " + bytes);
      }
    }

    @Override
    public ByteBuffer buffer(int bytes) {
      return MEMORY.get().clear();
    }

    @Override
    public void accept(ByteBuffer bytes) {}
  }

  private static void delete(Path root) throws IOException {
    try (var all = Files.walk(root)) {
      for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
