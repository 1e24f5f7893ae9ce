package garage.http.sigv4;

import garage.common.hash.Digests;
import garage.common.id.Hash;
import garage.http.BodyStream;
import garage.http.Headers;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** A body sent as it is, whose hash may be signed. */
final class PlainPayload extends Payload {
  private final BodyStream source;
  private final long length;
  private final PayloadMode mode;
  private @Nullable Hash signed;
  private @Nullable MessageDigest digest;
  private long count;

  PlainPayload(BodyStream source, long length, PayloadMode mode) {
    this.source = source;
    this.length = length;
    this.mode = mode;
    if (mode instanceof PayloadMode.Hashed hashed) {
      signed = hashed.sha256();
      digest = Digests.sha256();
      if (length == 0) {
        verify();
      }
    }
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public Headers trailers() {
    return Headers.EMPTY;
  }

  @Override
  public PayloadMode mode() {
    return mode;
  }

  @Override
  public @Nullable Hash takeHashDuty() {
    if (count > 0) {
      throw new IllegalStateException("the body has been read in part");
    }
    Hash taken = signed;
    digest = null;
    return taken;
  }

  @Override
  public int read(byte[] bytes, int offset, int wanted) {
    int n = source.read(bytes, offset, wanted);
    if (n < 0) {
      verify();
      return n;
    }
    count += n;
    if (digest != null) {
      digest.update(bytes, offset, n);
      if (count == length && n > 0) {
        verify();
      }
    }
    return n;
  }

  private void verify() {
    MessageDigest whole = digest;
    Hash expected = signed;
    if (whole == null || expected == null) {
      return;
    }
    digest = null;
    Hash actual = Hash.of(whole.digest());
    if (!actual.equals(expected)) {
      throw new SignatureException(
          new SignatureFailure.PayloadMismatch(expected.toString(), actual.toString()));
    }
  }
}
