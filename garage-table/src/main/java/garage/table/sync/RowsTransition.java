package garage.table.sync;

import garage.common.id.NodeId;
import garage.layout.Epoch;
import garage.layout.LayoutPhase;
import garage.layout.Partition;
import garage.rpc.membership.TransitionPart;
import garage.table.replication.Replicas;
import java.util.List;
import java.util.Set;

/**
 * The rows of CRDT tables on their way to the nodes of a new layout. In COPY they are taken from
 * some old replica, which is a beginning; in JOINT they are taken from as many old replicas, all of
 * which refuse writes of the epochs before, as meet every write that was acknowledged in those.
 */
public final class RowsTransition implements TransitionPart {
  private final String name;
  private final boolean everywhere;
  private final List<RowSync> tables;
  private final AntiEntropy worker;
  private final NodeId self;

  /** {@code everywhere}: these are tables of which every node has a copy. */
  public RowsTransition(
      String name, boolean everywhere, List<RowSync> tables, AntiEntropy worker, NodeId self) {
    this.name = name;
    this.everywhere = everywhere;
    this.tables = List.copyOf(tables);
    this.worker = worker;
    this.self = self;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean everywhere() {
    return everywhere;
  }

  @Override
  public boolean ready(Epoch epoch, Partition partition) {
    return !epoch.isStable() && tables.stream().allMatch(table -> ready(table, epoch, partition));
  }

  @Override
  public long remaining() {
    return worker.queueLength();
  }

  @Override
  public long done() {
    return worker.done();
  }

  private boolean ready(RowSync table, Epoch epoch, Partition partition) {
    Replicas replicas = table.placement().replicas(partition);
    if (replicas.epoch() != epoch.number()) {
      return false;
    }
    Replicas.Counting old = replicas.counting().getFirst();
    Set<NodeId> equal = table.equalTo(epoch.number(), partition);
    long met =
        old.nodes().stream().filter(node -> node.equals(self) || equal.contains(node)).count();
    return met >= (epoch.phase() == LayoutPhase.COPY ? 1 : meetsEveryWrite(old));
  }

  /** A majority, or fewer where writes need more than one; never so many that one may not fail. */
  private static int meetsEveryWrite(Replicas.Counting old) {
    int size = old.nodes().size();
    return Math.min(size - old.write() + 1, size / 2 + 1);
  }
}
