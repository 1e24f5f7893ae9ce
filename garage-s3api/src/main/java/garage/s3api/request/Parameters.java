package garage.s3api.request;

import garage.http.Query;
import garage.s3api.error.S3Error;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters. A parameter that is used must not be given twice: one of the two values
 * would be ignored.
 */
record Parameters(Query query) {
  boolean has(String name) {
    return query.contains(name);
  }

  /** The value of a parameter; null if it is not there. */
  @Nullable String get(String name) {
    String value = null;
    for (Query.Parameter parameter : query.parameters()) {
      if (parameter.name().equals(name)) {
        if (value != null) {
          throw S3Error.invalidArgument("A parameter is given twice.", name, parameter.value())
              .exception();
        }
        value = parameter.value();
      }
    }
    return value;
  }

  /** The value of a parameter; null if it is not there or empty. */
  @Nullable String filled(String name) {
    String value = get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** The value of a parameter, or the empty text. */
  String text(String name) {
    String value = get(name);
    return value == null ? "" : value;
  }

  /**
   * A non-negative number, at most {@code max}; {@code max} if it is not given. Greater numbers are
   * brought down, as AWS does. The name in the answer, {@code argument}, is AWS's own.
   */
  int count(String name, String argument, int max) {
    String value = filled(name);
    if (value == null) {
      return max;
    }
    Long number = Numbers.parse(value, Integer.MAX_VALUE);
    if (number == null) {
      throw S3Error.invalidArgument(
              "Argument " + argument + " must be an integer between 0 and 2147483647",
              argument,
              value)
          .exception();
    }
    return (int) Math.min(number, max);
  }
}
