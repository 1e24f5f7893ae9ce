package garage.s3api.post;

import garage.http.Headers;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.http.UriEncoding;
import garage.http.sigv4.Credentials;
import garage.http.sigv4.Payload;
import garage.s3api.call.Replies;
import garage.s3api.request.RequestHead;
import garage.s3api.xml.PostResponse;
import org.jspecify.annotations.Nullable;

/** A form that was received up to its file, and how it is answered. */
public final class PostedForm {
  private final HttpRequest http;
  private final String bucket;
  private final Form form;
  private final RequestHead head;
  private final Payload file;
  private final @Nullable Credentials signer;

  PostedForm(
      HttpRequest http,
      String bucket,
      Form form,
      RequestHead head,
      Payload file,
      @Nullable Credentials signer) {
    this.http = http;
    this.bucket = bucket;
    this.form = form;
    this.head = head;
    this.file = file;
    this.signer = signer;
  }

  /** Who signed the policy; null if there is none. */
  public @Nullable Credentials signer() {
    return signer;
  }

  /** The fields as headers of a PutObject. */
  public RequestHead head() {
    return head;
  }

  /** The object's bytes. */
  public Payload file() {
    return file;
  }

  /** The object's key. */
  public String key() {
    return form.require("key", "key");
  }

  /** The answer the form asks for, once its object was stored. */
  public HttpResponse answer(HttpResponse stored) {
    String etag = stored.headers().first("ETag");
    String quoted = etag == null ? "" : etag;
    Headers headers = stored.headers().with("Location", location());
    String redirect = redirect();
    if (redirect != null) {
      String mark = redirect.indexOf('?') < 0 ? "?" : "&";
      String to =
          "%s%sbucket=%s&key=%s&etag=%s"
              .formatted(
                  redirect,
                  mark,
                  UriEncoding.encode(bucket),
                  UriEncoding.encode(key()),
                  UriEncoding.encode(quoted));
      return HttpResponse.empty(303, stored.headers().with("Location", to));
    }
    String status = form.get("success_action_status");
    return switch (status == null ? "" : status) {
      case "200" -> HttpResponse.empty(200, headers);
      case "201" -> {
        HttpResponse reply =
            Replies.xml(new PostResponse(location(), bucket, key(), quoted), headers);
        yield new HttpResponse(201, reply.headers(), reply.body());
      }
      default -> HttpResponse.empty(204, headers);
    };
  }

  private @Nullable String redirect() {
    String newer = form.get("success_action_redirect");
    String url = newer == null ? form.get("redirect") : newer;
    boolean valid =
        url != null
            && (url.startsWith("http://") || url.startsWith("https://"))
            && Headers.isValue(url);
    return valid ? url : null;
  }

  private String location() {
    String scheme = http.peer().secure() ? "https://" : "http://";
    String host = http.host() == null ? "" : http.host();
    String path = http.target().rawPath();
    String slash = path.endsWith("/") ? "" : "/";
    return scheme + host + path + slash + UriEncoding.encodePath(key());
  }
}
