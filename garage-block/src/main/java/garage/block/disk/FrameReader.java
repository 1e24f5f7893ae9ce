package garage.block.disk;

import garage.common.env.DiskFile;
import garage.common.error.GarageException;
import java.nio.ByteBuffer;

/** Reads and verifies frames of one block file into the memory of a sink. */
final class FrameReader {
  /** Frames handed over together: 128 KiB, large enough that handing over costs little. */
  private static final int RUN_FRAMES = 2;

  private final DiskFile file;
  private final BlockHead head;
  private final FrameCodecs codecs;

  FrameReader(DiskFile file, BlockHead head, FrameCodecs codecs) {
    this.file = file;
    this.head = head;
    this.codecs = codecs;
  }

  void read(BlockFile.Range range, BlockSink sink) {
    int end = (range.to() + head.frameBytes() - 1) / head.frameBytes();
    for (int i = range.from() / head.frameBytes(); i < end; i += RUN_FRAMES) {
      readRun(range, i, Math.min(end, i + RUN_FRAMES), sink);
    }
  }

  private void readRun(BlockFile.Range range, int first, int end, BlockSink sink) {
    int start = first * head.frameBytes();
    int stop = (end - 1) * head.frameBytes() + head.plainLength(end - 1);
    ByteBuffer buffer = sink.buffer(stop - start);
    int base = buffer.position();
    int at = base;
    for (int i = first; i < end; i++) {
      readFrame(i, buffer.duplicate().limit(at + head.plainLength(i)).position(at));
      at += head.plainLength(i);
    }
    buffer.limit(base + Math.min(range.to(), stop) - start);
    buffer.position(base + Math.max(range.from(), start) - start);
    sink.accept(buffer);
  }

  private void readFrame(int i, ByteBuffer target) {
    if (head.compressed(i)) {
      readCompressed(i, target);
    } else {
      int from = target.position();
      file.read(head.position(i), target);
      check(i, BlockHead.crc(target, from, target.limit()));
    }
  }

  private void readCompressed(int i, ByteBuffer target) {
    FrameCodec codec = codecs.take();
    try {
      int length = head.storedLength(i);
      ByteBuffer stored = codec.scratch(length);
      file.read(head.position(i), stored);
      check(i, BlockHead.crc(stored, 0, length));
      codec.decompress(length, target);
    } finally {
      codecs.give(codec);
    }
  }

  private void check(int i, int crc) {
    if (crc != head.crc(i)) {
      throw new GarageException.Corrupt("frame " + i + " is damaged");
    }
  }
}
