package garage.admin.api;

/** What can be repaired; not every node offers all of it. */
public sealed interface RepairType {
  /** Compares every table with the other replicas' now. */
  record Tables() implements RepairType {}

  /** Looks whether every block that is referred to is there, and fetches those that are not. */
  record Blocks() implements RepairType {}

  /** Gives back the data of versions that no object has any more. */
  record Versions() implements RepairType {}

  /** Gives back the data of uploads that are no more. */
  record MultipartUploads() implements RepairType {}

  /** Drops references of blocks to data that is no more. */
  record BlockRefs() implements RepairType {}

  /** Counts the references of every block anew. */
  record BlockRc() implements RepairType {}

  /** Moves blocks to the data directory they belong into. */
  record Rebalance() implements RepairType {}

  /** Looks for names and permissions of buckets that contradict each other. */
  record Aliases() implements RepairType {}

  /** Verifies every byte of every block. */
  record Scrub(ScrubCommand scrub) implements RepairType {}

  /** What the scrub is to do. */
  sealed interface ScrubCommand {
    /** Begins now. */
    record Start() implements ScrubCommand {}

    /** Stops for a day. */
    record Pause() implements ScrubCommand {}

    /** Goes on. */
    record Resume() implements ScrubCommand {}

    /** Ends. */
    record Cancel() implements ScrubCommand {}
  }
}
