package garage.s3api.cors;

import garage.http.Headers;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.xml.CorsConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a bucket's configuration says to a request of another origin: the first rule that matches it
 * in origin, method and headers.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html">Elements of
 *     a CORS configuration</a>
 */
public final class CorsRules {
  private static final Set<String> METHODS = Set.of("GET", "PUT", "POST", "DELETE", "HEAD");

  private final CorsConfiguration configuration;

  CorsRules(CorsConfiguration configuration) {
    this.configuration = configuration;
  }

  /**
   * {@code configuration}, if a bucket can have it.
   *
   * @throws S3Exception with {@code InvalidRequest} if not
   */
  public static CorsConfiguration checked(CorsConfiguration configuration) {
    for (CorsConfiguration.Rule rule : configuration.rules()) {
      for (String method : rule.allowedMethods()) {
        if (!METHODS.contains(method)) {
          throw S3ErrorCode.INVALID_REQUEST.because(
              "Found unsupported HTTP method in CORS config. Unsupported method is " + method);
        }
      }
      rule.allowedOrigins().forEach(origin -> checkWildcards("AllowedOrigin", origin));
      rule.allowedHeaders().forEach(header -> checkWildcards("AllowedHeader", header));
      rule.exposeHeaders().forEach(CorsRules::checkExposed);
    }
    return configuration;
  }

  private static void checkWildcards(String element, String text) {
    if (text.isEmpty() || text.indexOf('*') != text.lastIndexOf('*') || !Headers.isValue(text)) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "%s \"%s\" can not have more than one wildcard.".formatted(element, text));
    }
  }

  private static void checkExposed(String header) {
    if (header.contains("*")) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "ExposeHeader \"%s\" contains wildcard. We currently do not support wildcard for ExposeHeader."
              .formatted(header));
    }
    if (!Headers.isToken(header)) {
      throw S3Error.of(S3ErrorCode.MALFORMED_XML).exception();
    }
  }

  /**
   * The headers that let a page of {@code origin} see the answer to {@code method}; empty if no
   * rule does.
   *
   * @param asked names of the headers a preflight asks for
   */
  Optional<Headers.Builder> allow(String origin, String method, List<String> asked) {
    for (CorsConfiguration.Rule rule : configuration.rules()) {
      Optional<String> pattern =
          rule.allowedOrigins().stream().filter(p -> matches(p, origin)).findFirst();
      if (pattern.isPresent()
          && rule.allowedMethods().contains(method)
          && asked.stream().allMatch(header -> allows(rule, header))) {
        return Optional.of(headers(rule, pattern.get().equals("*") ? "*" : origin, asked));
      }
    }
    return Optional.empty();
  }

  private static boolean allows(CorsConfiguration.Rule rule, String header) {
    String lower = header.toLowerCase(Locale.ROOT);
    return rule.allowedHeaders().stream()
        .anyMatch(pattern -> matches(pattern.toLowerCase(Locale.ROOT), lower));
  }

  /** {@code pattern} holds one asterisk at most. */
  private static boolean matches(String pattern, String text) {
    int star = pattern.indexOf('*');
    return star < 0
        ? pattern.equals(text)
        : text.length() >= pattern.length() - 1
            && text.startsWith(pattern.substring(0, star))
            && text.endsWith(pattern.substring(star + 1));
  }

  private static Headers.Builder headers(
      CorsConfiguration.Rule rule, String origin, List<String> asked) {
    Headers.Builder headers = Headers.builder().add("Access-Control-Allow-Origin", origin);
    headers.add("Access-Control-Allow-Methods", String.join(", ", rule.allowedMethods()));
    if (!asked.isEmpty()) {
      List<String> lower = new ArrayList<>();
      asked.forEach(header -> lower.add(header.toLowerCase(Locale.ROOT)));
      headers.add("Access-Control-Allow-Headers", String.join(", ", lower));
    }
    if (!rule.exposeHeaders().isEmpty()) {
      headers.add("Access-Control-Expose-Headers", String.join(", ", rule.exposeHeaders()));
    }
    if (rule.maxAgeSeconds() != null) {
      headers.add("Access-Control-Max-Age", rule.maxAgeSeconds().toString());
    }
    if (!origin.equals("*")) {
      headers.add("Access-Control-Allow-Credentials", "true");
    }
    return headers;
  }
}
