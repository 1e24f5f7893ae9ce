package garage.s3api.policy;

import garage.http.json.JsonSyntaxException;
import garage.http.json.JsonText;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON of a bucket policy. What is not understood is refused: a policy that is stored is
 * one that is enforced to the letter.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html">Grammar
 *     of the policy language</a>
 */
public final class PolicyParser {
  /** AWS's limit on the text of a bucket policy. */
  public static final int BYTES_MAX = 20 * 1024;

  private static final Set<String> VERSIONS = Set.of("2008-10-17", "2012-10-17");
  private static final Set<String> MEMBERS = Set.of("Version", "Id", "Statement");
  private static final Set<String> STATEMENT_MEMBERS =
      Set.of(
          "Sid",
          "Effect",
          "Principal",
          "NotPrincipal",
          "Action",
          "NotAction",
          "Resource",
          "NotResource",
          "Condition");

  private final String bucket;

  private PolicyParser(String bucket) {
    this.bucket = bucket;
  }

  /**
   * The policy {@code text} of {@code bucket}.
   *
   * @throws S3Exception with {@code MalformedPolicy} if it is none
   */
  public static BucketPolicy parse(String text, String bucket) {
    if (text.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX) {
      throw malformed("Policy exceeds the maximum allowed document size.");
    }
    try {
      return new PolicyParser(bucket).policy(text, JsonText.parse(text));
    } catch (JsonSyntaxException e) {
      throw malformed("This policy contains invalid Json");
    }
  }

  private BucketPolicy policy(String text, @Nullable Object json) {
    Map<?, ?> policy = object(json, "Policies must be valid JSON and the first byte must be '{'");
    onlyMembers(policy, MEMBERS);
    Object version = policy.get("Version");
    if (version != null && !VERSIONS.contains(version)) {
      throw malformed("The policy must contain a valid version string");
    }
    Object statements = policy.get("Statement");
    if (statements == null) {
      throw malformed("Missing required field Statement");
    }
    List<?> all = statements instanceof List<?> list ? list : List.of(statements);
    if (all.isEmpty()) {
      throw malformed("Could not parse the policy: Statement is empty!");
    }
    List<Statement> parsed = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (Object statement : all) {
      parsed.add(statement(object(statement, "Invalid policy syntax."), ids));
    }
    return new BucketPolicy(bucket, text, parsed);
  }

  private Statement statement(Map<?, ?> json, Set<String> ids) {
    onlyMembers(json, STATEMENT_MEMBERS);
    Object sid = json.get("Sid");
    if (sid != null && !(sid instanceof String id && (id.isEmpty() || ids.add(id)))) {
      throw malformed("Statement IDs (SID) in a single policy must be unique.");
    }
    Statement.Effect effect = effect(json.get("Effect"));
    return new Statement(
        effect, principals(json, effect), actions(json), resources(json), conditions(json));
  }

  private static Statement.Effect effect(@Nullable Object json) {
    return switch (json) {
      case null -> throw malformed("Missing required field Effect");
      case String s when s.equals("Allow") -> Statement.Effect.ALLOW;
      case String s when s.equals("Deny") -> Statement.Effect.DENY;
      default -> throw malformed("Invalid effect: " + json);
    };
  }

  // --- whom

  private static Principals principals(Map<?, ?> json, Statement.Effect effect) {
    Object some = json.get("Principal");
    Object not = json.get("NotPrincipal");
    if ((some == null) == (not == null)) {
      throw malformed(
          some == null ? "Missing required field Principal" : "Principal and NotPrincipal exclude");
    }
    if (some != null) {
      return principals(some);
    }
    if (effect == Statement.Effect.ALLOW) {
      throw malformed("Allow with NotPrincipal is not allowed.");
    }
    return new Principals.AllBut(principals(not));
  }

  private static Principals principals(@Nullable Object json) {
    if ("*".equals(json)) {
      return new Principals.Everybody();
    }
    List<String> accounts = new ArrayList<>();
    List<String> canonical = new ArrayList<>();
    object(json, "Invalid policy syntax.")
        .forEach((kind, names) -> {
          switch ((String) kind) {
            case "AWS" -> accounts.addAll(strings(names));
            case "CanonicalUser" -> canonical.addAll(strings(names));
            case "Service", "Federated" -> strings(names); // there is nobody of that kind here
            default -> throw malformed("Invalid principal in policy");
          }
        });
    accounts.forEach(PolicyParser::checkAccount);
    return accounts.contains("*")
        ? new Principals.Everybody()
        : new Principals.Some(accounts, canonical);
  }

  /** A principal is a name, not a pattern. */
  private static void checkAccount(String name) {
    boolean wild = name.contains("*") || name.contains("?");
    if (name.isEmpty() || (wild && !name.equals("*"))) {
      throw malformed("Invalid principal in policy");
    }
  }

  // --- what

  private static Patterns actions(Map<?, ?> json) {
    return patterns(
        json,
        "Action",
        action -> {
          String lower = action.toLowerCase(Locale.ROOT);
          if (!lower.equals("*") && !(lower.startsWith("s3:") && S3Actions.anyMatch(lower))) {
            throw malformed("Policy has invalid action");
          }
          return Wildcard.of(lower);
        },
        true);
  }

  private Patterns resources(Map<?, ?> json) {
    return patterns(
        json,
        "Resource",
        resource -> {
          Wildcard pattern = Wildcard.of(resource);
          if (!resource.equals("*") && !isOfBucket(resource)) {
            throw malformed("Policy has invalid resource");
          }
          return pattern;
        },
        false);
  }

  /** Whether the bucket part of a resource can be this bucket. */
  private boolean isOfBucket(String resource) {
    String[] parts = resource.split(":", 6);
    if (parts.length < 6 || !parts[0].equals("arn") || !parts[2].equals("s3")) {
      return false;
    }
    int slash = parts[5].indexOf('/');
    String name = slash < 0 ? parts[5] : parts[5].substring(0, slash);
    return name.contains("${") || Wildcard.of(name).matchesLiterally(bucket);
  }

  private static Patterns patterns(
      Map<?, ?> json, String member, Function<String, Wildcard> parse, boolean ignoreCase) {
    Object some = json.get(member);
    Object not = json.get("Not" + member);
    if ((some == null) == (not == null)) {
      throw malformed(
          some == null
              ? "Missing required field " + member
              : member + " and Not" + member + " exclude each other");
    }
    List<String> texts = strings(some == null ? not : some);
    if (texts.isEmpty()) {
      throw malformed("Missing required field " + member + " cannot be empty!");
    }
    return new Patterns(texts.stream().map(parse).toList(), some == null, ignoreCase);
  }

  // --- when

  private static List<Condition> conditions(Map<?, ?> json) {
    Object all = json.get("Condition");
    if (all == null) {
      return List.of();
    }
    List<Condition> conditions = new ArrayList<>();
    object(all, "Invalid policy syntax.")
        .forEach((operator, keys) -> {
          Condition.Form form = form((String) operator);
          object(keys, "Invalid policy syntax.")
              .forEach((key, values) -> conditions.add(condition(form, (String) key, values)));
        });
    return conditions;
  }

  private static Condition.Form form(String text) {
    String name = text;
    Condition.Quantifier quantifier = Condition.Quantifier.ONE;
    if (name.startsWith("ForAllValues:")) {
      quantifier = Condition.Quantifier.ALL;
      name = name.substring("ForAllValues:".length());
    } else if (name.startsWith("ForAnyValue:")) {
      quantifier = Condition.Quantifier.ANY;
      name = name.substring("ForAnyValue:".length());
    }
    boolean ifExists = name.endsWith("IfExists");
    String bare = ifExists ? name.substring(0, name.length() - "IfExists".length()) : name;
    Operator operator =
        Operator.named(bare).orElseThrow(() -> malformed("Invalid Condition type : " + text));
    if (operator == Operator.NULL && (ifExists || quantifier != Condition.Quantifier.ONE)) {
      throw malformed("Invalid Condition type : " + text);
    }
    return new Condition.Form(quantifier, operator, ifExists);
  }

  private static Condition condition(Condition.Form form, String key, @Nullable Object values) {
    if (!ConditionKeys.isKnown(key)) {
      throw malformed("Policy has an invalid condition key");
    }
    List<Operand> operands = new ArrayList<>();
    for (String value : strings(values)) {
      operands.add(
          Operand.of(form.operator(), value)
              .orElseThrow(() -> malformed("Invalid value for condition " + key + ": " + value)));
    }
    return new Condition(form, key.toLowerCase(Locale.ROOT), operands);
  }

  // --- JSON

  private static void onlyMembers(Map<?, ?> json, Set<String> known) {
    for (Object member : json.keySet()) {
      if (!known.contains((String) member)) {
        throw malformed("Unknown field " + member);
      }
    }
  }

  private static Map<?, ?> object(@Nullable Object json, String otherwise) {
    if (json instanceof Map<?, ?> members) {
      return members;
    }
    throw malformed(otherwise);
  }

  /** A text or an array of texts; numbers and booleans are their texts. */
  private static List<String> strings(@Nullable Object json) {
    List<?> items = json instanceof List<?> list ? list : Collections.singletonList(json);
    List<String> texts = new ArrayList<>();
    for (Object item : items) {
      switch (item) {
        case String text -> texts.add(text);
        case Boolean flag -> texts.add(flag.toString());
        case Long number -> texts.add(number.toString());
        case Double number -> texts.add(number.toString());
        case null, default -> throw malformed("Invalid policy syntax.");
      }
    }
    return texts;
  }

  private static S3Exception malformed(String why) {
    return S3ErrorCode.MALFORMED_POLICY.because(why);
  }
}
