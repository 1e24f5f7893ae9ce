package garage.common.id;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, never negative. */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
  private static final Pattern SYNTAX =
      Pattern.compile("\\s*(\\d{1,19}(?:\\.\\d{1,9})?)\\s*([a-zA-Z]*)\\s*");
  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("", 1L),
          Map.entry("b", 1L),
          Map.entry("k", 1_000L),
          Map.entry("kb", 1_000L),
          Map.entry("m", 1_000_000L),
          Map.entry("mb", 1_000_000L),
          Map.entry("g", 1_000_000_000L),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("t", 1_000_000_000_000L),
          Map.entry("tb", 1_000_000_000_000L),
          Map.entry("p", 1_000_000_000_000_000L),
          Map.entry("pb", 1_000_000_000_000_000L),
          Map.entry("ki", 1L << 10),
          Map.entry("kib", 1L << 10),
          Map.entry("mi", 1L << 20),
          Map.entry("mib", 1L << 20),
          Map.entry("gi", 1L << 30),
          Map.entry("gib", 1L << 30),
          Map.entry("ti", 1L << 40),
          Map.entry("tib", 1L << 40),
          Map.entry("pi", 1L << 50),
          Map.entry("pib", 1L << 50));

  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size cannot be negative: " + bytes);
    }
  }

  /**
   * Parses a decimal number with an optional unit of either case: {@code K}, {@code KB}, … are
   * powers of 1000, {@code Ki}, {@code KiB}, … powers of 1024, no unit is bytes.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static ByteSize parse(String text) {
    Matcher m = SYNTAX.matcher(text);
    Long unit = m.matches() ? UNITS.get(m.group(2).toLowerCase(Locale.ROOT)) : null;
    if (unit == null) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a size: write a number with a unit such as 10G, 512MiB or 4096");
    }
    BigDecimal bytes =
        new BigDecimal(m.group(1))
            .multiply(BigDecimal.valueOf(unit))
            .setScale(0, RoundingMode.DOWN);
    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException("'" + text + "' is too large a size");
    }
    return new ByteSize(bytes.longValueExact());
  }

  /** One decimal and a power of 1000: {@code 10.0 GB}; below 1000 {@code 999 B}. */
  public String decimal() {
    return format(1000, new String[] {"KB", "MB", "GB", "TB", "PB", "EB"});
  }

  /** One decimal and a power of 1024: {@code 1.5 MiB}; below 1024 {@code 999 B}. */
  public String binary() {
    return format(1024, new String[] {"kiB", "MiB", "GiB", "TiB", "PiB", "EiB"});
  }

  private String format(int base, String[] units) {
    if (bytes < base) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    do {
      value /= base;
      unit++;
    } while (value >= base && unit < units.length - 1);
    return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
  }

  @Override
  public int compareTo(ByteSize other) {
    return Long.compare(bytes, other.bytes);
  }

  @Override
  public String toString() {
    return decimal();
  }
}
