package garage.s3api.policy;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A text in which {@code *} stands for any characters and {@code ?} for any one, and in which
 * {@code ${key}} stands for what a request says of the key. A variable's text is literal: an
 * asterisk in a user's name matches an asterisk. {@code ${*}}, {@code ${?}} and {@code ${$}} are
 * the characters themselves. A variable the request says nothing of, or several things, matches
 * nothing.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html">IAM
 *     policy variables</a>
 */
final class Wildcard {
  /** Codes above every character. */
  private static final int ANY = 0x10000;

  private static final int ONE = 0x10001;

  private final String pattern;

  /** Characters and codes; empty where variables have to be put in for each request. */
  private final int[] compiled;

  private final boolean variable;

  /** What every text that matches begins with: most statements are about something else. */
  private final String start;

  private Wildcard(String pattern) {
    this.pattern = pattern;
    this.variable = pattern.contains("${");
    this.compiled = variable ? new int[0] : compile(pattern);
    this.start = start(pattern);
  }

  private static String start(String pattern) {
    int end = 0;
    while (end < pattern.length()
        && code(pattern.charAt(end)) < ANY
        && !pattern.startsWith("${", end)) {
      end++;
    }
    return pattern.substring(0, end);
  }

  static Wildcard of(String pattern) {
    return new Wildcard(pattern);
  }

  /** The pattern as it was written. */
  String pattern() {
    return pattern;
  }

  /** Whether it stands for one text only, whatever the request. */
  boolean isFixed() {
    return !variable && Arrays.stream(compiled).noneMatch(code -> code >= ANY);
  }

  boolean matches(String text, PolicyContext context) {
    if (!text.startsWith(start)) {
      return false;
    }
    if (!variable) {
      return matches(compiled, text);
    }
    int[] codes = substituted(context, text.length());
    return codes != null && matches(codes, text);
  }

  /** As {@link #matches}, of a pattern without variables. */
  boolean matchesLiterally(String text) {
    return matches(compiled, text);
  }

  private static int[] compile(String pattern) {
    return pattern.chars().map(Wildcard::code).toArray();
  }

  private static int code(int c) {
    return switch (c) {
      case '*' -> ANY;
      case '?' -> ONE;
      default -> c;
    };
  }

  /**
   * With what the request says put in; null if that matches no text of so many characters. It ends
   * as soon as there are too many: a pattern may name a variable a thousand times, and a request
   * may say ten thousand characters of it.
   */
  private int @Nullable [] substituted(PolicyContext context, int charactersMax) {
    int[] codes = new int[pattern.length()];
    int length = 0;
    int characters = 0;
    int at = 0;
    while (at < pattern.length()) {
      int end = pattern.startsWith("${", at) ? pattern.indexOf('}', at) : -1;
      if (end < 0) {
        codes = room(codes, length + 1);
        int code = code(pattern.charAt(at++));
        characters += code == ANY ? 0 : 1;
        codes[length++] = code;
      } else {
        String value = value(pattern.substring(at + 2, end), context);
        characters += value == null ? 0 : value.length();
        if (value == null || characters > charactersMax) {
          return null;
        }
        codes = room(codes, length + value.length());
        for (int i = 0; i < value.length(); i++) {
          codes[length++] = value.charAt(i);
        }
        at = end + 1;
      }
    }
    return Arrays.copyOf(codes, length);
  }

  private static @Nullable String value(String name, PolicyContext context) {
    if (name.equals("*") || name.equals("?") || name.equals("$")) {
      return name;
    }
    List<String> values = context.values(name.toLowerCase(Locale.ROOT));
    return values.size() == 1 ? values.getFirst() : null;
  }

  private static int[] room(int[] codes, int length) {
    return length <= codes.length ? codes : Arrays.copyOf(codes, length * 2);
  }

  /** Greedy, with the last {@code *} as the only place to go back to: O(text x pattern). */
  private static boolean matches(int[] codes, String text) {
    int at = 0;
    int star = -1;
    int resume = 0;
    int i = 0;
    while (i < text.length()) {
      if (at < codes.length && (codes[at] == ONE || codes[at] == text.charAt(i))) {
        at++;
        i++;
      } else if (at < codes.length && codes[at] == ANY) {
        star = at++;
        resume = i;
      } else if (star >= 0) {
        at = star + 1;
        i = ++resume;
      } else {
        return false;
      }
    }
    while (at < codes.length && codes[at] == ANY) {
      at++;
    }
    return at == codes.length;
  }
}
