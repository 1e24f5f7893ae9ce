package garage.admin;

import garage.common.env.Disk;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.common.text.TextTable;
import garage.layout.LayoutVersion;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.rpc.membership.NodeStatus;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the storage nodes of a layout have left, as text. The room for data of the cluster is that
 * of the node which is full first: every partition grows at the same rate, so a node that holds
 * {@code n} of the partitions has room for {@code 256 / n} of its free space.
 */
final class ClusterStatistics {
  private static final int SHORT_ID = 16;

  private final LayoutVersion layout;
  private final Function<NodeId, @Nullable NodeStatus> statuses;

  /** {@code statuses} is what each node said of itself last; null if it never did. */
  ClusterStatistics(LayoutVersion layout, Function<NodeId, @Nullable NodeStatus> statuses) {
    this.layout = layout;
    this.statuses = statuses;
  }

  String text() {
    TextTable table =
        new TextTable()
            .row("  ID", "Hostname", "Zone", "Capacity", "Part.", "DataAvail", "MetaAvail");
    for (NodeId node : layout.storageNodes()) {
      NodeRole role = layout.role(node).orElseThrow();
      NodeStatus status = statuses.apply(node);
      ByteSize capacity = role.capacity();
      table.row(
          "  " + node.toString().substring(0, SHORT_ID),
          status == null ? "?" : status.hostname(),
          role.zone().name(),
          capacity == null ? "" : capacity.decimal(),
          Integer.toString(layout.partitionCount(node)),
          status == null ? "?" : share(status.data()),
          status == null ? "?" : share(status.metadata()));
    }
    return "Storage nodes:\n"
        + table
        + "\nEstimated available storage space cluster-wide (might be lower in practice):\n"
        + new TextTable()
            .row("  data:", room(status -> status.data().available()))
            .row("  metadata:", room(status -> status.metadata().available()));
  }

  private String room(ToLongFunction<NodeStatus> available) {
    double least = Double.MAX_VALUE;
    boolean unknown = false;
    for (NodeId node : layout.storageNodes()) {
      NodeStatus status = statuses.apply(node);
      int held = layout.partitionCount(node);
      if (status == null) {
        unknown = true;
      } else if (held > 0) {
        least = Math.min(least, (double) available.applyAsLong(status) * Partition.COUNT / held);
      }
    }
    if (least == Double.MAX_VALUE) {
      return "unknown";
    }
    return (unknown ? "< " : "") + new ByteSize((long) least).decimal();
  }

  private static String share(Disk.Space space) {
    double percent = space.total() == 0 ? 0 : 100.0 * space.available() / space.total();
    return String.format(
        Locale.ROOT,
        "%s/%s (%.1f%%)",
        new ByteSize(space.available()).decimal(),
        new ByteSize(space.total()).decimal(),
        percent);
  }
}
