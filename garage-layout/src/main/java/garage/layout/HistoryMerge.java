package garage.layout;

/** The outcome of bringing two histories together. */
public sealed interface HistoryMerge {
  /** Everything both know; equal to one of them if the other knew nothing new. */
  record Merged(LayoutHistory history) implements HistoryMerge {}

  /**
   * Two versions with one number: changes were applied apart, on nodes that did not see each other.
   * Nothing was merged; the operator has to choose.
   */
  record Diverged(LayoutId mine, LayoutId theirs) implements HistoryMerge {
    /** For the log and the user. */
    public String message() {
      return "inconsistent layout histories: version %d was applied twice, as %s here and as %s there"
          .formatted(mine.number(), mine.content().shortHex(), theirs.content().shortHex());
    }
  }
}
