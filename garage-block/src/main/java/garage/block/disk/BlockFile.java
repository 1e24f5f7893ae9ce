package garage.block.disk;

import garage.common.env.DiskFile;
import garage.common.env.DiskWriter;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/** Writes and reads the frames of one block file; its form is described at {@link BlockHead}. */
final class BlockFile {
  private BlockFile() {}

  /** What {@link #write} needs to know of a block before it writes it. */
  static BlockHead head(Hash hash, int plainLength) {
    return new BlockHead(hash, plainLength, BlockHead.FRAME_BYTES);
  }

  /**
   * Makes a file of {@code plain}, compressed if there is a level; {@code head} is its new head.
   */
  static void write(
      DiskWriter file, BlockHead head, ByteBuffer plain, OptionalInt level, FrameCodecs codecs) {
    if (level.isPresent()) {
      FrameCodec codec = codecs.take();
      try {
        new FrameWriter(file, head, codec, level.getAsInt()).write(plain);
      } finally {
        codecs.give(codec);
      }
    } else {
      for (int i = 0; i < head.frames(); i++) {
        int length = head.plainLength(i);
        int from = plain.position() + i * head.frameBytes();
        head.set(i, false, length, BlockHead.crc(plain, from, from + length));
      }
      file.append(plain.duplicate());
    }
    file.finish(head.encode());
  }

  /** Gives the plain bytes of {@code range} to {@code sink}, each verified by its frame's CRC. */
  static void read(DiskFile file, BlockHead head, Range range, BlockSink sink, FrameCodecs codecs) {
    if (range.to() > head.plainLength()) {
      throw new GarageException.InvalidInput(
          "bytes up to " + range.to() + " of a block of " + head.plainLength());
    }
    new FrameReader(file, head, codecs).read(range, sink);
  }

  /** A range of plain bytes, not empty. */
  record Range(int from, int to) {
    Range {
      if (from < 0 || to <= from) {
        throw new GarageException.InvalidInput("not a range of a block: " + from + " to " + to);
      }
    }
  }
}
