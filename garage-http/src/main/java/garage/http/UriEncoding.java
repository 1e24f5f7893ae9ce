package garage.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Percent-encoding as S3 signs it: every byte but the unreserved ones of RFC 3986 is written as
 * {@code %XX} in upper case.
 */
public final class UriEncoding {
  private static final String HEX = "0123456789ABCDEF";

  private UriEncoding() {}

  /** Encodes the UTF-8 bytes of {@code text}, the slash too. */
  public static String encode(String text) {
    return isPlain(text, false) ? text : encode(text.getBytes(StandardCharsets.UTF_8), false);
  }

  /** Encodes the UTF-8 bytes of {@code path}, but keeps its slashes. */
  public static String encodePath(String path) {
    return isPlain(path, true) ? path : encode(path.getBytes(StandardCharsets.UTF_8), true);
  }

  /** Encodes bytes, and keeps slashes if {@code keepSlash}. */
  public static String encode(byte[] bytes, boolean keepSlash) {
    StringBuilder out = new StringBuilder(bytes.length + 16);
    for (byte b : bytes) {
      if (isUnreserved((char) (b & 0xff)) || (keepSlash && b == '/')) {
        out.append((char) b);
      } else {
        out.append('%').append(HEX.charAt((b >> 4) & 0xf)).append(HEX.charAt(b & 0xf));
      }
    }
    return out.toString();
  }

  /** The text of an encoded path; null unless it is well formed and UTF-8. */
  public static @Nullable String decodePath(String encoded) {
    return decode(encoded, false);
  }

  /** The text of an encoded query part, where a plus is a space; null unless it is well formed. */
  public static @Nullable String decodeQuery(String encoded) {
    return decode(encoded, true);
  }

  private static @Nullable String decode(String encoded, boolean plusIsSpace) {
    if (encoded.indexOf('%') < 0 && (!plusIsSpace || encoded.indexOf('+') < 0)) {
      return isAscii(encoded) ? encoded : null;
    }
    byte[] bytes = decodeBytes(encoded, plusIsSpace);
    if (bytes == null) {
      return null;
    }
    try {
      // A fresh decoder reports malformed input, where new String would replace it.
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static byte @Nullable [] decodeBytes(String encoded, boolean plusIsSpace) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(encoded.length());
    int length = encoded.length();
    for (int i = 0; i < length; i++) {
      char c = encoded.charAt(i);
      if (c == '%') {
        int high = i + 2 < length ? hexDigit(encoded.charAt(i + 1)) : -1;
        int low = i + 2 < length ? hexDigit(encoded.charAt(i + 2)) : -1;
        if (high < 0 || low < 0) {
          return null;
        }
        out.write(high << 4 | low);
        i += 2;
      } else if (c >= 0x80) {
        return null;
      } else {
        out.write(plusIsSpace && c == '+' ? ' ' : c);
      }
    }
    return out.toByteArray();
  }

  /** Unlike Character.digit, knows no digits but ASCII's. */
  private static int hexDigit(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  /** Whether nothing of it has to be encoded. */
  private static boolean isPlain(String text, boolean keepSlash) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isUnreserved(c) && !(keepSlash && c == '/')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }
}
