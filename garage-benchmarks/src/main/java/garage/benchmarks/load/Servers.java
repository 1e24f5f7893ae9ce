package garage.benchmarks.load;

import java.io.IOException;
import java.util.List;

/** The processes of the nodes under load, as one: what they use together, and the largest. */
record Servers(List<ServerProcess> processes) {
  ServerProcess.Usage usage() throws IOException {
    ServerProcess.Usage total = new ServerProcess.Usage(0, 0);
    for (ServerProcess process : processes) {
      ServerProcess.Usage one = process.usage();
      total =
          new ServerProcess.Usage(
              total.cpuSeconds() + one.cpuSeconds(), total.writtenBytes() + one.writtenBytes());
    }
    return total;
  }

  /** What their threads ran so far, those of the compiler left out. */
  long workNanos() throws IOException {
    long total = 0;
    for (ServerProcess process : processes) {
      total += process.workNanos();
    }
    return total;
  }

  /** Physical memory of the node that has most. */
  long residentBytes() throws IOException {
    long most = 0;
    for (ServerProcess process : processes) {
      most = Math.max(most, process.residentBytes());
    }
    return most;
  }

  long peakResidentBytes() throws IOException {
    long most = 0;
    for (ServerProcess process : processes) {
      most = Math.max(most, process.peakResidentBytes());
    }
    return most;
  }

  void resetPeak() {
    processes.forEach(ServerProcess::resetPeak);
  }
}
