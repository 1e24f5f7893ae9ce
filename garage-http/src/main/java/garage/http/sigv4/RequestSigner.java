package garage.http.sigv4;

import garage.http.Headers;
import garage.http.Query;
import garage.http.RequestTarget;
import garage.http.UriEncoding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Signs requests as a client does: for the load generator and the tests. */
public final class RequestSigner {
  private final Credentials credentials;
  private final String region;
  private final String service;

  public RequestSigner(Credentials credentials, String region, String service) {
    this.credentials = credentials;
    this.region = region;
    this.service = service;
  }

  /** A request before its signature; {@code headers} must have a Host. */
  public record Unsigned(String method, String target, Headers headers) {}

  /**
   * A request's fields, with those of its signature, and what continues the chain over its chunks.
   */
  public record Signed(Headers headers, ChunkSigner chunks) {}

  /**
   * Signs every field of {@code request}.
   *
   * @param payload the hex SHA-256 of the body, or a constant of {@link PayloadMode}
   */
  public Signed sign(Unsigned request, String payload, Instant time) {
    AmzDate date = AmzDate.of(time);
    Headers headers =
        request.headers().toBuilder()
            .set("x-amz-date", date.text())
            .set("x-amz-content-sha256", payload)
            .build();
    RequestTarget target = target(request.target());
    List<String> names = names(headers);
    String canonical =
        CanonicalRequest.text(
            request.method(),
            target.path(),
            target.query(),
            new CanonicalRequest.SignedHeaders(names, headers),
            payload);
    SigningKey key = key(date);
    String signature = key.sign(key.requestStringToSign(date, canonical));
    String authorization =
        "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s"
            .formatted(
                Claim.ALGORITHM,
                credentials.accessKeyId(),
                key.scope(),
                String.join(";", names),
                signature);
    return new Signed(
        headers.with("Authorization", authorization), new ChunkSigner(key, date, signature));
  }

  /** The target of a presigned request, whose fields are those of {@code request}. */
  public String presign(Unsigned request, Instant time, Duration expires) {
    AmzDate date = AmzDate.of(time);
    RequestTarget target = target(request.target());
    SigningKey key = key(date);
    List<String> names = names(request.headers());
    List<Query.Parameter> parameters = new ArrayList<>(target.query().parameters());
    parameters.add(new Query.Parameter("X-Amz-Algorithm", Claim.ALGORITHM));
    parameters.add(
        new Query.Parameter("X-Amz-Credential", credentials.accessKeyId() + "/" + key.scope()));
    parameters.add(new Query.Parameter("X-Amz-Date", date.text()));
    parameters.add(new Query.Parameter("X-Amz-Expires", Long.toString(expires.toSeconds())));
    parameters.add(new Query.Parameter("X-Amz-SignedHeaders", String.join(";", names)));
    Query query = new Query(parameters);
    String payload = request.headers().first("x-amz-content-sha256");
    String canonical =
        CanonicalRequest.text(
            request.method(),
            target.path(),
            query,
            new CanonicalRequest.SignedHeaders(names, request.headers()),
            payload == null ? PayloadMode.UNSIGNED_PAYLOAD : payload);
    String signature = key.sign(key.requestStringToSign(date, canonical));
    StringBuilder out = new StringBuilder(UriEncoding.encodePath(target.path())).append('?');
    for (Query.Parameter p : parameters) {
      out.append(UriEncoding.encode(p.name()))
          .append('=')
          .append(UriEncoding.encode(p.value()))
          .append('&');
    }
    return out.append("X-Amz-Signature=").append(signature).toString();
  }

  private SigningKey key(AmzDate date) {
    return SigningKey.derive(
        credentials.secretKey(), new CredentialScope(date.day(), region, service));
  }

  private static RequestTarget target(String raw) {
    RequestTarget target = RequestTarget.parse(raw);
    if (target == null) {
      throw new IllegalArgumentException("not a request target: " + raw);
    }
    return target;
  }

  private static List<String> names(Headers headers) {
    List<String> names = new ArrayList<>();
    headers.forEach((name, value) -> names.add(name.toLowerCase(Locale.ROOT)));
    return names.stream().sorted().distinct().toList();
  }
}
