package garage.layout;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import java.util.Comparator;

/**
 * A stage in the cluster's life that fences messages: epochs follow one another in the order {@code
 * STABLE(1), COPY(2), JOINT(2), STABLE(2), COPY(3), …}, and a node never goes back.
 *
 * @param layout the number of the layout version being reached, or reached
 */
public record Epoch(long layout, LayoutPhase phase) implements Comparable<Epoch> {
  /** Before any layout was applied. */
  public static final Epoch NONE = new Epoch(0, LayoutPhase.STABLE);

  public static final Codec<Epoch> CODEC =
      Codec.of(
          (out, epoch) -> out.varint(epoch.layout).value(epoch.phase, LayoutPhase.CODEC),
          in -> new Epoch(in.varint(), in.value(LayoutPhase.CODEC)));

  private static final Comparator<Epoch> ORDER =
      Comparator.comparingLong(Epoch::layout).thenComparing(Epoch::phase);

  public Epoch {
    Invariant.check(layout >= 0, "a layout number is never negative", layout);
  }

  /** The stage after this one within the same change of layout. */
  public Epoch next() {
    return switch (phase) {
      case COPY -> new Epoch(layout, LayoutPhase.JOINT);
      case JOINT -> new Epoch(layout, LayoutPhase.STABLE);
      case STABLE -> new Epoch(layout + 1, LayoutPhase.COPY);
    };
  }

  /** Whether one layout version alone counts. */
  public boolean isStable() {
    return phase == LayoutPhase.STABLE;
  }

  /** The place in the order of all epochs as one number: what messages carry. */
  public long number() {
    int place =
        switch (phase) {
          case COPY -> 0;
          case JOINT -> 1;
          case STABLE -> 2;
        };
    return layout * 3 + place;
  }

  /** The epoch of {@code number}. */
  public static Epoch ofNumber(long number) {
    LayoutPhase phase =
        switch ((int) (number % 3)) {
          case 0 -> LayoutPhase.COPY;
          case 1 -> LayoutPhase.JOINT;
          default -> LayoutPhase.STABLE;
        };
    return new Epoch(number / 3, phase);
  }

  /**
   * Whether the node sets of some layout version count in this epoch, in {@code other}, and in all
   * between.
   */
  public boolean sharesSetWith(Epoch other) {
    return oldestCounting() <= other.newestCounting() && other.oldestCounting() <= newestCounting();
  }

  private long oldestCounting() {
    return phase == LayoutPhase.STABLE ? layout : layout - 1;
  }

  private long newestCounting() {
    return phase == LayoutPhase.COPY ? layout - 1 : layout;
  }

  @Override
  public int compareTo(Epoch other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return phase + "(" + layout + ")";
  }
}
