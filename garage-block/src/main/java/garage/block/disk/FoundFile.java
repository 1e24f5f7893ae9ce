package garage.block.disk;

import garage.common.id.Hash;

/** A file met when a directory of blocks is listed. */
public sealed interface FoundFile {
  /** A block. */
  record Block(Hash hash) implements FoundFile {}

  /** What is left of a write, or one under way. */
  record Temporary(Hash hash) implements FoundFile {}

  /** A damaged file that was put aside. */
  record Quarantined(Hash hash) implements FoundFile {}

  /** Not of this program. */
  record Foreign(String name) implements FoundFile {}
}
