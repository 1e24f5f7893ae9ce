package garage.s3api.request;

import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The state in which an object must be to be deleted; that there is none is as good as deleted.
 *
 * @param etags one of which it must have; null for any
 * @param lastModified to the second; null for any
 * @param size in bytes; null for any
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html">DeleteObject</a>
 */
public record DeleteCondition(
    @Nullable EtagList etags, @Nullable Instant lastModified, @Nullable Long size) {
  private static final String TIME = "x-amz-if-match-last-modified-time";
  private static final String SIZE = "x-amz-if-match-size";

  /** Any state. */
  public static final DeleteCondition NONE = new DeleteCondition(null, null, null);

  /** Reads the headers of DeleteObject; the other conditions are for other requests. */
  static DeleteCondition parse(RequestHead head) {
    WriteCondition condition = WriteCondition.parse(head);
    if (head.filled("if-none-match") != null) {
      throw S3Error.unsupportedHeader("If-None-Match").exception();
    }
    EtagList etags = condition instanceof WriteCondition.IfMatch(EtagList tags) ? tags : null;
    return of(etags, head.filled(TIME), head.filled(SIZE));
  }

  /** Reads the elements of an entry of DeleteObjects, null where there is none. */
  public static DeleteCondition of(
      @Nullable String etag, @Nullable String lastModified, @Nullable String size) {
    return of(etag == null ? null : EtagList.parse(etag), lastModified, size);
  }

  private static DeleteCondition of(
      @Nullable EtagList etags, @Nullable String lastModified, @Nullable String size) {
    Instant time = lastModified == null ? null : HttpDates.parse(lastModified);
    Long bytes = size == null ? null : Numbers.parse(size.strip(), Long.MAX_VALUE);
    if (lastModified != null && time == null) {
      throw invalid(TIME, lastModified);
    }
    if (size != null && bytes == null) {
      throw invalid(SIZE, size);
    }
    return new DeleteCondition(etags, time == null ? null : seconds(time), bytes);
  }

  /** Whether any state will do. */
  public boolean isNone() {
    return equals(NONE);
  }

  /** Whether an object in this state may be deleted; what it does not have is null. */
  public boolean holds(@Nullable String etag, Instant modified, @Nullable Long length) {
    return (etags == null || etags.any() || (etag != null && etags.matchesStrongly(etag)))
        && (lastModified == null || lastModified.equals(seconds(modified)))
        && (size == null || size.equals(length));
  }

  private static Instant seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS);
  }

  private static RuntimeException invalid(String name, String value) {
    return S3Error.of(S3ErrorCode.INVALID_ARGUMENT)
        .with("ArgumentName", name)
        .with("ArgumentValue", value)
        .exception();
  }
}
