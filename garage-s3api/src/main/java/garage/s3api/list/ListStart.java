package garage.s3api.list;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Where a listing begins. */
public sealed interface ListStart {
  /** At the first key. */
  record Beginning() implements ListStart {}

  /** After this key and every item of it. */
  record AfterKey(String key) implements ListStart {}

  /** After this item of this key. */
  record AfterItem(String key, String sub) implements ListStart {}

  /** After every key that starts with this. */
  record AfterPrefix(String prefix) implements ListStart {}

  /** The first place of the listing; null if nothing can follow. */
  default @Nullable Position position() {
    return switch (this) {
      case Beginning() -> Position.START;
      case AfterKey(String key) -> Position.at(KeyOrder.justAfter(key));
      case AfterItem(String key, String sub) -> new Position(key, KeyOrder.justAfter(sub));
      case AfterPrefix(String prefix) -> {
        String key = KeyOrder.afterPrefix(prefix);
        yield key == null ? null : Position.at(key);
      }
    };
  }

  /**
   * The start a client names by a key. If that is one of the listing's own common prefixes, as the
   * marker of a previous page may be, the whole prefix has been listed.
   */
  static ListStart marker(String marker, String prefix, String delimiter) {
    if (marker.isEmpty()) {
      return new Beginning();
    }
    if (!delimiter.isEmpty() && marker.startsWith(prefix)) {
      int at = marker.indexOf(delimiter, prefix.length());
      if (at >= 0 && at + delimiter.length() == marker.length()) {
        return new AfterPrefix(marker);
      }
    }
    return new AfterKey(marker);
  }

  /** An opaque text from which {@link #ofToken} makes this again. */
  default String toToken() {
    String text =
        switch (this) {
          case Beginning() -> "b";
          case AfterKey(String key) -> "k" + key;
          case AfterItem(String key, String sub) -> "i" + sub + '\n' + key;
          case AfterPrefix(String prefix) -> "p" + prefix;
        };
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(utf8);
  }

  /** What {@link #toToken} wrote; null if this is no such text. */
  static @Nullable ListStart ofToken(String token) {
    String text = decode(token);
    if (text == null || text.isEmpty()) {
      return null;
    }
    String rest = text.substring(1);
    return switch (text.charAt(0)) {
      case 'b' -> new Beginning();
      case 'k' -> new AfterKey(rest);
      case 'p' -> new AfterPrefix(rest);
      case 'i' -> afterItem(rest);
      default -> null;
    };
  }

  private static @Nullable ListStart afterItem(String text) {
    int end = text.indexOf('\n');
    if (end < 0) {
      return null;
    }
    return new AfterItem(text.substring(end + 1), text.substring(0, end));
  }

  private static @Nullable String decode(String token) {
    try {
      byte[] utf8 = Base64.getUrlDecoder().decode(token);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return null;
    }
  }
}
