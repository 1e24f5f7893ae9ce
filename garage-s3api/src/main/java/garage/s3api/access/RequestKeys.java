package garage.s3api.access;

import garage.http.HttpRequest;
import garage.model.object.Tag;
import garage.s3api.call.Caller;
import garage.s3api.request.CopySource;
import garage.s3api.request.RequestHead;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of the condition keys of policies; a key's name is in lower case. Tags are
 * looked up when a policy asks for them.
 */
final class RequestKeys implements Function<String, List<String>> {
  private static final String EXISTING_TAG = "s3:existingobjecttag/";
  private static final DateTimeFormatter SIGNED =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT);
  private static final String REQUEST_TAG = "s3:requestobjecttag/";

  private final HttpRequest http;
  private final RequestHead head;
  private final Caller caller;
  private final Instant now;
  private final Supplier<List<Tag>> existing;
  private final Supplier<List<Tag>> requested;

  /** The tags of the object a request is to, and those it brings. */
  record Tags(Supplier<List<Tag>> existing, Supplier<List<Tag>> requested) {
    /** None. */
    static final Tags NONE = new Tags(List::of, List::of);
  }

  RequestKeys(HttpRequest http, RequestHead head, Caller caller, Instant now, Tags tags) {
    this.http = http;
    this.head = head;
    this.caller = caller;
    this.now = now;
    this.existing = tags.existing();
    this.requested = tags.requested();
  }

  @Override
  public List<String> apply(String key) {
    if (key.startsWith(EXISTING_TAG)) {
      return values(existing.get(), key.substring(EXISTING_TAG.length()));
    }
    if (key.startsWith(REQUEST_TAG)) {
      return values(requested.get(), key.substring(REQUEST_TAG.length()));
    }
    return switch (key) {
      case "s3:requestobjecttagkeys" -> requested.get().stream().map(Tag::key).toList();
      case "s3:prefix", "s3:delimiter", "s3:max-keys" -> parameter(key.substring(3));
      case "s3:versionid" -> parameter("versionId");
      case "s3:signatureversion" -> caller.isAnonymous() ? List.of() : List.of("AWS4-HMAC-SHA256");
      case "s3:authtype" -> authType();
      case "s3:signatureage" -> signatureAge();
      case "s3:x-amz-copy-source" -> optional(CopySource.named(head));
      case "aws:sourceip" -> List.of(http.peer().address().host());
      case "aws:securetransport" -> List.of(Boolean.toString(http.peer().secure()));
      case "aws:currenttime" -> List.of(now.toString());
      case "aws:epochtime" -> List.of(Long.toString(now.getEpochSecond()));
      case "aws:referer" -> header("referer");
      case "aws:useragent" -> header("user-agent");
      case "aws:username", "aws:userid" -> caller.isAnonymous() ? List.of() : List.of(caller.id());
      case "aws:principaltype" -> List.of(caller.isAnonymous() ? "Anonymous" : "User");
      default ->
          key.startsWith("s3:x-amz-") || key.startsWith("s3:if-")
              ? header(key.substring(3))
              : List.of();
    };
  }

  private List<String> authType() {
    if (caller.isAnonymous()) {
      return List.of();
    }
    return List.of(http.query().contains("X-Amz-Signature") ? "REST-QUERY-STRING" : "REST-HEADER");
  }

  /** How long ago the request was signed, in milliseconds. */
  private List<String> signatureAge() {
    String inQuery = http.query().first("X-Amz-Date");
    String signed = inQuery == null ? head.header("x-amz-date") : inQuery;
    if (caller.isAnonymous() || signed == null) {
      return List.of();
    }
    try {
      Instant then = LocalDateTime.parse(signed, SIGNED).toInstant(ZoneOffset.UTC);
      return List.of(Long.toString(Duration.between(then, now).toMillis()));
    } catch (DateTimeException e) {
      return List.of(); // signed by a Date header, which tells no more
    }
  }

  private List<String> parameter(String name) {
    return optional(http.query().first(name));
  }

  private List<String> header(String name) {
    return optional(head.header(name));
  }

  private static List<String> optional(@Nullable String value) {
    return value == null ? List.of() : List.of(value);
  }

  /** Keys of tags are compared without case: the condition key is one name. */
  private static List<String> values(List<Tag> tags, String lowerCaseKey) {
    return tags.stream()
        .filter(tag -> tag.key().equalsIgnoreCase(lowerCaseKey))
        .map(Tag::value)
        .toList();
  }
}
