package garage.s3api.policy;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * One key of one operator in the condition of a statement.
 *
 * @param key in lower case
 * @param values what it is compared to: any of them suffices, or none may match if the operator is
 *     negated
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html">IAM
 *     condition operators</a>
 */
record Condition(Form form, String key, List<Operand> values) {
  /** Keys that, given fixed values, keep the public out. */
  private static final Set<String> PLACES =
      Set.of(
          "aws:sourcearn",
          "aws:sourcevpc",
          "aws:sourcevpce",
          "aws:sourceowner",
          "aws:sourceaccount",
          "aws:sourceip",
          "aws:principalorgid",
          "aws:userid",
          "s3:dataaccesspointarn",
          "s3:dataaccesspointaccount",
          "s3:x-amz-server-side-encryption-aws-kms-key-id");

  /** Which of several values of a request have to match. */
  enum Quantifier {
    /** The one there is. */
    ONE,
    /** Every one; true where there is none. */
    ALL,
    /** At least one; false where there is none. */
    ANY
  }

  /**
   * How it compares.
   *
   * @param ifExists whether it holds where the request says nothing of the key
   */
  record Form(Quantifier quantifier, Operator operator, boolean ifExists) {}

  Condition {
    values = List.copyOf(values);
  }

  boolean holds(PolicyContext context) {
    List<String> said = context.values(key);
    if (form.operator() == Operator.NULL) {
      return values.stream()
          .anyMatch(value -> value.matches(String.valueOf(said.isEmpty()), context));
    }
    Predicate<String> holds =
        text ->
            form.operator().negated()
                ? values.stream().noneMatch(value -> value.matches(text, context))
                : values.stream().anyMatch(value -> value.matches(text, context));
    return switch (form.quantifier()) {
      case ALL -> said.stream().allMatch(holds);
      case ANY -> said.stream().anyMatch(holds);
      case ONE ->
          said.isEmpty()
              ? form.ifExists() || form.operator().negated()
              : form.operator().negated()
                  ? said.stream().allMatch(holds)
                  : said.stream().anyMatch(holds);
    };
  }

  boolean restrictsToFixedPlaces() {
    return PLACES.contains(key)
        && !form.ifExists()
        && form.quantifier() != Quantifier.ALL
        && !form.operator().negated()
        && form.operator() != Operator.NULL
        && values.stream().allMatch(Operand::isNarrow);
  }
}
