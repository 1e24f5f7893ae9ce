package garage.layout;

import garage.common.codec.Codec;
import garage.common.error.GarageException;

/**
 * How far the change to a layout version has come, in order: the new nodes are filled, then the old
 * and the new sets count together, then the new one alone.
 */
public enum LayoutPhase {
  /** The new set receives rows and writes; only the old set counts. */
  COPY(1),
  /** Every operation needs a quorum in the old set and one in the new. */
  JOINT(2),
  /** The version's set counts alone. */
  STABLE(3);

  public static final Codec<LayoutPhase> CODEC =
      Codec.of((out, phase) -> out.u8(phase.number), in -> ofNumber(in.u8()));

  private final int number;

  LayoutPhase(int number) {
    this.number = number;
  }

  private static LayoutPhase ofNumber(int number) {
    for (LayoutPhase phase : values()) {
      if (phase.number == number) {
        return phase;
      }
    }
    throw new GarageException.Corrupt("not a layout phase: " + number);
  }
}
