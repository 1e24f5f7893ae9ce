package garage.server;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Disk;

/**
 * How many times this node has started, counted durably before anything is done with the number:
 * the part of every timestamp that makes it unlike those of earlier runs, whatever the clock says.
 */
final class BootCount {
  static final String FILE = "boot_count";
  private static final VersionedCodec<Integer> CODEC = VersionedCodec.first(Codec.VARINT32);

  /**
   * Starts between a snapshot and the return to it, at most: the node that goes back must not count
   * the same numbers again.
   */
  private static final int AHEAD = 1_000_000;

  private BootCount() {}

  /** Counts this start and returns its number, 1 for the first. */
  static int next(Disk metadata) {
    int boot = metadata.exists(FILE) ? CODEC.decode(metadata.readAll(FILE)) + 1 : 1;
    metadata.replace(FILE, CODEC.encode(boot));
    return boot;
  }

  /** The file as a snapshot has it. */
  static byte[] ahead(Disk metadata) {
    return CODEC.encode(CODEC.decode(metadata.readAll(FILE)) + AHEAD);
  }
}
