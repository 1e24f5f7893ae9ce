package garage.simulator.cluster;

import garage.common.env.Clock;
import garage.http.BodyStream;
import garage.http.RequestFailure;
import garage.simulator.client.Request;
import java.util.Objects;

/** A request's body as it comes from a client, in pieces, and perhaps not whole. */
final class SlowBody extends BodyStream {
  private final byte[] bytes;
  private final Request.Sending sending;
  private final Clock clock;
  private int at;

  SlowBody(byte[] bytes, Request.Sending sending, Clock clock) {
    this.bytes = bytes;
    this.sending = sending;
    this.clock = clock;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    int end = sending.breakAt() < 0 ? bytes.length : Math.min(bytes.length, sending.breakAt());
    if (at > 0 && !sending.pause().isZero()) {
      clock.sleep(sending.pause());
    }
    if (at == end && end < bytes.length) {
      throw new RequestFailure.ClientGone("the client broke off after " + end + " bytes");
    }
    if (at == bytes.length) {
      return -1;
    }
    int n = Math.min(Math.min(length, sending.pieceBytes()), end - at);
    System.arraycopy(bytes, at, target, offset, n);
    at += n;
    return n;
  }
}
