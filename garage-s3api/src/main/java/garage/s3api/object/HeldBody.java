package garage.s3api.object;

import garage.http.BodySink;
import garage.http.ResponseBody;
import java.nio.ByteBuffer;

/** A body in memory, and the room it takes until it was sent. */
final class HeldBody implements ResponseBody.Writer {
  private final ByteBuffer bytes;
  private final SmallBodies.Lease room;

  HeldBody(ByteBuffer bytes, SmallBodies.Lease room) {
    this.bytes = bytes;
    this.room = room;
  }

  @Override
  public void writeTo(BodySink sink) {
    try {
      sink.write(bytes.duplicate());
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    room.close();
  }
}
