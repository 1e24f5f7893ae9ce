package garage.block.disk;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Keeps what it is given; its buffers are heap or direct, larger than asked and used from 3 on. */
public final class CollectingSink implements BlockSink {
  private final boolean direct;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<Integer> asked = new ArrayList<>();

  public CollectingSink(boolean direct) {
    this.direct = direct;
  }

  @Override
  public ByteBuffer buffer(int bytes) {
    asked.add(bytes);
    int capacity = bytes + 10;
    return (direct ? ByteBuffer.allocateDirect(capacity) : ByteBuffer.allocate(capacity))
        .position(3);
  }

  @Override
  public void accept(ByteBuffer bytes) {
    byte[] taken = new byte[bytes.remaining()];
    bytes.get(taken);
    out.writeBytes(taken);
  }

  /** Everything so far. */
  public byte[] bytes() {
    return out.toByteArray();
  }

  /** The sizes of the buffers it was asked for. */
  public List<Integer> asked() {
    return asked;
  }
}
