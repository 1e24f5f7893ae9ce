package garage.s3api.policy;

import garage.common.check.Invariant;
import java.util.Optional;

/** How a condition compares; the name in a policy is the constant's in camel case. */
enum Operator {
  STRING_EQUALS("StringEquals", Kind.TEXT, false),
  STRING_NOT_EQUALS("StringNotEquals", Kind.TEXT, true),
  STRING_EQUALS_IGNORE_CASE("StringEqualsIgnoreCase", Kind.TEXT_IGNORING_CASE, false),
  STRING_NOT_EQUALS_IGNORE_CASE("StringNotEqualsIgnoreCase", Kind.TEXT_IGNORING_CASE, true),
  STRING_LIKE("StringLike", Kind.PATTERN, false),
  STRING_NOT_LIKE("StringNotLike", Kind.PATTERN, true),
  ARN_EQUALS("ArnEquals", Kind.PATTERN, false),
  ARN_NOT_EQUALS("ArnNotEquals", Kind.PATTERN, true),
  ARN_LIKE("ArnLike", Kind.PATTERN, false),
  ARN_NOT_LIKE("ArnNotLike", Kind.PATTERN, true),
  NUMERIC_EQUALS("NumericEquals", Kind.NUMBER, false),
  NUMERIC_NOT_EQUALS("NumericNotEquals", Kind.NUMBER, true),
  NUMERIC_LESS_THAN("NumericLessThan", Kind.NUMBER, false),
  NUMERIC_LESS_THAN_EQUALS("NumericLessThanEquals", Kind.NUMBER, false),
  NUMERIC_GREATER_THAN("NumericGreaterThan", Kind.NUMBER, false),
  NUMERIC_GREATER_THAN_EQUALS("NumericGreaterThanEquals", Kind.NUMBER, false),
  DATE_EQUALS("DateEquals", Kind.DATE, false),
  DATE_NOT_EQUALS("DateNotEquals", Kind.DATE, true),
  DATE_LESS_THAN("DateLessThan", Kind.DATE, false),
  DATE_LESS_THAN_EQUALS("DateLessThanEquals", Kind.DATE, false),
  DATE_GREATER_THAN("DateGreaterThan", Kind.DATE, false),
  DATE_GREATER_THAN_EQUALS("DateGreaterThanEquals", Kind.DATE, false),
  BOOL("Bool", Kind.TEXT_IGNORING_CASE, false),
  BINARY_EQUALS("BinaryEquals", Kind.TEXT, false),
  IP_ADDRESS("IpAddress", Kind.ADDRESS, false),
  NOT_IP_ADDRESS("NotIpAddress", Kind.ADDRESS, true),
  NULL("Null", Kind.TEXT_IGNORING_CASE, false);

  /** What its operands are. */
  enum Kind {
    TEXT,
    TEXT_IGNORING_CASE,
    PATTERN,
    NUMBER,
    DATE,
    ADDRESS
  }

  private final String wireName;
  private final Kind kind;
  private final boolean negated;

  Operator(String wireName, Kind kind, boolean negated) {
    Invariant.check(name().replace("_", "").equalsIgnoreCase(wireName), "one name", wireName);
    this.wireName = wireName;
    this.kind = kind;
    this.negated = negated;
  }

  /** The operator a policy calls {@code name}, which is not case-sensitive. */
  static Optional<Operator> named(String name) {
    for (Operator operator : values()) {
      if (operator.wireName.equalsIgnoreCase(name)) {
        return Optional.of(operator);
      }
    }
    return Optional.empty();
  }

  Kind kind() {
    return kind;
  }

  /** Whether it holds where its operands do not match. */
  boolean negated() {
    return negated;
  }

  /** Whether {@code comparison}, as of {@link Comparable#compareTo}, is what it asks for. */
  boolean accepts(int comparison) {
    return switch (this) {
      case NUMERIC_LESS_THAN, DATE_LESS_THAN -> comparison < 0;
      case NUMERIC_LESS_THAN_EQUALS, DATE_LESS_THAN_EQUALS -> comparison <= 0;
      case NUMERIC_GREATER_THAN, DATE_GREATER_THAN -> comparison > 0;
      case NUMERIC_GREATER_THAN_EQUALS, DATE_GREATER_THAN_EQUALS -> comparison >= 0;
      case STRING_EQUALS,
          STRING_NOT_EQUALS,
          STRING_EQUALS_IGNORE_CASE,
          STRING_NOT_EQUALS_IGNORE_CASE,
          STRING_LIKE,
          STRING_NOT_LIKE,
          ARN_EQUALS,
          ARN_NOT_EQUALS,
          ARN_LIKE,
          ARN_NOT_LIKE,
          NUMERIC_EQUALS,
          NUMERIC_NOT_EQUALS,
          DATE_EQUALS,
          DATE_NOT_EQUALS,
          BOOL,
          BINARY_EQUALS,
          IP_ADDRESS,
          NOT_IP_ADDRESS,
          NULL ->
          comparison == 0;
    };
  }
}
