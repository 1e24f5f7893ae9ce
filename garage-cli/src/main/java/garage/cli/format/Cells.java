package garage.cli.format;

import garage.common.id.ByteSize;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What several tables show in one way. */
final class Cells {
  private static final int SHORT_ID = 16;

  private Cells() {}

  static String heading(String title) {
    return "==== " + title + " ====\n";
  }

  /** The first 16 digits of an id. */
  static String id(String hex) {
    return hex.length() <= SHORT_ID ? hex : hex.substring(0, SHORT_ID);
  }

  static String tags(List<String> tags) {
    return "[" + String.join(",", tags) + "]";
  }

  /** A storage node's capacity; a gateway has none. */
  static String capacity(@Nullable Long bytes) {
    return bytes == null ? "gateway" : new ByteSize(bytes).decimal();
  }

  /** {@code 7.5 GB (75.0%)}. */
  static String share(long part, long whole) {
    return "%s (%s)".formatted(new ByteSize(part).decimal(), percent(part, whole));
  }

  static String percent(long part, long whole) {
    return String.format(Locale.ROOT, "%.1f%%", whole == 0 ? 0.0 : 100.0 * part / whole);
  }

  /** {@code 1.0 MiB (1.0 MB)}. */
  static String bothSizes(long bytes) {
    ByteSize size = new ByteSize(bytes);
    return size.binary() + " (" + size.decimal() + ")";
  }

  /** One alias as it is, of several the first and their number. */
  static String aliases(List<String> aliases) {
    return switch (aliases.size()) {
      case 0 -> "";
      case 1 -> aliases.getFirst();
      default -> aliases.getFirst() + ", ... (" + aliases.size() + ")";
    };
  }
}
