package garage.s3api.request;

import garage.s3api.error.S3Error;
import org.jspecify.annotations.Nullable;

/**
 * The state in which a key must be to be written or deleted.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html">Conditional
 *     writes</a>
 */
public sealed interface WriteCondition {
  /** Any state. */
  record Always() implements WriteCondition {}

  /** There is no object. */
  record IfAbsent() implements WriteCondition {}

  /** There is no object with one of these tags. */
  record IfNoneMatch(EtagList etags) implements WriteCondition {}

  /** There is an object with one of these tags. */
  record IfMatch(EtagList etags) implements WriteCondition {}

  /** Reads If-Match and If-None-Match, one of which may be given. */
  static WriteCondition parse(RequestHead head) {
    String match = head.filled("if-match");
    String noneMatch = head.filled("if-none-match");
    if (noneMatch != null && match != null) {
      throw S3Error.unsupportedHeader("If-None-Match").exception();
    }
    refuse(head, "if-modified-since", "If-Modified-Since");
    refuse(head, "if-unmodified-since", "If-Unmodified-Since");
    if (noneMatch != null) {
      EtagList etags = EtagList.parse(noneMatch);
      return etags.any() ? new IfAbsent() : new IfNoneMatch(etags);
    }
    return match == null ? new Always() : new IfMatch(EtagList.parse(match));
  }

  /** Whether a key whose object has {@code etag} (null: there is none) may be written. */
  default boolean holds(@Nullable String etag) {
    return switch (this) {
      case Always() -> true;
      case IfAbsent() -> etag == null;
      case IfNoneMatch(EtagList etags) -> etag == null || !etags.matchesWeakly(etag);
      case IfMatch(EtagList etags) -> etag != null && etags.matchesStrongly(etag);
    };
  }

  private static void refuse(RequestHead head, String header, String name) {
    if (head.filled(header) != null) {
      throw S3Error.unsupportedHeader(name).exception();
    }
  }
}
