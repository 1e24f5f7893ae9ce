package garage.layout;

import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Up to which version of the layout one node has held each partition without a break. What it holds
 * of one that was given to others in between is stale: it may be of a time before they deleted it
 * and forgot that they had. Used by one task at a time.
 */
public final class Tenures {
  private final Holding holding;
  private final long[] until = new long[Partition.COUNT];

  /**
   * What is held.
   *
   * @param partitions those there are
   * @param holds whether the node holds a partition in a version
   * @param isEmpty whether the node has nothing of a partition
   */
  public record Holding(
      List<Partition> partitions,
      BiPredicate<LayoutVersion, Partition> holds,
      Predicate<Partition> isEmpty) {}

  /** Is told which partition is held up to which version, where that has changed. */
  @FunctionalInterface
  public interface Keeper {
    void keep(Partition partition, long version);
  }

  /** Of a node that has held nothing yet. */
  public Tenures(Holding holding) {
    this.holding = holding;
  }

  /** What a keeper was told last. */
  public void restore(Partition partition, long version) {
    until[partition.number()] = version;
  }

  /** The node has nothing of {@code partition}: from now on it is held in the present version. */
  public void begin(Partition partition, LayoutHistory layout, Keeper keeper) {
    hold(partition, layout.current().number(), keeper);
  }

  /** The partitions that the node holds after a break, with something of the time before it. */
  public PartitionSet stale(LayoutHistory layout, Keeper keeper) {
    long current = layout.current().number();
    long upTo = layout.epoch().isStable() ? current : current - 1;
    PartitionSet mine =
        PartitionSet.of(p ->
            holding.partitions.contains(p)
                && layout.live().stream().anyMatch(v -> holding.holds.test(v, p)));
    PartitionSet left = PartitionSet.of(p -> mine.contains(p) && !isUnbroken(layout, p, upTo));
    PartitionSet stale = PartitionSet.of(p -> left.contains(p) && !holding.isEmpty.test(p));
    for (Partition partition : holding.partitions) {
      if (mine.contains(partition) && !stale.contains(partition)) {
        long held = left.contains(partition) ? current : upTo;
        hold(partition, Math.max(held, until[partition.number()]), keeper);
      }
    }
    return stale;
  }

  /** Of a version that is forgotten nobody knows: it is a break. */
  private boolean isUnbroken(LayoutHistory layout, Partition partition, long upTo) {
    for (long number = until[partition.number()] + 1; number <= upTo; number++) {
      long wanted = number;
      if (layout.versions().stream()
          .noneMatch(v -> v.number() == wanted && holding.holds.test(v, partition))) {
        return false;
      }
    }
    return true;
  }

  private void hold(Partition partition, long version, Keeper keeper) {
    if (until[partition.number()] != version) {
      keeper.keep(partition, version);
      until[partition.number()] = version;
    }
  }
}
