package garage.s3api.object;

import garage.common.id.Hash;
import garage.http.Headers;
import garage.http.sigv4.Payload;
import garage.http.sigv4.PayloadMode;
import org.jspecify.annotations.Nullable;

/** A body whose first bytes were read already. */
final class RejoinedPayload extends Payload {
  private final byte[] start;
  private final Payload rest;
  private int at;

  RejoinedPayload(byte[] start, Payload rest) {
    this.start = start;
    this.rest = rest;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) {
    if (at == start.length) {
      return rest.read(bytes, offset, length);
    }
    int n = Math.min(length, start.length - at);
    System.arraycopy(start, at, bytes, offset, n);
    at += n;
    return n;
  }

  @Override
  public long length() {
    return rest.length();
  }

  @Override
  public Headers trailers() {
    return rest.trailers();
  }

  @Override
  public PayloadMode mode() {
    return rest.mode();
  }

  @Override
  public @Nullable Hash takeHashDuty() {
    return null; // it is compared where the bytes come from
  }
}
