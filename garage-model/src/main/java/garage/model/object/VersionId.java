package garage.model.object;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.time.Timestamp;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What tells the versions of a key apart.
 *
 * @param written when it was written; null for the version that was written while its bucket kept
 *     none, of which a key has at most one
 */
public record VersionId(@Nullable Timestamp written) {
  /** The id of the version written while its bucket kept none. */
  public static final VersionId NULL = new VersionId(null);

  private static final String NULL_TEXT = "null";

  static final Codec<VersionId> CODEC =
      Codec.of(
          (out, id) -> out.optional(id.written, Timestamp.CODEC),
          in -> new VersionId(in.optional(Timestamp.CODEC)));

  /** Whether it is {@link #NULL}. */
  public boolean isNull() {
    return written == null;
  }

  /** As clients see it: opaque, and safe in URLs. */
  public String text() {
    return written == null
        ? NULL_TEXT
        : HexFormat.of().formatHex(new Writer().value(written, Timestamp.CODEC).toBytes());
  }

  /** Reads {@link #text}; empty if this never was one. */
  public static Optional<VersionId> parse(String text) {
    if (text.equals(NULL_TEXT)) {
      return Optional.of(NULL);
    }
    if (!text.matches("[0-7][0-9a-f]{39}")) { // a time is never negative
      return Optional.empty();
    }
    Reader in = new Reader(HexFormat.of().parseHex(text));
    return Optional.of(new VersionId(in.value(Timestamp.CODEC)));
  }
}
