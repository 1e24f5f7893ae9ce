package garage.s3api.call;

import garage.common.id.Hash;
import garage.http.Headers;
import garage.http.sigv4.Payload;
import garage.http.sigv4.PayloadMode;
import org.jspecify.annotations.Nullable;

/** A small body that may be looked at before it is read; used by one task. */
public final class PeekedPayload extends Payload {
  private final Payload source;
  private byte @Nullable [] bytes;
  private int at;

  public PeekedPayload(Payload source) {
    this.source = source;
  }

  /** The whole body, which stays to be read; null if it is longer than {@code max} bytes. */
  public byte @Nullable [] peek(int max) {
    if (bytes == null) {
      bytes = source.readAll(max);
    }
    return bytes;
  }

  @Override
  public int read(byte[] target, int offset, int wanted) {
    if (bytes == null) {
      return source.read(target, offset, wanted);
    }
    int left = bytes.length - at;
    if (left == 0) {
      return -1;
    }
    int n = Math.min(wanted, left);
    System.arraycopy(bytes, at, target, offset, n);
    at += n;
    return n;
  }

  @Override
  public long length() {
    return source.length();
  }

  @Override
  public Headers trailers() {
    return source.trailers();
  }

  @Override
  public PayloadMode mode() {
    return source.mode();
  }

  @Override
  public @Nullable Hash takeHashDuty() {
    return bytes == null ? source.takeHashDuty() : null;
  }
}
