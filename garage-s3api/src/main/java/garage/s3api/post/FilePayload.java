package garage.s3api.post;

import garage.common.id.Hash;
import garage.http.Headers;
import garage.http.sigv4.Payload;
import garage.http.sigv4.PayloadMode;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import org.jspecify.annotations.Nullable;

/** The file of a form, whose length is known at its end only; it must be what was allowed. */
final class FilePayload extends Payload {
  private final FormReader form;
  private final PostPolicy.FileSize allowed;
  private long count;

  FilePayload(FormReader form, PostPolicy.FileSize allowed) {
    this.form = form;
    this.allowed = allowed;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) {
    int n = form.read(bytes, offset, length);
    if (n < 0) {
      if (count < allowed.min()) {
        throw S3Error.of(S3ErrorCode.ENTITY_TOO_SMALL)
            .with("ProposedSize", Long.toString(count))
            .with("MinSizeAllowed", Long.toString(allowed.min()))
            .exception();
      }
      return n;
    }
    count += n;
    if (count > allowed.max()) {
      throw S3Error.of(S3ErrorCode.ENTITY_TOO_LARGE)
          .with("ProposedSize", Long.toString(count))
          .with("MaxSizeAllowed", Long.toString(allowed.max()))
          .exception();
    }
    return n;
  }

  @Override
  public long length() {
    return -1;
  }

  @Override
  public Headers trailers() {
    return Headers.EMPTY;
  }

  @Override
  public PayloadMode mode() {
    return new PayloadMode.Unsigned();
  }

  @Override
  public @Nullable Hash takeHashDuty() {
    return null;
  }
}
