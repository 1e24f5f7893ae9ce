package garage.s3api.web;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.metrics.Metrics;
import garage.http.HttpHandler;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.http.ProtocolError;
import garage.http.RequestFailure;
import garage.http.ResponseBody;
import garage.http.VirtualHost;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketSetting;
import garage.model.bucket.Buckets;
import garage.model.bucket.Website;
import garage.model.object.ObjectKey;
import garage.s3api.access.Authorization;
import garage.s3api.call.Caller;
import garage.s3api.call.ObjectAccess;
import garage.s3api.call.Source;
import garage.s3api.cors.Cors;
import garage.s3api.error.FailureMapping;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.object.GetHandler;
import garage.s3api.request.ObjectHeaders;
import garage.s3api.request.ObjectName;
import garage.s3api.request.ReadOptions;
import garage.s3api.request.RequestHead;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves buckets as web sites to browsers, as AWS's website endpoints do. A bucket is one if it has
 * a {@link Website}, and then everybody may read its objects, except what its policy denies.
 *
 * <p>The site is the host the browser names: a bucket's name below the root domain, or a whole
 * domain that is the name of a bucket.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html">Hosting
 *     a static website using Amazon S3</a>
 */
public final class WebService implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(WebService.class);

  /** Finding the bucket of a name this node does not know. */
  private static final Duration LOOKUP_MAX = Duration.ofSeconds(10);

  private static final String METHODS = "GET, HEAD, OPTIONS";

  private final Parts parts;
  private final WebSettings settings;
  private final Cors cors;
  private final ErrorPages pages;
  private final WebMetrics metrics;
  private final Clock clock;

  /** What sites are made of. */
  public record Parts(Buckets buckets, Authorization authorization, GetHandler objects) {}

  public WebService(Parts parts, WebSettings settings, Metrics metrics, Clock clock) {
    this.parts = parts;
    this.settings = settings;
    this.cors = new Cors(head -> parts.buckets().resolve(siteName(head.host()), null));
    this.pages = new ErrorPages(settings.hostId());
    this.metrics = new WebMetrics(metrics, settings.countsHosts(), clock);
    this.clock = clock;
  }

  @Override
  public HttpResponse handle(HttpRequest http) {
    HttpResponse reply = metrics.counted(http.method(), attempt -> answer(http, attempt));
    return withIds(reply, http.id());
  }

  @Override
  public HttpResponse refuse(ProtocolError error, String requestId) {
    return withIds(pages.page("GET", requestId, FailureMapping.of(error), null), requestId);
  }

  private HttpResponse withIds(HttpResponse reply, String requestId) {
    return reply.with("x-amz-request-id", requestId).with("x-amz-id-2", settings.hostId());
  }

  private HttpResponse answer(HttpRequest http, WebMetrics.Attempt attempt) {
    // The query is the page's own: nothing in it is a header that moved there.
    String host = http.host() == null ? "" : http.host();
    RequestHead head = new RequestHead(http.method(), host, http.target(), http.headers());
    HttpResponse reply = decided(http, head, attempt);
    return http.method().equals("OPTIONS") ? reply : cors.decorate(head, reply);
  }

  private HttpResponse decided(HttpRequest http, RequestHead head, WebMetrics.Attempt attempt) {
    try {
      return dispatch(http, head, attempt);
    } catch (S3Exception e) {
      return pages.page(http.method(), http.id(), e.error(), null);
    } catch (RequestFailure e) {
      return pages.page(http.method(), http.id(), FailureMapping.of(e), null);
    } catch (GarageException e) {
      LOG.warn("{} of a web site: {}", http.id(), String.valueOf(e.getMessage()));
      return pages.page(http.method(), http.id(), FailureMapping.of(e), null);
    }
  }

  private HttpResponse dispatch(HttpRequest http, RequestHead head, WebMetrics.Attempt attempt) {
    String name = siteName(head.host());
    Bucket bucket =
        parts
            .buckets()
            .resolve(name, null, Deadline.after(clock, LOOKUP_MAX))
            .orElseThrow(() -> about(S3ErrorCode.NO_SUCH_BUCKET, name));
    Website site =
        bucket
            .setting(BucketSetting.WEBSITE)
            .map(Website::ofSetting)
            .orElseThrow(() -> about(S3ErrorCode.NO_SUCH_WEBSITE_CONFIGURATION, name));
    attempt.at(name);
    return switch (http.method()) {
      case "OPTIONS" -> cors.preflight(head);
      case "GET", "HEAD" -> {
        String key = http.target().path().substring(1);
        yield switch (site) {
          case Website.Elsewhere elsewhere -> Redirects.of(elsewhere, http, key);
          case Website.Pages found -> shown(new Visit(http, head, bucket, found), name, key);
        };
      }
      default ->
          throw S3Error.of(S3ErrorCode.METHOD_NOT_ALLOWED)
              .with("Method", http.method())
              .withHeader("Allow", METHODS)
              .exception();
    };
  }

  /** What a visit shows, unless the bucket turned out to be gone meanwhile. */
  private HttpResponse shown(Visit visit, String name, String key) {
    HttpResponse page = visit.show(key);
    try {
      parts.authorization().requireStill(Caller.anonymous(), name, visit.bucket);
      return page;
    } catch (S3Exception e) {
      discard(page);
      throw e;
    }
  }

  private static void discard(HttpResponse reply) {
    if (reply.body() instanceof ResponseBody.Streamed(long _, ResponseBody.Writer unwanted)) {
      unwanted.close();
    }
  }

  private String siteName(String hostHeader) {
    String below = VirtualHost.below(settings.rootDomain(), hostHeader);
    return below == null ? VirtualHost.name(hostHeader) : below;
  }

  private static S3Exception about(S3ErrorCode code, String bucket) {
    return S3Error.of(code).with("BucketName", bucket).exception();
  }

  /** One request to a site that has pages. */
  private final class Visit {
    private final HttpRequest http;
    private final RequestHead head;
    private final Bucket bucket;
    private final Website.Pages site;

    Visit(HttpRequest http, RequestHead head, Bucket bucket, Website.Pages site) {
      this.http = http;
      this.head = head;
      this.bucket = bucket;
      this.site = site;
    }

    HttpResponse show(String key) {
      Website.Rule before = Redirects.rule(site, key, null);
      if (before != null) {
        return Redirects.of(before, http, key);
      }
      boolean folder = key.isEmpty() || key.endsWith("/");
      try {
        return redirected(read(folder ? key + site.index() : key, ReadOptions.ofPage(head)));
      } catch (S3Exception e) {
        return e.error().code() == S3ErrorCode.NO_SUCH_KEY && !folder && isFolder(key)
            ? Redirects.toFolder(key)
            : failed(key, e.error());
      }
    }

    private HttpResponse read(String key, ReadOptions options) {
      ObjectName.checkKey(key);
      Source object = source(key);
      if (parts.authorization().deniesPublic(http, head, bucket, key)) {
        throw S3ErrorCode.ACCESS_DENIED.exception();
      }
      return http.method().equals("HEAD")
          ? parts.objects().head(object, options)
          : parts.objects().get(object, options);
    }

    /** What a web site shows is not a matter of access control lists. */
    private Source source(String key) {
      return new Source(new ObjectKey(bucket.id(), key), ObjectAccess.DECIDED);
    }

    private boolean isFolder(String key) {
      String index = key + "/" + site.index();
      try {
        ObjectName.checkKey(index);
        parts.objects().head(source(index), ReadOptions.ALL);
        return true;
      } catch (S3Exception e) {
        return false;
      }
    }

    private HttpResponse failed(String key, S3Error error) {
      int status = error.code().status();
      Website.Rule rule = Redirects.rule(site, key, status);
      if (rule != null) {
        return Redirects.of(rule, http, key);
      }
      String errorKey = site.errorKey();
      if (errorKey == null || !isMissing(status)) {
        return pages.page(http.method(), http.id(), error, null);
      }
      return custom(errorKey, error);
    }

    private HttpResponse custom(String errorKey, S3Error error) {
      try {
        return ErrorPages.custom(read(errorKey, ReadOptions.ALL), error);
      } catch (S3Exception e) {
        return pages.page(http.method(), http.id(), error, e.error());
      }
    }

    /** Whether the site's own page is for it: not where the client asked for less than a page. */
    private static boolean isMissing(int status) {
      return status >= 400 && status < 500 && status != 412 && status != 416;
    }

    private HttpResponse redirected(HttpResponse found) {
      @Nullable String location = found.headers().first(ObjectHeaders.REDIRECT_LOCATION);
      if (location == null) {
        return found;
      }
      discard(found);
      return Redirects.ofObject(location);
    }
  }
}
