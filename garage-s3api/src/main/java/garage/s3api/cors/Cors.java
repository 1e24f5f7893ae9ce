package garage.s3api.cors;

import garage.http.Headers;
import garage.http.HttpResponse;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketSetting;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.request.RequestHead;
import garage.s3api.xml.CorsConfiguration;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets web pages of other origins use a bucket as its configuration says: answers preflights, which
 * are never signed, and adds to every other reply, errors too, what lets the page see it.
 *
 * @see <a href="https://fetch.spec.whatwg.org/#http-cors-protocol">CORS protocol</a>
 */
public final class Cors {
  private static final String VARY =
      "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

  /** More names than a browser sends: what is longer is refused. */
  private static final int ASKED_MAX = 100;

  private final Function<RequestHead, Optional<Bucket>> buckets;

  /** {@code buckets} finds the bucket a request is to, as this node knows it. */
  public Cors(Function<RequestHead, Optional<Bucket>> buckets) {
    this.buckets = buckets;
  }

  /** Answers OPTIONS: whether a page may make the request it announces. */
  public HttpResponse preflight(RequestHead head) {
    String origin = head.filled("origin");
    if (origin == null) {
      throw S3ErrorCode.BAD_REQUEST.because(
          "Insufficient information. Origin request header needed.");
    }
    String method = head.filled("access-control-request-method");
    if (method == null) {
      throw S3ErrorCode.BAD_REQUEST.because("Invalid Access-Control-Request-Method: null");
    }
    CorsRules rules =
        rules(head).orElseThrow(() -> refused(method, "CORS is not enabled for this bucket."));
    Headers.Builder headers =
        rules
            .allow(origin, method, asked(head.filled("access-control-request-headers")))
            .orElseThrow(() ->
                refused(
                    method,
                    "This CORS request is not allowed. This is usually because the evalution of"
                        + " Origin, request method / Access-Control-Request-Method or"
                        + " Access-Control-Request-Headers are not whitelisted by the resource's"
                        + " CORS spec."));
    return HttpResponse.empty(200, headers.add("Vary", VARY).build());
  }

  /** {@code reply} with what lets a page of another origin see it, if it may. */
  public HttpResponse decorate(RequestHead head, HttpResponse reply) {
    String origin = head.filled("origin");
    if (origin == null) {
      return reply;
    }
    Headers allowed = allowed(head, origin);
    if (allowed == null) {
      return reply;
    }
    HttpResponse decorated = reply.with("Vary", VARY);
    for (int i = 0; i < allowed.size(); i++) {
      decorated = decorated.with(allowed.name(i), allowed.value(i));
    }
    return decorated;
  }

  private @Nullable Headers allowed(RequestHead head, String origin) {
    try {
      return rules(head)
          .flatMap(rules -> rules.allow(origin, method(head), List.of()))
          .map(Headers.Builder::build)
          .orElse(null);
    } catch (S3Exception e) {
      return null; // it names no bucket, and was refused for that
    }
  }

  /** What a page means to do, if it says so beside doing it; else what it does. */
  private static String method(RequestHead head) {
    String meant = head.filled("access-control-request-method");
    return meant == null ? head.method() : meant;
  }

  private Optional<CorsRules> rules(RequestHead head) {
    return buckets
        .apply(head)
        .flatMap(b -> b.setting(BucketSetting.CORS))
        .map(setting -> CorsConfiguration.parse(setting.getBytes(StandardCharsets.UTF_8)))
        .map(CorsRules::new);
  }

  private static List<String> asked(@Nullable String header) {
    List<String> names = new ArrayList<>();
    if (header != null) {
      for (String name : header.split(",", ASKED_MAX)) {
        String stripped = name.strip();
        if (!stripped.isEmpty()) {
          names.add(stripped);
        }
      }
    }
    return names;
  }

  private static S3Exception refused(String method, String why) {
    return S3Error.of(S3ErrorCode.ACCESS_FORBIDDEN, "CORSResponse: " + why)
        .with("Method", method)
        .with("ResourceType", "BUCKET")
        .exception();
  }
}
