package garage.layout.assign;

import garage.common.id.ByteSize;
import garage.layout.LayoutVersion;
import garage.layout.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The words of an {@link AssignmentReport}. */
final class ReportText {
  /** Below this usable share the report explains itself. */
  private static final double SHARE_EXPLAINED = 0.8;

  /** Smaller partitions suggest that capacities lack their unit. */
  private static final long PARTITION_BYTES_PLAUSIBLE = 100;

  private final AssignmentReport report;
  private final LayoutVersion version;
  private final List<String> lines = new ArrayList<>();
  private final List<List<String>> table = new ArrayList<>();

  ReportText(AssignmentReport report) {
    this.report = report;
    this.version = report.version();
  }

  List<String> lines() {
    lines.add("==== COMPUTATION OF A NEW PARTITION ASSIGNATION ====");
    lines.add("");
    addReplication();
    addCapacity();
    addWarnings();
    addTransfer();
    for (ZoneReport zone : report.zones()) {
      rows(zone);
    }
    lines.addAll(TextTable.format(table));
    return List.copyOf(lines);
  }

  private void addReplication() {
    int zones = version.zonesRequired();
    String nodes = copies() == 1 ? "1 node" : copies() + " nodes";
    String spread = zones == 1 ? "" : ", in at least " + zones + " zones";
    lines.add("Each partition is kept on " + nodes + spread + ".");
    lines.add("");
  }

  private void addCapacity() {
    @Nullable LayoutVersion previous = report.previous();
    String before =
        previous == null ? "" : " (" + previous.partitionSize().decimal() + " in previous layout)";
    String usable = version.usableCapacity().decimal();
    String total = version.totalCapacity().decimal();
    String effective = "Effective capacity (replication factor %d):".formatted(copies());
    lines.addAll(
        TextTable.format(
            List.of(
                List.of("Optimal partition size:", version.partitionSize().decimal() + before),
                List.of(
                    "Usable capacity / total cluster capacity:",
                    usable + " / " + total + " " + percent(report.usableShare())),
                List.of(effective, report.effectiveCapacity().decimal()))));
    lines.add("");
  }

  private void addWarnings() {
    if (version.partitionSize().bytes() < PARTITION_BYTES_PLAUSIBLE) {
      lines.add("WARNING: partitions are very small; do the capacities lack a unit, such as G?");
      lines.add("");
    }
    if (report.usableShare() < SHARE_EXPLAINED) {
      lines.add("Less than 80% of the total capacity can be used.");
      lines.addAll(report.limits());
      lines.add("");
    }
  }

  private void addTransfer() {
    int copies = report.copiesToTransfer();
    lines.add(
        report.previous() == null
            ? "This is the first layout: there is nothing to transfer."
            : "Copies of partitions to transfer: %d of %d."
                .formatted(copies, Partition.COUNT * copies()));
    lines.add("");
  }

  private void rows(ZoneReport zone) {
    if (!table.isEmpty()) {
      table.add(List.of());
    }
    table.add(List.of(zone.zone().name(), "Tags", "Partitions", "Capacity", "Usable capacity"));
    for (NodeReport node : zone.nodes()) {
      table.add(
          List.of(
              "  " + node.node().shortHex(),
              node.role().tagsText(),
              node.partitions() + " (" + node.newPartitions() + " new)",
              node.role().capacityText(),
              usable(node.usableCapacity(), new ByteSize(node.role().capacityBytes()))));
    }
    table.add(
        List.of(
            "  TOTAL",
            "",
            zone.partitions() + " (" + zone.uniquePartitions() + " unique)",
            zone.capacity().decimal(),
            usable(zone.usableCapacity(), zone.capacity())));
  }

  private int copies() {
    return version.replication().copies();
  }

  private static String usable(ByteSize usable, ByteSize capacity) {
    return usable.decimal() + " " + percent(AssignmentReport.share(usable, capacity));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "(%.1f%%)", 100 * share);
  }
}
