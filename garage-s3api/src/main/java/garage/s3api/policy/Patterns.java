package garage.s3api.policy;

import java.util.List;
import java.util.Locale;

/**
 * The actions or resources of a statement.
 *
 * @param negated whether all but these are meant
 * @param ignoreCase whether case does not count; the patterns are in lower case then
 */
record Patterns(List<Wildcard> any, boolean negated, boolean ignoreCase) {
  Patterns {
    any = List.copyOf(any);
  }

  boolean match(String text, PolicyContext context) {
    String compared = ignoreCase ? text.toLowerCase(Locale.ROOT) : text;
    for (Wildcard pattern : any) {
      if (pattern.matches(compared, context)) {
        return !negated;
      }
    }
    return negated;
  }
}
