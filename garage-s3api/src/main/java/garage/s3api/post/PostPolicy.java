package garage.s3api.post;

import garage.http.json.JsonSyntaxException;
import garage.http.json.JsonText;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a form may hold, as who signed it allows: until when, each field's value or its beginning,
 * and the file's length.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html">POST
 *     policy</a>
 */
record PostPolicy(Instant expiration, List<Condition> conditions, FileSize size) {
  /** Fields that no condition need allow: they are the signature itself, or only checked. */
  private static final Set<String> FREE =
      Set.of("x-amz-signature", "signature", "awsaccesskeyid", "policy", "file");

  private static final List<String> FREE_PREFIXES = List.of("x-ignore-", "x-amz-checksum-");

  PostPolicy {
    conditions = List.copyOf(conditions);
  }

  /** What a field must be, or begin with; {@code text} is the condition as it was written. */
  record Condition(String field, String value, boolean prefix, String text) {
    boolean holds(String actual) {
      return prefix ? actual.startsWith(value) : actual.equals(value);
    }
  }

  /** The length of the file in bytes, both included. */
  record FileSize(long min, long max) {
    static final FileSize ANY = new FileSize(0, Long.MAX_VALUE);
  }

  /** Reads the field {@code policy}. */
  static PostPolicy parse(String base64) {
    try {
      byte[] json = Base64.getDecoder().decode(base64);
      if (JsonText.parse(new String(json, StandardCharsets.UTF_8)) instanceof Map<?, ?> policy
          && policy.get("expiration") instanceof String expiration
          && policy.get("conditions") instanceof List<?> conditions) {
        return of(expiration, conditions);
      }
    } catch (JsonSyntaxException e) {
      throw invalid("Invalid JSON.");
    } catch (IllegalArgumentException e) {
      throw invalid("Invalid base64 encoding.");
    }
    throw invalid("Policy missing expiration or conditions.");
  }

  private static PostPolicy of(String expiration, List<?> conditions) {
    List<Condition> parsed = new ArrayList<>();
    FileSize size = FileSize.ANY;
    for (Object condition : conditions) {
      switch (condition) {
        case Map<?, ?> exact when exact.size() == 1 -> {
          Map.Entry<?, ?> entry = exact.entrySet().iterator().next();
          parsed.add(condition(String.valueOf(entry.getKey()), entry.getValue(), false));
        }
        case List<?> three
            when three.size() == 3 && three.getFirst() instanceof String operator -> {
          switch (operator.toLowerCase(Locale.ROOT)) {
            case "eq" -> parsed.add(condition(field(three.get(1)), three.get(2), false));
            case "starts-with" -> parsed.add(condition(field(three.get(1)), three.get(2), true));
            case "content-length-range" ->
                size = new FileSize(number(three.get(1)), number(three.get(2)));
            default -> throw invalid("Invalid Condition: unknown operation '" + operator + "'.");
          }
        }
        case null, default -> throw invalid("Invalid Policy: conditions must be simple.");
      }
    }
    return new PostPolicy(time(expiration), parsed, size);
  }

  private static Condition condition(String name, @Nullable Object value, boolean prefix) {
    if (!(value instanceof String text)) {
      throw invalid("Invalid Simple-Condition: value must be a string.");
    }
    String shown = "[\"%s\", \"$%s\", \"%s\"]".formatted(prefix ? "starts-with" : "eq", name, text);
    return new Condition(name.toLowerCase(Locale.ROOT), text, prefix, shown);
  }

  private static String field(@Nullable Object name) {
    if (name instanceof String text && text.startsWith("$")) {
      return text.substring(1);
    }
    throw invalid("Invalid Condition: a field begins with '$'.");
  }

  private static long number(@Nullable Object value) {
    String text = String.valueOf(value);
    if (!text.matches("[0-9]{1,18}")) {
      throw invalid("Invalid content-length-range: not a number.");
    }
    return Long.parseLong(text);
  }

  private static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw invalid("Invalid 'expiration' value: '" + text + "'");
    }
  }

  /** Refuses a form to {@code bucket} that the policy does not allow now. */
  void check(Form form, String bucket, Instant now) {
    if (!now.isBefore(expiration)) {
      throw denied("Policy expired.");
    }
    Set<String> allowed = new HashSet<>();
    for (Condition condition : conditions) {
      allowed.add(condition.field());
      String given = form.get(condition.field());
      String actual = condition.field().equals("bucket") ? bucket : given == null ? "" : given;
      if (!holds(condition, actual)) {
        throw denied("Policy Condition failed: " + condition.text());
      }
    }
    if (!allowed.contains("bucket")) {
      throw denied("Policy must name the bucket.");
    }
    for (String field : form.fields().keySet()) {
      boolean free = FREE.contains(field) || FREE_PREFIXES.stream().anyMatch(field::startsWith);
      if (!free && !allowed.contains(field)) {
        throw denied("Extra input fields: " + field);
      }
    }
  }

  /** A content type may be a list, each of which the beginning must be of. */
  private static boolean holds(Condition condition, String actual) {
    if (!condition.prefix() || !condition.field().equals("content-type")) {
      return condition.holds(actual);
    }
    for (String one : actual.split(",", -1)) {
      if (!condition.holds(one.strip())) {
        return false;
      }
    }
    return true;
  }

  private static S3Exception invalid(String why) {
    return S3ErrorCode.INVALID_POLICY_DOCUMENT.because(why);
  }

  private static S3Exception denied(String why) {
    return S3ErrorCode.ACCESS_DENIED.because("Invalid according to Policy: " + why);
  }
}
