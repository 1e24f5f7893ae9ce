package garage.simulator.fault;

/**
 * Something that goes wrong for a while. Machines are numbered from 0. Why recovery must succeed
 * under each is in docs/design/simulation.md.
 */
public sealed interface Fault {
  /** The process dies, or the machine loses its power and what was not synced. */
  record Crash(int machine, boolean power) implements Fault {}

  /** All machines at once. */
  record CrashAll(boolean power) implements Fault {}

  /** The process is told to stop, and started again. */
  record Restart(int machine) implements Fault {}

  /** The process stands still, and goes on. */
  record Freeze(int machine) implements Fault {}

  /** The machines of {@code side}, a set of bits, and the others do not reach each other. */
  record Partition(int side) implements Fault {}

  /** One direction between two machines is blocked. */
  record OneWay(int from, int to) implements Fault {}

  /** The connections between two machines break, and what is under way is lost. */
  record Cut(int machine, int other) implements Fault {}

  /** Links are slow, stall and are reset. */
  record BadLinks(int delayMillis, double stalls, double resets) implements Fault {}

  /** Reads, writes and syncs of the blocks' disk fail now and then. */
  record DiskErrors(int machine, double reads, double writes, double syncs) implements Fault {}

  /** Neither the blocks' disk nor the metadata's has space. */
  record DiskFull(int machine) implements Fault {}

  /** A bit of a block's file flips. */
  record Rot(int machine, int file) implements Fault {}

  /** A block's file cannot be read any more. */
  record BadSector(int machine, int file) implements Fault {}

  /** What was to be written to one block's file is written to another's. */
  record Misdirected(int machine, int from, int to) implements Fault {}

  /** The process dies, and comes back with an empty disk for blocks. */
  record WipedBlocks(int machine) implements Fault {}

  /** An operator gives a role to the machines of {@code members}, a set of bits, and no others. */
  record Relayout(int members, int copies) implements Fault {}

  /** A machine is lost for ever, and an operator puts another in its place. */
  record Replace(int machine, int members, int copies) implements Fault {}

  /** The wall clock is set. */
  record ClockJump(int machine, int millis) implements Fault {}

  /** The wall clock is set, and set right again. */
  record ClockWrong(int machine, int millis) implements Fault {}

  /** The wall clock runs fast or slow. */
  record ClockDrift(int machine, int partsPerMillion) implements Fault {}

  /** An operator has a node look for something that is not as it should be, and mend it. */
  record Repair(int machine, String what) implements Fault {}

  /** An operator has a copy of a node's metadata taken. */
  record Snapshot(int machine) implements Fault {}

  /** An operator looks at everything there is to see. */
  record Look(int machine) implements Fault {}

  /** An operator makes keys, buckets, names and tokens, and takes them away again. */
  record Manage(int machine, int other, int number) implements Fault {}

  /** Every process in turn is told to stop, and started again, as when a new version comes. */
  record Upgrade() implements Fault {}

  /** A process is started again with so many directories for blocks, which are then filled. */
  record Directories(int machine, int count, boolean lastReadOnly) implements Fault {}

  /** A write of the metadata fails, and all after it, until the process is started again. */
  record MetadataErrors(int machine, boolean kept) implements Fault {}

  /** The only copy of a block is lost, and an operator deletes what needs it. */
  record LostBlock(int machine, int file) implements Fault {}

  /** Whether a disk may refuse something, other than for want of space. */
  default boolean isOfADisk() {
    return this instanceof DiskErrors
        || this instanceof BadSector
        || this instanceof MetadataErrors
        || this instanceof LostBlock;
  }

  /** Its name, for counting. */
  default String kind() {
    return getClass().getSimpleName();
  }
}
