package garage.benchmarks.load;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Prints the figures as they come: a line of a table each, and a line of JSON if wanted. */
final class Report {
  private static final double MIB = 1 << 20;
  private static final double KIB = 1 << 10;
  private static final double MILLIS = 1e3;
  private static final int[] WIDTHS = {-7, -12, 4, 10, 9, 9, 9, 10, 6, 10, 9, 8, 10, 6};

  private final PrintWriter out;
  private final @Nullable PrintWriter json;
  private long errors;

  Report(PrintWriter out, @Nullable PrintWriter json) {
    this.out = out;
    this.json = json;
  }

  /** Error replies so far. */
  long errors() {
    return errors;
  }

  void limits(MachineLimits limits) {
    int cores = Runtime.getRuntime().availableProcessors();
    line("This machine, one core or one connection at a time:");
    line(
        "  MD5 "
            + whole(limits.md5BytesPerSecond() / MIB)
            + " MiB/s, SHA-256 "
            + whole(limits.sha256BytesPerSecond() / MIB)
            + " MiB/s, both over the same bytes "
            + whole(limits.bothDigestsBytesPerSecond() / MIB)
            + " MiB/s");
    line(
        "  "
            + whole(limits.syncsPerSecond())
            + " syncs/s of 4 KiB one after the other, loopback "
            + whole(limits.loopbackBytesPerSecond() / MIB)
            + " MiB/s, "
            + cores
            + " cores");
    json(
        new JsonLine()
            .with("md5_bytes_per_s", limits.md5BytesPerSecond())
            .with("sha256_bytes_per_s", limits.sha256BytesPerSecond())
            .with("syncs_per_s", limits.syncsPerSecond())
            .with("loopback_bytes_per_s", limits.loopbackBytesPerSecond())
            .with("cores", cores));
  }

  void idle(String when, long residentBytes) {
    line("  the server " + when + ": " + whole(residentBytes / MIB) + " MiB RSS");
    json(new JsonLine().with("idle", when).with("rss_bytes", residentBytes));
  }

  void heading() {
    line("");
    row(
        "op",
        "size",
        "conc",
        "ops/s",
        "MiB/s",
        "p50 ms",
        "p99 ms",
        "srv ms/op",
        "cores",
        "MiB/srv-s",
        "KiB w/op",
        "peak MiB",
        "cli ms/op",
        "rounds");
  }

  void measurement(Measurement m) {
    errors += m.errors();
    Measurement.Spent spent = m.server();
    row(
        m.operation().toString(),
        m.size(),
        Integer.toString(m.concurrency()),
        tenths(m.operationsPerSecond()),
        tenths(m.bytesPerSecond() / MIB),
        hundredths(m.percentileSeconds(0.50) * MILLIS),
        hundredths(m.percentileSeconds(0.99) * MILLIS),
        spent == null ? "-" : thousandths(m.perOperation(spent.usage().cpuSeconds()) * MILLIS),
        spent == null ? "-" : hundredths(spent.usage().cpuSeconds() / m.seconds()),
        spent == null ? "-" : perCpuSecond(m, spent),
        spent == null ? "-" : tenths(m.perOperation((double) spent.usage().writtenBytes()) / KIB),
        spent == null ? "-" : whole(spent.peakResidentBytes() / MIB),
        thousandths(m.perOperation(m.clientCpuSeconds()) * MILLIS),
        Double.isNaN(m.roundsPerOperation()) ? "-" : hundredths(m.roundsPerOperation()));
    if (m.errors() > 0) {
      line("  " + m.errors() + " errors: " + m.outcome().recorder().messages());
    }
    json(jsonOf(m, spent));
  }

  private static String perCpuSecond(Measurement m, Measurement.Spent spent) {
    double cpu = spent.usage().cpuSeconds();
    return cpu == 0 ? "-" : whole(m.outcome().recorder().bytes() / MIB / cpu);
  }

  private static JsonLine jsonOf(Measurement m, Measurement.@Nullable Spent spent) {
    JsonLine line =
        new JsonLine()
            .with("op", m.operation().toString())
            .with("size", m.size())
            .with("concurrency", m.concurrency())
            .with("ops", m.operations())
            .with("errors", m.errors())
            .with("seconds", m.seconds())
            .with("ops_per_s", m.operationsPerSecond())
            .with("bytes_per_s", m.bytesPerSecond())
            .with("p50_s", m.percentileSeconds(0.50))
            .with("p99_s", m.percentileSeconds(0.99))
            .with("client_cpu_s", m.clientCpuSeconds());
    if (!Double.isNaN(m.roundsPerOperation())) {
      line = line.with("rounds_per_op", m.roundsPerOperation());
    }
    return spent == null
        ? line
        : line.with("server_cpu_s", spent.usage().cpuSeconds())
            .with("server_cpu_s_per_op", m.perOperation(spent.usage().cpuSeconds()))
            .with("server_written_bytes", spent.usage().writtenBytes())
            .with("server_peak_rss_bytes", spent.peakResidentBytes());
  }

  void spread(Spread spread) {
    String rows = spread.rows().stream().map(Report::whole).collect(Collectors.joining(" "));
    line(
        "  %s, rows on each node: %s; %s %% from the mean at most"
            .formatted(spread.what(), rows, tenths(100 * spread.deviation())));
    json(new JsonLine().with("spread_of", spread.what()).with("deviation", spread.deviation()));
  }

  /** One row; a column of negative width begins at its left. */
  private void row(String... cells) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < cells.length; i++) {
      String padding = " ".repeat(Math.max(0, Math.abs(WIDTHS[i]) - cells[i].length()));
      text.append(i == 0 ? "" : " ");
      text.append(WIDTHS[i] < 0 ? cells[i] + padding : padding + cells[i]);
    }
    line(text.toString());
  }

  private void line(String text) {
    out.println(text);
    out.flush();
  }

  private void json(JsonLine line) {
    if (json != null) {
      json.println(line);
      json.flush();
    }
  }

  private static String whole(double value) {
    return String.format(Locale.ROOT, "%.0f", value);
  }

  private static String tenths(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String hundredths(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String thousandths(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
