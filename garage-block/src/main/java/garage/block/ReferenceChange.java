package garage.block;

/**
 * What adding or taking back one reference does, given whether its row is there. Pure; each is a
 * function of the row alone, so the counts need no reading and concurrent changes of other rows of
 * the same block no order.
 *
 * @param delta what is added to the block's count
 * @param queued whether the collector must look at the block, because its last reference may have
 *     gone
 */
record ReferenceChange(Row row, int delta, boolean queued) {
  /** What happens to the row. */
  enum Row {
    UNCHANGED,
    PUT,
    DELETE
  }

  private static final ReferenceChange NONE = new ReferenceChange(Row.UNCHANGED, 0, false);

  static ReferenceChange adding(boolean present) {
    return present ? NONE : new ReferenceChange(Row.PUT, 1, false);
  }

  static ReferenceChange releasing(boolean present) {
    return present ? new ReferenceChange(Row.DELETE, -1, true) : NONE;
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
