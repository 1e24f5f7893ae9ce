package garage.block.disk;

import garage.common.env.DiskWriter;
import java.nio.ByteBuffer;

/**
 * Writes the frames of one compressed block, few writes for many frames: compressed ones are
 * gathered in memory, and neighbours that stay plain are written from where they are.
 */
final class FrameWriter {
  private final DiskWriter file;
  private final BlockHead head;
  private final FrameCodec codec;
  private final int level;
  private final byte[] gathered;
  private int gatheredLength;

  FrameWriter(DiskWriter file, BlockHead head, FrameCodec codec, int level) {
    this.file = file;
    this.head = head;
    this.codec = codec;
    this.level = level;
    this.gathered = codec.gathered();
  }

  void write(ByteBuffer plain) {
    int plainFrom = 0; // the plain frames not written yet
    int plainTo = 0;
    for (int i = 0; i < head.frames(); i++) {
      int from = plain.position() + i * head.frameBytes();
      int to = from + head.plainLength(i);
      if (gatheredLength + head.plainLength(i) > gathered.length) {
        flush();
      }
      int length =
          codec.compress(
              plain.duplicate().limit(to).position(from), gathered, gatheredLength, level);
      if (length > 0) {
        writePlain(plain, plainFrom, plainTo);
        plainFrom = plainTo = 0;
        gather(i, length);
      } else {
        flush();
        head.set(i, false, to - from, BlockHead.crc(plain, from, to));
        plainFrom = plainFrom == plainTo ? from : plainFrom;
        plainTo = to;
      }
    }
    writePlain(plain, plainFrom, plainTo);
    flush();
  }

  private void gather(int i, int length) {
    int end = gatheredLength + length;
    head.set(i, true, length, BlockHead.crc(ByteBuffer.wrap(gathered), gatheredLength, end));
    gatheredLength = end;
  }

  private void flush() {
    if (gatheredLength == 0) {
      return;
    }
    file.append(ByteBuffer.wrap(gathered, 0, gatheredLength));
    gatheredLength = 0;
  }

  private void writePlain(ByteBuffer plain, int from, int to) {
    if (from < to) {
      file.append(plain.duplicate().limit(to).position(from));
    }
  }
}
