package garage.s3api.object;

import garage.model.object.Header;
import garage.s3api.request.ObjectHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The client's own headers as they are sent. As at AWS, a value with characters beyond ASCII is
 * sent as an encoded word of RFC 2047: half of all clients take other bytes of a head for Latin-1,
 * the other half for UTF-8. Encoded words that were stored are sent as they are, so that nothing is
 * encoded twice.
 */
final class Metadata {
  private Metadata() {}

  /** What stands in the reply. */
  static String sent(Header header) {
    String value = header.value();
    if (!header.name().startsWith(ObjectHeaders.META) || isAscii(value)) {
      return value;
    }
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return "=?UTF-8?B?" + Base64.getEncoder().encodeToString(bytes) + "?=";
  }

  private static boolean isAscii(String value) {
    return value.chars().allMatch(c -> c < 0x80);
  }
}
