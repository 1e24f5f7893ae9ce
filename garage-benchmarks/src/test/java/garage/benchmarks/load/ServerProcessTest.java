package garage.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {
  @TempDir Path directory;

  private void write(String stat, long written) throws IOException {
    Files.writeString(directory.resolve("stat"), stat);
    Files.writeString(
        directory.resolve("io"), "rchar: 1\nread_bytes: 2\nwrite_bytes: " + written + "\n");
  }

  @Test
  void usageIsTheDifferenceOfUserAndSystemTime() throws IOException {
    ServerProcess process = new ServerProcess(directory);
    write("7 (java (x) y) S 1 7 7 0 -1 4 1 2 3 4 150 50 9 9 20 0", 4096);
    ServerProcess.Usage before = process.usage();
    write("7 (java (x) y) S 1 7 7 0 -1 4 1 2 3 4 250 75 9 9 20 0", 8192);

    assertEquals(new ServerProcess.Usage(1.25, 4096), process.usage().since(before));
  }

  @Test
  void memoryIsInBytes() throws IOException {
    Files.writeString(
        directory.resolve("status"), "Name:\tjava\nVmHWM:\t    2048 kB\nVmRSS:\t     512 kB\n");
    ServerProcess process = new ServerProcess(directory);

    assertEquals(512 * 1024, process.residentBytes());
    assertEquals(2048 * 1024, process.peakResidentBytes());
  }
}
