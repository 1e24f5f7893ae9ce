package garage.http.sigv4;

import garage.http.Headers;
import garage.http.Query;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of its own signature, before anything is believed.
 *
 * @param signedHeaders in lower case, sorted, each once
 * @param expires how long a presigned request is good for; null for header authentication
 */
record Claim(
    String accessKeyId,
    CredentialScope scope,
    List<String> signedHeaders,
    String signature,
    AmzDate date,
    @Nullable Duration expires) {
  static final String ALGORITHM = "AWS4-HMAC-SHA256";
  static final Duration EXPIRES_MAX = Duration.ofDays(7);

  private static final int SIGNATURE_LENGTH = 64;
  private static final int SCOPE_PARTS = 4;

  /** Reads an Authorization header. */
  static Claim ofHeader(String authorization, Headers headers, String service) {
    int space = authorization.indexOf(' ');
    String mechanism = space < 0 ? authorization : authorization.substring(0, space);
    if (!mechanism.equals(ALGORITHM)) {
      throw new SignatureException(new SignatureFailure.UnsupportedMechanism(mechanism));
    }
    Complaint malformed =
        detail ->
            new SignatureException(
                new SignatureFailure.MalformedHeader(
                    "The authorization header is malformed; " + detail));
    Map<String, String> fields = fields(authorization.substring(space + 1), malformed);
    AmzDate date = headerDate(headers);
    Claim claim =
        read(
            field(fields, "Credential", malformed),
            field(fields, "SignedHeaders", malformed),
            field(fields, "Signature", malformed),
            date,
            malformed);
    claim.expectScope(service, malformed);
    return claim;
  }

  /** Reads the parameters of a presigned request. */
  static Claim ofQuery(Query query, String service) {
    Complaint malformed =
        detail -> new SignatureException(new SignatureFailure.MalformedQuery(detail));
    for (Query.Parameter p : query.parameters()) {
      if (p.name().startsWith("X-Amz-") && !p.value().equals(query.first(p.name()))) {
        throw malformed.of("Query-string authentication requires each parameter once");
      }
    }
    String algorithm = parameter(query, "X-Amz-Algorithm", malformed);
    if (!algorithm.equals(ALGORITHM)) {
      throw malformed.of("X-Amz-Algorithm only supports \"" + ALGORITHM + "\"");
    }
    AmzDate date = AmzDate.parse(parameter(query, "X-Amz-Date", malformed));
    if (date == null) {
      throw malformed.of("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
    }
    Claim claim =
        read(
            parameter(query, "X-Amz-Credential", malformed),
            parameter(query, "X-Amz-SignedHeaders", malformed),
            parameter(query, "X-Amz-Signature", malformed),
            date,
            malformed);
    claim.expectScope(service, malformed);
    return claim.expiring(parameter(query, "X-Amz-Expires", malformed), malformed);
  }

  /** Makes the front end's kind of failure out of a detail. */
  private interface Complaint {
    SignatureException of(String detail);
  }

  private static Claim read(
      String credential,
      String signedHeaders,
      String signature,
      AmzDate date,
      Complaint malformed) {
    String[] parts = credential.split("/", -1);
    int from = parts.length - SCOPE_PARTS;
    if (from < 1 || !parts[from + 3].equals(CredentialScope.TERMINATOR)) {
      throw malformed.of(
          "the Credential is mal-formed; expecting"
              + " \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
    }
    // An access key may itself hold slashes: the scope is what stands at the end.
    String accessKeyId = String.join("/", List.of(parts).subList(0, from));
    if (accessKeyId.isEmpty()) {
      throw malformed.of("the Credential names no access key");
    }
    if (signature.length() != SIGNATURE_LENGTH || !isHex(signature)) {
      throw malformed.of("the Signature is not 64 hex digits");
    }
    CredentialScope scope = new CredentialScope(parts[from], parts[from + 1], parts[from + 2]);
    return new Claim(accessKeyId, scope, names(signedHeaders, malformed), signature, date, null);
  }

  private void expectScope(String service, Complaint malformed) {
    if (!scope.service().equals(service)) {
      throw malformed.of(
          "incorrect service \""
              + scope.service()
              + "\". This endpoint belongs to \""
              + service
              + "\".");
    }
    if (!scope.day().equals(date.day())) {
      throw malformed.of(
          "Invalid credential date \""
              + scope.day()
              + "\". This date is not the same as"
              + " X-Amz-Date: \""
              + date.day()
              + "\".");
    }
  }

  private Claim expiring(String seconds, Complaint malformed) {
    long count;
    try {
      count = Long.parseLong(seconds);
    } catch (NumberFormatException e) {
      throw malformed.of("X-Amz-Expires should be a number");
    }
    if (count < 0) {
      throw malformed.of("X-Amz-Expires must be non-negative");
    }
    if (count > EXPIRES_MAX.toSeconds()) {
      throw malformed.of(
          "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires"
              + " must be less than 604800 seconds");
    }
    return new Claim(accessKeyId, scope, signedHeaders, signature, date, Duration.ofSeconds(count));
  }

  private static List<String> names(String list, Complaint malformed) {
    List<String> names = new ArrayList<>();
    boolean ascending = true;
    for (String sent : list.split(";", -1)) {
      if (!Headers.isToken(sent)) {
        throw malformed.of("the SignedHeaders list is mal-formed");
      }
      String name = sent.toLowerCase(Locale.ROOT);
      ascending &= names.isEmpty() || names.getLast().compareTo(name) < 0;
      names.add(name);
    }
    return ascending ? List.copyOf(names) : names.stream().sorted().distinct().toList();
  }

  private static Map<String, String> fields(String text, Complaint malformed) {
    Map<String, String> fields = new HashMap<>();
    for (String part : text.split(",", -1)) {
      String field = part.trim();
      int equals = field.indexOf('=');
      if (equals < 0
          || fields.put(field.substring(0, equals), field.substring(equals + 1)) != null) {
        throw malformed.of("expecting Credential, SignedHeaders and Signature, each once.");
      }
    }
    return fields;
  }

  private static String field(Map<String, String> fields, String name, Complaint malformed) {
    String value = fields.get(name);
    if (value == null) {
      throw malformed.of("missing " + name + ".");
    }
    return value;
  }

  private static String parameter(Query query, String name, Complaint malformed) {
    String value = query.first(name);
    if (value == null) {
      throw malformed.of(
          "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential,"
              + " X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires"
              + " parameters.");
    }
    return value;
  }

  private static AmzDate headerDate(Headers headers) {
    String own = headers.first("x-amz-date");
    String http = headers.first("date");
    AmzDate date =
        own != null ? AmzDate.parseHttp(own) : http != null ? AmzDate.parseHttp(http) : null;
    if (date == null) {
      throw new SignatureException(new SignatureFailure.MissingDate());
    }
    return date;
  }

  private static boolean isHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }
}
