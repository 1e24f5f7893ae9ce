package garage.block.disk;

import garage.common.id.Hash;
import java.util.HexFormat;

/** The names of files: {@code <byte 0>/<byte 1>/<64 digits>}, in lower-case hex. */
final class BlockPath {
  /** Directories that hold blocks. */
  static final int LEAVES = 1 << 16;

  private static final String TEMPORARY = ".tmp";
  private static final String CORRUPTED = ".corrupted";

  private BlockPath() {}

  /** The number of the directory of {@code hash}, its first two bytes. */
  static int leafOf(Hash hash) {
    return (int) (hash.value().first() >>> 48);
  }

  /** The directory of a number. */
  static String leaf(int number) {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits((byte) (number >> 8)) + "/" + hex.toHexDigits((byte) number);
  }

  /** The directory that holds the leaves {@code 256 * upper} and so on. */
  static String upper(int upper) {
    return HexFormat.of().toHexDigits((byte) upper);
  }

  static String block(Hash hash) {
    return leaf(leafOf(hash)) + "/" + hash;
  }

  /** Only one task writes a block at a time, so one temporary name is enough. */
  static String temporary(Hash hash) {
    return block(hash) + TEMPORARY;
  }

  static String corrupted(Hash hash) {
    return block(hash) + CORRUPTED;
  }

  /** What a name in the directory of that number is. */
  static FoundFile classify(int leaf, String name) {
    String hex = name.length() < 64 ? "" : name.substring(0, 64);
    if (!hex.matches("[0-9a-f]{64}") || leafOf(Hash.parse(hex)) != leaf) {
      return new FoundFile.Foreign(name);
    }
    Hash hash = Hash.parse(hex);
    return switch (name.substring(64)) {
      case "" -> new FoundFile.Block(hash);
      case TEMPORARY -> new FoundFile.Temporary(hash);
      case CORRUPTED -> new FoundFile.Quarantined(hash);
      default -> new FoundFile.Foreign(name);
    };
  }
}
