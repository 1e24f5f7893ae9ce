package garage.s3api.access;

import garage.http.HttpRequest;
import garage.http.sigv4.Payload;
import garage.s3api.call.Caller;
import garage.s3api.call.PeekedPayload;
import garage.s3api.request.RequestHead;
import org.jspecify.annotations.Nullable;

/** A request whose sender is known, or known to be nobody. */
public record Arrival(HttpRequest http, RequestHead head, Caller caller, PeekedPayload body) {
  /** A request with its body. */
  public static Arrival of(HttpRequest http, Caller caller, Payload body) {
    return new Arrival(http, RequestHead.of(http), caller, new PeekedPayload(body));
  }

  /** The key that must own the bucket; null for any. */
  @Nullable String expectedOwner() {
    return head.filled("x-amz-expected-bucket-owner");
  }
}
