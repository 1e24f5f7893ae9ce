package garage.s3api.list;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * The order of keys: that of their UTF-8 bytes, which is that of their code points. It differs from
 * {@link String#compareTo}, which puts what lies beyond the 16-bit plane before U+E000.
 */
final class KeyOrder implements Comparator<String> {
  static final KeyOrder INSTANCE = new KeyOrder();

  private KeyOrder() {}

  @Override
  public int compare(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        return Integer.compare(rank(x), rank(y));
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** The smallest string above {@code key}. */
  static String justAfter(String key) {
    return key + '\0';
  }

  /** The smallest string above everything that starts with {@code prefix}; null if none is. */
  static @Nullable String afterPrefix(String prefix) {
    int end = prefix.length();
    while (end > 0) {
      int last = prefix.codePointBefore(end);
      end -= Character.charCount(last);
      if (last < Character.MAX_CODE_POINT) {
        int next = last + 1 == Character.MIN_SURROGATE ? Character.MAX_SURROGATE + 1 : last + 1;
        return new StringBuilder().append(prefix, 0, end).appendCodePoint(next).toString();
      }
    }
    return null;
  }

  /** Surrogates rank above every other 16-bit unit. */
  private static int rank(char c) {
    return Character.isSurrogate(c) ? c + 0x10000 : c;
  }
}
