package garage.http.sigv4;

import garage.common.id.Hash;
import garage.http.BodyStream;
import garage.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A request's body without aws-chunked framing. Reading throws {@link SignatureException} where it
 * is not what was signed or announced, besides the {@link garage.http.RequestFailure} of the body
 * beneath. Where {@link #length} is known, everything is verified before the last byte is handed
 * out, so a caller that has read that many bytes has a whole and true body. Where it is not, or is
 * zero, the body is true once a read has answered -1: a caller that believes a body reads so far.
 */
public abstract class Payload extends BodyStream {
  /** Bytes to come in all, or -1 if unknown. */
  public abstract long length();

  /** The fields sent after an aws-chunked body; known once the body was read whole. */
  public abstract Headers trailers();

  /** How the client protects the body. */
  public abstract PayloadMode mode();

  /**
   * Hands the duty to compare the body's hash over to the caller, who computes it anyway: from now
   * on this stream does not. Answers the hash that was signed, or null if there is none, and then
   * nothing changes.
   */
  public abstract @Nullable Hash takeHashDuty();
}
