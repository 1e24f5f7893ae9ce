package garage.s3api.policy;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A value in the condition of a policy. */
sealed interface Operand {
  /** Whether what a request says is this; a negated operator turns it round. */
  boolean matches(String said, PolicyContext context);

  /** Whether it names few enough places that the public is not among them. */
  boolean isNarrow();

  /** The operand {@code text} of {@code operator}; empty if it is none. */
  static Optional<Operand> of(Operator operator, String text) {
    return switch (operator.kind()) {
      case TEXT -> Optional.of(new Text(Wildcard.of(literal(text)), false));
      case TEXT_IGNORING_CASE ->
          Optional.of(new Text(Wildcard.of(literal(text.toLowerCase(Locale.ROOT))), true));
      case PATTERN -> Optional.of(new Text(Wildcard.of(text), false));
      case NUMBER -> Optional.ofNullable(number(text)).map(n -> new Amount(operator, n));
      case DATE -> Optional.ofNullable(date(text)).map(d -> new Date(operator, d));
      case ADDRESS -> Cidr.parse(text).map(Address::new);
    };
  }

  /** Wildcards that stand for themselves; variables remain variables. */
  private static String literal(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean inVariable = i >= 2 && text.startsWith("${", i - 2);
      out.append((c == '*' || c == '?') && !inVariable ? "${" + c + "}" : String.valueOf(c));
    }
    return out.toString();
  }

  private static @Nullable BigDecimal number(String text) {
    try {
      return text.length() > 40 ? null : new BigDecimal(text.strip());
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** ISO 8601 with or without a time, or seconds since the Unix epoch. */
  private static @Nullable Instant date(String text) {
    try {
      if (text.matches("-?[0-9]{1,12}")) {
        return Instant.ofEpochSecond(Long.parseLong(text));
      }
      return text.indexOf('T') < 0
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
          : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** A text or pattern. */
  record Text(Wildcard pattern, boolean ignoreCase) implements Operand {
    @Override
    public boolean matches(String said, PolicyContext context) {
      return pattern.matches(ignoreCase ? said.toLowerCase(Locale.ROOT) : said, context);
    }

    @Override
    public boolean isNarrow() {
      return pattern.isFixed();
    }
  }

  /** A number, compared as the operator says. */
  record Amount(Operator operator, BigDecimal value) implements Operand {
    @Override
    public boolean matches(String said, PolicyContext context) {
      BigDecimal number = number(said);
      return number != null && operator.accepts(number.compareTo(value));
    }

    @Override
    public boolean isNarrow() {
      return true;
    }
  }

  /** A moment, compared as the operator says. */
  record Date(Operator operator, Instant value) implements Operand {
    @Override
    public boolean matches(String said, PolicyContext context) {
      Instant moment = date(said);
      return moment != null && operator.accepts(moment.compareTo(value));
    }

    @Override
    public boolean isNarrow() {
      return true;
    }
  }

  /** A range of addresses. */
  record Address(Cidr range) implements Operand {
    @Override
    public boolean matches(String said, PolicyContext context) {
      return Cidr.parse(said).filter(range::contains).isPresent();
    }

    @Override
    public boolean isNarrow() {
      return range.isNarrow();
    }
  }
}
