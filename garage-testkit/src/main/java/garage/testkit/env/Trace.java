package garage.testkit.env;

import java.util.ArrayDeque;

/**
 * What happened in a simulation, line by line. Two runs of one seed must give equal traces; the
 * digest covers every line, the text only the last {@link #LINES_MAX}.
 */
public final class Trace {
  /** Lines kept; about 50 bytes each. */
  static final int LINES_MAX = 200_000;

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final ArrayDeque<String> lines = new ArrayDeque<>();
  private long count;
  private long digest = FNV_OFFSET;

  void add(String line) {
    count++;
    for (int i = 0; i < line.length(); i++) {
      digest = (digest ^ line.charAt(i)) * FNV_PRIME;
    }
    digest = (digest ^ '\n') * FNV_PRIME;
    if (lines.size() == LINES_MAX) {
      lines.remove();
    }
    lines.add(line);
  }

  /** The number of lines so far. */
  public long count() {
    return count;
  }

  /** Equal for equal traces; FNV-1a over all lines. */
  public long digest() {
    return digest;
  }

  /** The last lines. */
  public String text() {
    return String.join("\n", lines);
  }

  /** The last {@code max} lines. */
  String tail(int max) {
    return String.join("\n", lines.stream().skip(Math.max(0, lines.size() - max)).toList());
  }
}
