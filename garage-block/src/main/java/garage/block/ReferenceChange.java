package garage.block;

/**
 * What a change of one reference does to all that is derived from it. Pure; each is a function of
 * the row alone, so the counts and sums need no reading and concurrent changes of other rows of the
 * same block no order.
 */
record ReferenceChange(ReferenceState before, ReferenceState after) {
  /** What bringing {@code other} to a replica that knows {@code known} does. */
  static ReferenceChange merging(ReferenceState known, ReferenceState other) {
    return new ReferenceChange(known, known.merge(other));
  }

  /** What forgetting does: a reference is forgotten only once it is released everywhere. */
  static ReferenceChange forgetting(ReferenceState known) {
    return new ReferenceChange(
        known, known == ReferenceState.RELEASED ? ReferenceState.ABSENT : known);
  }

  /** What giving up a row does that is other nodes' now. */
  static ReferenceChange removing(ReferenceState known) {
    return new ReferenceChange(known, ReferenceState.ABSENT);
  }

  /** Whether nothing happens. */
  boolean isNone() {
    return before == after;
  }

  /** What is added to the block's count. */
  int delta() {
    return needed(after) - needed(before);
  }

  private static int needed(ReferenceState state) {
    return state == ReferenceState.PRESENT ? 1 : 0;
  }

  /** Whether the collector must look at the block, because its last reference may have gone. */
  boolean queued() {
    return delta() < 0;
  }

  /** Whether there is a new tombstone, to be forgotten some day. */
  boolean buried() {
    return after == ReferenceState.RELEASED && before != after;
  }

  /** What the collector does with a block whose queue row has come due. */
  enum Verdict {
    /** Something refers to it again: forget the row. */
    KEEP,
    /** A later release put a later row, which will be met in its time: forget this one. */
    LATER,
    /** Nothing refers to it: the block goes, and all that is known of it. */
    DELETE
  }

  /**
   * Decides over a block.
   *
   * @param referenced whether it has a reference row
   * @param due when this queue row came due
   * @param latestDue when the latest one does, 0 if unknown
   */
  static Verdict verdict(boolean referenced, long due, long latestDue) {
    if (referenced) {
      return Verdict.KEEP;
    }
    return latestDue > due ? Verdict.LATER : Verdict.DELETE;
  }
}
