package garage.benchmarks.load;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What Linux tells of the server's process; see proc_pid_stat(5) and its neighbours. */
final class ServerProcess {
  /** sysconf(_SC_CLK_TCK) of every Linux that Java runs on. */
  private static final double TICKS_PER_SECOND = 100;

  private static final int UTIME_AFTER_NAME = 11;

  private final Path directory;

  ServerProcess(long pid) {
    this(Path.of("/proc", Long.toString(pid)));
  }

  ServerProcess(Path directory) {
    this.directory = directory;
  }

  /** What the process used so far. */
  record Usage(double cpuSeconds, long writtenBytes) {
    Usage since(Usage earlier) {
      return new Usage(cpuSeconds - earlier.cpuSeconds, writtenBytes - earlier.writtenBytes);
    }
  }

  Usage usage() throws IOException {
    String stat = Files.readString(directory.resolve("stat"));
    // The name, in parentheses, may have spaces in it.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    long ticks =
        Long.parseLong(fields[UTIME_AFTER_NAME]) + Long.parseLong(fields[UTIME_AFTER_NAME + 1]);
    return new Usage(ticks / TICKS_PER_SECOND, field("io", "write_bytes:", 1));
  }

  /** What its threads ran so far, those of the compiler left out; of threads that live. */
  long workNanos() throws IOException {
    long sum = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(directory.resolve("task"))) {
      for (Path thread : threads) {
        sum += threadNanos(thread);
      }
    }
    return sum;
  }

  private static long threadNanos(Path thread) {
    try {
      boolean compiles = Files.readString(thread.resolve("comm")).matches("(?s)C[12] Compiler.*");
      String stat = Files.readString(thread.resolve("schedstat"));
      return compiles ? 0 : Long.parseLong(stat.substring(0, stat.indexOf(' ')));
    } catch (IOException e) {
      return 0; // it has ended
    }
  }

  /** Physical memory in use now. */
  long residentBytes() throws IOException {
    return field("status", "VmRSS:", 1024);
  }

  /** The most it was since {@link #resetPeak}. */
  long peakResidentBytes() throws IOException {
    return field("status", "VmHWM:", 1024);
  }

  /** Lets the peak begin anew; without the right to do so it stays the whole life's. */
  void resetPeak() {
    try {
      Files.writeString(directory.resolve("clear_refs"), "5");
    } catch (IOException e) {
      // the peak then is that of all measurements so far
    }
  }

  private long field(String file, String name, long unit) throws IOException {
    List<String> lines = Files.readAllLines(directory.resolve(file));
    for (String line : lines) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.substring(name.length()).replace("kB", "").strip()) * unit;
      }
    }
    return 0;
  }
}
