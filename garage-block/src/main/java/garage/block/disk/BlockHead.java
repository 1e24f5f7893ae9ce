package garage.block.disk;

import garage.common.check.Invariant;
import garage.common.env.DiskFile;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.Hash;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The first bytes of a block file: what it holds and where each frame is. All numbers are
 * big-endian.
 *
 * <pre>
 *  0  magic "GBlk"            4
 *  4  format version          1   then three zero bytes
 *  8  CRC32C of bytes 0-7     4   the same in every version, so that a file of a later version is
 *                                 told from a damaged one and not thrown away
 * 12  plain length            4
 * 16  plain bytes of a frame  4   the last frame may be shorter
 * 20  SHA-256 of the plain   32
 * 52  for each frame:
 *       stored length         4   the top bit set if it is a zstd frame
 *       CRC32C as stored      4
 *     CRC32C of the above     4
 *     the frames, one after the other, up to the end of the file
 * </pre>
 *
 * A damaged bit is found wherever it is: in the head by the head's checksum, in a frame by the
 * frame's; the length of the file is the sum of its parts. Because the frames' checksums are in the
 * head, and the address too, a frame or a file in another's place is found as well.
 */
final class BlockHead {
  /** Plain bytes of a frame: what a ranged read costs at least, and a unit zstd does well with. */
  static final int FRAME_BYTES = 64 * 1024;

  /** The largest block; half of the largest message between nodes. */
  static final int PLAIN_BYTES_MAX = 16 << 20;

  private static final int MAGIC = 0x47426c6b;
  private static final int VERSION = 1;
  private static final int PREFIX_BYTES = 12;
  private static final int FIXED_BYTES = 52;
  private static final int FRAME_ENTRY_BYTES = 8;
  private static final int CRC_BYTES = 4;
  private static final int FRAME_BYTES_MAX = 1 << 20;
  private static final int COMPRESSED = 1 << 31;

  /** Read at first: the whole head of a block of up to 7 MiB. */
  private static final int FIRST_READ_BYTES = 1024;

  private final Hash hash;
  private final int plainLength;
  private final int frameBytes;
  private final int[] stored;
  private final int[] crcs;

  /** A head whose frames are still to be {@link #set}. */
  BlockHead(Hash hash, int plainLength, int frameBytes) {
    Invariant.check(
        plainLength > 0 && plainLength <= PLAIN_BYTES_MAX, "a block's length", plainLength);
    Invariant.check(frameBytes > 0 && frameBytes <= FRAME_BYTES_MAX, "a frame's length");
    this.hash = hash;
    this.plainLength = plainLength;
    this.frameBytes = frameBytes;
    int frames = (plainLength + frameBytes - 1) / frameBytes;
    this.stored = new int[frames];
    this.crcs = new int[frames];
  }

  /** Records how frame {@code i} is stored. */
  void set(int i, boolean compressed, int length, int crc) {
    stored[i] = length | (compressed ? COMPRESSED : 0);
    crcs[i] = crc;
  }

  int plainLength() {
    return plainLength;
  }

  int frameBytes() {
    return frameBytes;
  }

  int frames() {
    return stored.length;
  }

  /** The plain bytes of frame {@code i}. */
  int plainLength(int i) {
    return Math.min(frameBytes, plainLength - i * frameBytes);
  }

  boolean compressed(int i) {
    return stored[i] < 0;
  }

  int storedLength(int i) {
    return stored[i] & ~COMPRESSED;
  }

  int crc(int i) {
    return crcs[i];
  }

  /** Where frame {@code i} begins in the file; {@code frames()} gives the file's length. */
  long position(int i) {
    long at = length();
    for (int f = 0; f < i; f++) {
      at += storedLength(f);
    }
    return at;
  }

  /** The head's own length. */
  int length() {
    return FIXED_BYTES + FRAME_ENTRY_BYTES * stored.length + CRC_BYTES;
  }

  ByteBuffer encode() {
    ByteBuffer out = ByteBuffer.allocate(length());
    out.putInt(MAGIC).putInt(VERSION << 24).putInt(crc(out, 0, 8));
    out.putInt(plainLength).putInt(frameBytes).put(hash.toBytes());
    for (int i = 0; i < stored.length; i++) {
      out.putInt(stored[i]).putInt(crcs[i]);
    }
    return out.putInt(crc(out, 0, out.position())).flip();
  }

  /**
   * Reads the head of the file that should hold {@code hash}.
   *
   * @throws GarageException.Corrupt if it is damaged, or another block's
   * @throws GarageException.Conflict if it is whole but of a later version of this program
   */
  static BlockHead read(DiskFile file, Hash hash) {
    long size = file.size();
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(size, FIRST_READ_BYTES));
    file.read(0, bytes);
    checkPrefix(bytes.flip());
    BlockHead head = sized(bytes, hash);
    if (head.length() > bytes.limit()) {
      ByteBuffer all = ByteBuffer.allocate((int) Math.min(size, head.length()));
      file.read(0, all);
      bytes = all.flip();
    }
    head.decodeFrames(bytes);
    if (head.position(head.frames()) != size) {
      throw new GarageException.Corrupt("the file has " + size + " bytes, not what its head says");
    }
    return head;
  }

  private static void checkPrefix(ByteBuffer bytes) {
    if (bytes.limit() < FIXED_BYTES || bytes.getInt(8) != crc(bytes, 0, 8)) {
      throw new GarageException.Corrupt("the head's first bytes are damaged");
    }
    if (bytes.getInt(0) != MAGIC) {
      throw new GarageException.Corrupt("not a block file");
    }
    int version = bytes.get(4);
    if (version != VERSION) {
      throw new GarageException.Conflict(
          "a block file of format version " + version + ", which is of a later program");
    }
  }

  /** A head of the right size, or too large; nothing in it is trusted before the checksum. */
  private static BlockHead sized(ByteBuffer bytes, Hash expected) {
    int plainLength = bytes.getInt(PREFIX_BYTES);
    int frameBytes = bytes.getInt(PREFIX_BYTES + 4);
    byte[] hash = new byte[Bytes32.LENGTH];
    bytes.get(PREFIX_BYTES + 8, hash);
    if (plainLength <= 0
        || plainLength > PLAIN_BYTES_MAX
        || frameBytes <= 0
        || frameBytes > FRAME_BYTES_MAX
        || !Hash.of(hash).equals(expected)) {
      throw new GarageException.Corrupt("the head is damaged or another block's");
    }
    return new BlockHead(expected, plainLength, frameBytes);
  }

  private void decodeFrames(ByteBuffer bytes) {
    int end = length() - CRC_BYTES;
    if (bytes.limit() < length() || bytes.getInt(end) != crc(bytes, 0, end)) {
      throw new GarageException.Corrupt("the head is damaged");
    }
    for (int i = 0; i < stored.length; i++) {
      stored[i] = bytes.getInt(FIXED_BYTES + FRAME_ENTRY_BYTES * i);
      crcs[i] = bytes.getInt(FIXED_BYTES + FRAME_ENTRY_BYTES * i + 4);
      int length = storedLength(i);
      int plain = plainLength(i);
      if (length == 0 || length > plain || (!compressed(i) && length != plain)) {
        throw new GarageException.Corrupt("a frame of impossible length " + length);
      }
    }
  }

  /** The CRC32C of the bytes {@code [from, to)} of {@code bytes}. */
  static int crc(ByteBuffer bytes, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate().limit(to).position(from));
    return (int) crc.getValue();
  }
}
