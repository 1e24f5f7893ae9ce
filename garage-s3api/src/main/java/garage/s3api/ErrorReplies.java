package garage.s3api;

import garage.common.error.GarageException;
import garage.http.Headers;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.s3api.call.Replies;
import garage.s3api.error.S3Error;
import garage.s3api.xml.ErrorDocument;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the replies to failed requests, and one line in the log for each. */
final class ErrorReplies {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorReplies.class);

  /** What of a request's target is logged, in characters: enough to know it by. */
  private static final int LOGGED_MAX = 256;

  private static final int SERVER_ERROR = 500;
  private static final int NOT_MODIFIED = 304;
  private final String hostId;

  ErrorReplies(String hostId) {
    this.hostId = hostId;
  }

  /** A reply with the headers every reply has. */
  HttpResponse withIds(String requestId, HttpResponse reply) {
    return reply.with("x-amz-request-id", requestId).with("x-amz-id-2", hostId);
  }

  /** The reply to a request that failed; {@code keyId} is null if it is from nobody known. */
  HttpResponse failed(HttpRequest http, @Nullable String keyId, S3Error error) {
    if (error.code().status() >= SERVER_ERROR) {
      LOG.warn("{}", line(http, keyId, error));
    } else if (LOG.isInfoEnabled()) {
      LOG.info("{}", line(http, keyId, error));
    }
    return reply(http, error);
  }

  /** As {@link #failed(HttpRequest, String, S3Error)}, for a failure that has a cause to log. */
  HttpResponse failed(
      HttpRequest http, @Nullable String keyId, S3Error error, GarageException cause) {
    if (cause instanceof GarageException.Cancelled) {
      LOG.info("{}: the client is gone", line(http, keyId, error));
    } else if (cause instanceof GarageException.Internal) {
      LOG.error("{}", line(http, keyId, error), cause);
    } else {
      LOG.warn("{}: {}", line(http, keyId, error), printable(String.valueOf(cause.getMessage())));
    }
    return reply(http, error);
  }

  /** The reply where there is no request to speak of. */
  HttpResponse refused(S3Error error, String requestId) {
    LOG.info("{} is no request: {} {}", requestId, error.code().status(), error.code().wireName());
    byte[] body = new ErrorDocument(error, "", requestId, hostId).toXml();
    return HttpResponse.bytes(error.code().status(), headers(error), body);
  }

  private HttpResponse reply(HttpRequest http, S3Error error) {
    int status = error.code().status();
    if (http.method().equals("HEAD") || status == NOT_MODIFIED) {
      return HttpResponse.empty(status, headers(error));
    }
    byte[] body = new ErrorDocument(error, http.target().path(), http.id(), hostId).toXml();
    return HttpResponse.bytes(status, headers(error), body);
  }

  private static Headers headers(S3Error error) {
    Headers.Builder headers = Headers.builder().add("Content-Type", Replies.XML);
    error.headers().forEach(header -> headers.add(header.name(), header.value()));
    return headers.build();
  }

  private static String line(HttpRequest http, @Nullable String keyId, S3Error error) {
    return "%s %s %s from %s key %s: %d %s"
        .formatted(
            http.id(),
            printable(http.method()),
            printable(http.target().rawPath()),
            http.peer().address(),
            keyId == null ? "-" : printable(keyId),
            error.code().status(),
            error.code().wireName());
  }

  /** Nothing a client sends can make a line of its own, or a long one. */
  private static String printable(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), LOGGED_MAX); i++) {
      char c = text.charAt(i);
      out.append(c < ' ' || c == 0x7f || (c >= 0x80 && c < 0xa0) ? '?' : c);
    }
    return text.length() > LOGGED_MAX ? out.append("...").toString() : out.toString();
  }
}
