package garage.s3api.request;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One range of bytes as a client asks for it. */
public sealed interface ByteRange {
  /** From {@code first} to {@code last}, both included; {@code Long.MAX_VALUE} is the end. */
  record Span(long first, long last) implements ByteRange {}

  /** The last {@code length} bytes. */
  record Suffix(long length) implements ByteRange {}

  /** The bytes of an object a range means, both included. */
  record Resolved(long first, long last) {
    /** The number of bytes. */
    public long length() {
      return last - first + 1;
    }
  }

  /** One range; eighteen digits fit a long and more bytes than any object has. */
  Pattern SYNTAX = Pattern.compile("bytes\\s*=\\s*(\\d{0,18})\\s*-\\s*(\\d{0,18})\\s*");

  /**
   * Reads a Range header. Null if it is to be ignored, as AWS does with what is malformed, in
   * another unit or more than one range.
   */
  static @Nullable ByteRange parse(String header) {
    Matcher m = SYNTAX.matcher(header.strip());
    if (!m.matches() || (m.group(1).isEmpty() && m.group(2).isEmpty())) {
      return null;
    }
    if (m.group(1).isEmpty()) {
      return new Suffix(Long.parseLong(m.group(2)));
    }
    long first = Long.parseLong(m.group(1));
    long last = m.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(m.group(2));
    return first > last ? null : new Span(first, last);
  }

  /** The bytes meant in an object of {@code size}; null if there are none. */
  default @Nullable Resolved resolve(long size) {
    return switch (this) {
      case Span(long first, long last) ->
          first >= size ? null : new Resolved(first, Math.min(last, size - 1));
      case Suffix(long length) ->
          length == 0 || size == 0 ? null : new Resolved(Math.max(0, size - length), size - 1);
    };
  }
}
