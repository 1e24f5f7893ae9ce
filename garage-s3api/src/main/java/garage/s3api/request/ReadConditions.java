package garage.s3api.request;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a read, and the decision over them. An entity tag beats the date it stands
 * beside, and conditions that must hold come before those that must not.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2">RFC 9110, 13.2.2</a>
 */
public record ReadConditions(
    @Nullable EtagList ifMatch,
    @Nullable EtagList ifNoneMatch,
    @Nullable Instant ifModifiedSince,
    @Nullable Instant ifUnmodifiedSince) {
  /** None. */
  public static final ReadConditions NONE = new ReadConditions(null, null, null, null);

  /** What comes of it. */
  public sealed interface Outcome {
    /** The conditions hold. */
    record Proceed() implements Outcome {}

    /** The client has this already. */
    record NotModified() implements Outcome {}

    /** A condition, by its header's name, does not hold. */
    record Failed(String condition) implements Outcome {}
  }

  /** Reads the four headers whose names begin with {@code prefix}. */
  static ReadConditions parse(RequestHead head, String prefix) {
    return new ReadConditions(
        etags(head.filled(prefix + "if-match")),
        etags(head.filled(prefix + "if-none-match")),
        date(head.filled(prefix + "if-modified-since")),
        date(head.filled(prefix + "if-unmodified-since")));
  }

  /** Decides for an object with this tag (without quotes) and time. */
  public Outcome evaluate(String etag, Instant lastModified) {
    Instant seconds = lastModified.truncatedTo(ChronoUnit.SECONDS);
    if (ifMatch != null) {
      if (!ifMatch.matchesStrongly(etag)) {
        return new Outcome.Failed("If-Match");
      }
    } else if (ifUnmodifiedSince != null && seconds.isAfter(ifUnmodifiedSince)) {
      return new Outcome.Failed("If-Unmodified-Since");
    }
    if (ifNoneMatch != null) {
      return ifNoneMatch.matchesWeakly(etag) ? new Outcome.NotModified() : new Outcome.Proceed();
    }
    boolean unchanged = ifModifiedSince != null && !seconds.isAfter(ifModifiedSince);
    return unchanged ? new Outcome.NotModified() : new Outcome.Proceed();
  }

  private static @Nullable EtagList etags(@Nullable String header) {
    return header == null ? null : EtagList.parse(header);
  }

  private static @Nullable Instant date(@Nullable String header) {
    return header == null ? null : HttpDates.parse(header);
  }
}
