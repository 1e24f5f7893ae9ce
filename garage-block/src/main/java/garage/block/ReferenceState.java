package garage.block;

import garage.common.crdt.Crdt;
import garage.common.error.GarageException;

/**
 * What a replica knows of one reference, in the order of a reference's life: it never goes back. So
 * a release that a replica missed reaches it, and an addition that comes late changes nothing.
 */
enum ReferenceState implements Crdt<ReferenceState> {
  /** Nothing is known of it; no row. */
  ABSENT(0),
  /** The block is needed. */
  PRESENT(1),
  /** The block was needed. */
  RELEASED(2);

  private final byte code;

  ReferenceState(int code) {
    this.code = (byte) code;
  }

  @Override
  public ReferenceState merge(ReferenceState other) {
    return compareTo(other) >= 0 ? this : other;
  }

  /** The byte it is stored and sent as. */
  byte code() {
    return code;
  }

  static ReferenceState ofCode(int code) {
    for (ReferenceState state : values()) {
      if (state.code == code) {
        return state;
      }
    }
    throw new GarageException.Corrupt("not the state of a reference: " + code);
  }
}
