package garage.http.sigv4;

import garage.common.env.Clock;
import garage.http.Headers;
import garage.http.HttpRequest;
import garage.http.Query;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides who signed a request. Any region is accepted, since the signature is made for the scope
 * the client names; the service must be this verifier's. Covered must be Host and every
 * x-amz-header. A request's own time may differ from this node's by 15 minutes; a presigned one
 * counts from its time to its end.
 *
 * <p>Nothing of the body is read here: {@link Payload} verifies it as it passes. Safe for any
 * number of tasks.
 */
public final class SignatureVerifier {
  /** AWS's window for replays and wrong clocks. */
  public static final Duration SKEW_MAX = Duration.ofMinutes(15);

  private static final String AMZ = "x-amz-";

  private static final List<String> QUERY_MARKS =
      List.of("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature");

  private final Clock clock;
  private final String service;
  private final CredentialLookup lookup;
  private final SigningKeyCache keys = new SigningKeyCache();

  /** {@code service} is the one scopes must name, such as {@code s3}. */
  public SignatureVerifier(Clock clock, String service, CredentialLookup lookup) {
    this.clock = clock;
    this.service = service;
    this.lookup = lookup;
  }

  /**
   * Authenticates a request by its head.
   *
   * @throws SignatureException if it claims to be signed and is not rightly so
   */
  public Authentication authenticate(HttpRequest request) {
    List<String> authorization = request.headers().all("authorization");
    boolean presigned = isPresigned(request.query());
    if (authorization.size() > 1 || (presigned && !authorization.isEmpty())) {
      throw new SignatureException(new SignatureFailure.SeveralMechanisms());
    }
    if (presigned) {
      return presigned(request);
    }
    if (!authorization.isEmpty()) {
      return byHeader(request, authorization.getFirst());
    }
    if (request.query().contains("AWSAccessKeyId")) {
      throw new SignatureException(new SignatureFailure.UnsupportedMechanism("AWS"));
    }
    return new Authentication.Anonymous(anonymousPayload(request));
  }

  private static boolean isPresigned(Query query) {
    for (Query.Parameter parameter : query.parameters()) {
      if (QUERY_MARKS.contains(parameter.name())) {
        return true;
      }
    }
    return false;
  }

  private Authentication byHeader(HttpRequest request, String authorization) {
    Claim claim = Claim.ofHeader(authorization, request.headers(), service);
    String contentHash = request.headers().first("x-amz-content-sha256");
    if (contentHash == null) {
      throw new SignatureException(new SignatureFailure.MissingContentHash());
    }
    PayloadMode mode = mode(contentHash);
    Instant now = clock.now();
    if (Duration.between(claim.date().instant(), now).abs().compareTo(SKEW_MAX) > 0) {
      throw new SignatureException(
          new SignatureFailure.TooSkewed(claim.date().instant(), now, SKEW_MAX.toMillis()));
    }
    return verified(request, claim, mode, contentHash, request.query());
  }

  private Authentication presigned(HttpRequest request) {
    Claim claim = Claim.ofQuery(request.query(), service);
    String contentHash = request.headers().first("x-amz-content-sha256");
    if (contentHash == null) {
      contentHash = request.query().first("X-Amz-Content-Sha256");
    }
    if (contentHash == null) {
      contentHash = PayloadMode.UNSIGNED_PAYLOAD;
    }
    PayloadMode mode = mode(contentHash);
    checkValidity(claim);
    return verified(request, claim, mode, contentHash, withoutSignature(request.query()));
  }

  private void checkValidity(Claim claim) {
    Instant now = clock.now();
    Instant signed = claim.date().instant();
    if (signed.isAfter(now.plus(SKEW_MAX))) {
      throw new SignatureException(new SignatureFailure.NotYetValid(signed, now));
    }
    Duration expires = claim.expires() == null ? Duration.ZERO : claim.expires();
    if (expires.isZero() || now.isAfter(signed.plus(expires))) {
      throw new SignatureException(
          new SignatureFailure.Expired(signed.plus(expires), now, expires.toSeconds()));
    }
  }

  private Authentication verified(
      HttpRequest request, Claim claim, PayloadMode mode, String contentHash, Query query) {
    checkCoverage(request.headers(), claim);
    Credentials credentials = lookup.find(claim.accessKeyId());
    if (credentials == null) {
      throw new SignatureException(new SignatureFailure.UnknownKey(claim.accessKeyId()));
    }
    String canonical =
        CanonicalRequest.text(
            request.method(),
            request.target().path(),
            query,
            new CanonicalRequest.SignedHeaders(claim.signedHeaders(), request.headers()),
            contentHash);
    SigningKey key = keys.get(credentials.secretKey(), claim.scope());
    String text = key.requestStringToSign(claim.date(), canonical);
    if (!key.verifies(text, claim.signature())) {
      throw new SignatureException(
          new SignatureFailure.Mismatch(claim.accessKeyId(), claim.signature(), text, canonical));
    }
    var chain = new ChunkedPayload.Chain(key, claim.date(), claim.signature());
    return new Authentication.Signed(
        credentials, claim.scope(), claim.expires() != null, payload(request, mode, chain));
  }

  private static void checkCoverage(Headers headers, Claim claim) {
    List<String> signed = claim.signedHeaders();
    @Nullable TreeSet<String> unsigned =
        signed.contains("host") ? null : new TreeSet<>(List.of("host"));
    for (int i = 0; i < headers.size(); i++) {
      if (headers.name(i).regionMatches(true, 0, AMZ, 0, AMZ.length())) {
        String name = headers.name(i).toLowerCase(Locale.ROOT);
        if (!signed.contains(name)) {
          unsigned = unsigned == null ? new TreeSet<>() : unsigned;
          unsigned.add(name);
        }
      }
    }
    if (unsigned != null) {
      throw new SignatureException(
          new SignatureFailure.HeadersNotSigned(new ArrayList<>(unsigned)));
    }
  }

  private static PayloadMode mode(String contentHash) {
    PayloadMode mode = PayloadMode.parse(contentHash);
    if (mode == null) {
      throw new SignatureException(new SignatureFailure.BadContentHash(contentHash));
    }
    return mode;
  }

  private static Payload anonymousPayload(HttpRequest request) {
    String contentHash = request.headers().first("x-amz-content-sha256");
    PayloadMode mode = contentHash == null ? new PayloadMode.Unsigned() : mode(contentHash);
    if (mode instanceof PayloadMode.Chunked chunked && chunked.signed()) {
      throw new SignatureException(
          new SignatureFailure.MalformedHeader("Signed chunks need a signed request"));
    }
    return payload(request, mode, null);
  }

  private static Payload payload(
      HttpRequest request, PayloadMode mode, ChunkedPayload.@Nullable Chain chain) {
    if (!(mode instanceof PayloadMode.Chunked chunked)) {
      return new PlainPayload(request.body(), request.contentLength(), mode);
    }
    return new ChunkedPayload(
        request.body(),
        decodedLength(request.headers()),
        chunked,
        chunked.signed() ? chain : null,
        chunked.trailer() ? trailerNames(request.headers()) : null);
  }

  private static @Nullable String trailerNames(Headers headers) {
    List<String> names = headers.all("x-amz-trailer");
    return names.isEmpty() ? null : String.join(",", names);
  }

  private static long decodedLength(Headers headers) {
    String text = headers.first("x-amz-decoded-content-length");
    if (text == null || text.isEmpty() || text.length() > 18 || !isNumber(text)) {
      throw new SignatureException(new SignatureFailure.MissingDecodedLength());
    }
    return Long.parseLong(text);
  }

  private static boolean isNumber(String text) {
    return text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static Query withoutSignature(Query query) {
    return new Query(
        query.parameters().stream().filter(p -> !p.name().equals("X-Amz-Signature")).toList());
  }
}
