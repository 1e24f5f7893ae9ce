package garage.common.env;

import garage.common.check.Invariant;
import java.nio.ByteBuffer;

/** Writes through a {@link DiskFile}, each piece as it comes. */
final class PositionalWriter implements DiskWriter {
  private final DiskFile file;
  private final int headBytes;
  private final boolean durable;
  private long position;

  PositionalWriter(DiskFile file, int headBytes, boolean durable) {
    this.file = file;
    this.headBytes = headBytes;
    this.durable = durable;
    this.position = headBytes;
  }

  @Override
  public void append(ByteBuffer source) {
    int length = source.remaining();
    file.write(position, source);
    position += length;
  }

  @Override
  public void finish(ByteBuffer head) {
    Invariant.check(head.remaining() == headBytes, "the head fits", head.remaining());
    file.write(0, head);
    if (durable) {
      file.sync();
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
