package garage.testkit.env;

import java.util.StringJoiner;

/**
 * What happened in a simulation, line by line. Two runs of one seed must give equal traces; the
 * digest covers every line, the text only the last {@link #LINES_MAX}.
 *
 * <p>A line is kept in parts, most of which are names that live as long as what they name: nothing
 * is put together before somebody reads it, and of a name the digest takes the hash that the string
 * remembers. A simulation writes hundreds of lines a second of virtual time.
 */
public final class Trace {
  /** Lines kept: the last minutes of a small cluster. */
  static final int LINES_MAX = 1 << 15;

  private static final long PRIME = 0x9e3779b97f4a7c15L;

  private final long[] times = new long[LINES_MAX];
  private final String[] verbs = new String[LINES_MAX];
  private final String[] subjects = new String[LINES_MAX];
  private long count;
  private long digest;

  void add(long time, String verb, String subject) {
    int at = (int) (count++ & (LINES_MAX - 1));
    times[at] = time;
    verbs[at] = verb;
    subjects[at] = subject;
    take(time);
    take((long) verb.hashCode() << 32 | (subject.hashCode() & 0xffff_ffffL));
  }

  private void take(long value) {
    long mixed = (digest ^ value) * PRIME;
    digest = mixed ^ (mixed >>> 29);
  }

  /** The number of lines so far. */
  public long count() {
    return count;
  }

  /** Equal for equal traces. */
  public long digest() {
    return digest;
  }

  /** The last lines. */
  public String text() {
    return tail(LINES_MAX);
  }

  /** The last {@code max} lines. */
  String tail(int max) {
    StringJoiner lines = new StringJoiner("\n");
    for (long i = Math.max(0, count - Math.min(max, LINES_MAX)); i < count; i++) {
      int at = (int) (i & (LINES_MAX - 1));
      lines.add(times[at] + " " + verbs[at] + " " + subjects[at]);
    }
    return lines.toString();
  }
}
