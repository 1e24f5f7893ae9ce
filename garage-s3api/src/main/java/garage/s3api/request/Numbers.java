package garage.s3api.request;

import org.jspecify.annotations.Nullable;

/** Numbers as requests carry them: ASCII digits only. */
final class Numbers {
  private static final int DIGITS_MAX = 18;

  private Numbers() {}

  /** The number, from 0 to {@code max}; null if the text is anything else. */
  static @Nullable Long parse(String text, long max) {
    if (text.isEmpty() || text.length() > DIGITS_MAX) {
      return null;
    }
    long number = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return null;
      }
      number = number * 10 + digit;
    }
    return number <= max ? number : null;
  }
}
