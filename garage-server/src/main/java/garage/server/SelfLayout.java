package garage.server;

import garage.admin.LayoutControl;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Disk;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.layout.NodeRole;
import garage.layout.Zone;
import garage.layout.assign.LayoutPlanner;
import java.time.Duration;
import java.util.List;

/** Gives the whole layout to a node that is alone, if none was ever applied. */
final class SelfLayout {
  private static final Duration TIME_MAX = Duration.ofSeconds(30);

  private SelfLayout() {}

  /** Stages and applies version 1 with {@code node} in it, with the space it has as capacity. */
  static void applyIfNone(
      LayoutControl layout, NodeId node, HybridClock hybrid, Clock clock, Disk.Space space) {
    if (layout.history().current().number() > 0) {
      return;
    }
    long capacity = Math.max(NodeRole.CAPACITY_BYTES_MIN, space.available());
    NodeRole role =
        NodeRole.storage(
            new Zone("local"),
            new ByteSize(Math.min(capacity, NodeRole.CAPACITY_BYTES_MAX)),
            List.of());
    layout.update(
        history ->
            history.current().number() > 0
                ? history
                : LayoutPlanner.apply(history.stage(hybrid.now(), node, role), 1).history(),
        Deadline.after(clock, TIME_MAX));
  }
}
