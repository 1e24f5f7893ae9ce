package garage.s3api.request;

import java.util.ArrayList;
import java.util.List;

/**
 * The entity tags of a condition, or {@code *}. Tags may stand without quotes, as some clients send
 * them, and may be weak.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3">RFC 9110, 8.8.3</a>
 */
public record EtagList(boolean any, List<Tag> tags) {
  /** One tag without its quotes. */
  public record Tag(boolean weak, String value) {}

  public EtagList {
    tags = List.copyOf(tags);
  }

  /** Reads a header's value. */
  public static EtagList parse(String header) {
    if (header.strip().equals("*")) {
      return new EtagList(true, List.of());
    }
    List<Tag> tags = new ArrayList<>();
    int at = 0;
    while (at < header.length()) {
      char c = header.charAt(at);
      if (c == ',' || c == ' ' || c == '\t') {
        at++;
      } else {
        at = tag(header, at, tags);
      }
    }
    return new EtagList(false, tags);
  }

  /** Reads the tag at {@code start}; answers where it ends. */
  private static int tag(String header, int start, List<Tag> tags) {
    boolean weak = header.startsWith("W/", start);
    int from = weak ? start + 2 : start;
    if (from < header.length() && header.charAt(from) == '"') {
      int close = header.indexOf('"', from + 1);
      int end = close < 0 ? header.length() : close;
      tags.add(new Tag(weak, header.substring(from + 1, end)));
      return close < 0 ? end : end + 1;
    }
    int comma = header.indexOf(',', from);
    int end = comma < 0 ? header.length() : comma;
    tags.add(new Tag(weak, header.substring(from, end).strip()));
    return end;
  }

  /** Whether an object with this tag is meant, by the comparison in which weak tags never match. */
  public boolean matchesStrongly(String etag) {
    return any || tags.stream().anyMatch(t -> !t.weak && t.value.equals(etag));
  }

  /** Whether an object with this tag is meant, weak or not. */
  public boolean matchesWeakly(String etag) {
    return any || tags.stream().anyMatch(t -> t.value.equals(etag));
  }
}
