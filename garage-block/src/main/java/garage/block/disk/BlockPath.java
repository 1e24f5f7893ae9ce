package garage.block.disk;

import garage.common.id.Hash;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The names of files: {@code <byte 0>/<64 digits>}, in lower-case hex. There are 256 directories,
 * all made before the first block. With a second level nearly every block of a young store makes a
 * directory, which costs more syncs than the block itself: measured on ext4 at 2 to 5 times fewer
 * blocks a second. A hundred million blocks make 400,000 names a directory, which today's file
 * systems hold in trees.
 */
final class BlockPath {
  /** Directories that hold blocks. */
  static final int LEAVES = 256;

  private static final String TEMPORARY = ".tmp";
  private static final String CORRUPTED = ".corrupted";

  private BlockPath() {}

  /** The number of the directory of {@code hash}, its first byte. */
  static int leafOf(Hash hash) {
    return hash.value().firstByte();
  }

  /** The directory of a number. */
  static String leaf(int number) {
    return HexFormat.of().toHexDigits((byte) number);
  }

  /** All directories of blocks. */
  static List<String> leaves() {
    return IntStream.range(0, LEAVES).mapToObj(BlockPath::leaf).toList();
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
