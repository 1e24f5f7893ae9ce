package garage.s3api.policy;

import java.util.Arrays;
import java.util.Optional;

/** IP addresses as text, without asking a resolver. */
final class IpText {
  private static final byte[] V4_IN_V6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

  private IpText() {}

  /** The 4 or 16 bytes of an address; empty if {@code text} is none. */
  static Optional<byte[]> parse(String text) {
    return text.indexOf(':') < 0 ? v4(text) : v6(text);
  }

  private static Optional<byte[]> v4(String text) {
    if (!text.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
      return Optional.empty();
    }
    byte[] bytes = new byte[4];
    int i = 0;
    for (String part : text.split("\\.", -1)) {
      int value = Integer.parseInt(part);
      if (value > 255) {
        return Optional.empty();
      }
      bytes[i++] = (byte) value;
    }
    return Optional.of(bytes);
  }

  private static Optional<byte[]> v6(String text) {
    String hex = text;
    int dot = text.indexOf('.');
    if (dot >= 0) { // the last 32 bits as an IPv4 address
      int colon = text.lastIndexOf(':');
      Optional<byte[]> tail = v4(text.substring(colon + 1));
      if (tail.isEmpty()) {
        return Optional.empty();
      }
      byte[] b = tail.get();
      hex =
          text.substring(0, colon + 1)
              + Integer.toHexString(((b[0] & 255) << 8) | (b[1] & 255))
              + ':'
              + Integer.toHexString(((b[2] & 255) << 8) | (b[3] & 255));
    }
    int gap = hex.indexOf("::");
    if (gap >= 0 && hex.indexOf("::", gap + 1) >= 0) {
      return Optional.empty();
    }
    return gap < 0
        ? groups(split(hex), new String[0], 8)
        : groups(split(hex.substring(0, gap)), split(hex.substring(gap + 2)), 0);
  }

  private static String[] split(String groups) {
    return groups.isEmpty() ? new String[0] : groups.split(":", -1);
  }

  /** The address of {@code before}, zeros, {@code after}. */
  private static Optional<byte[]> groups(String[] before, String[] after, int groupsMin) {
    int groups = before.length + after.length;
    if (groups > 8 || groups < groupsMin) {
      return Optional.empty();
    }
    byte[] bytes = new byte[16];
    if (!put(bytes, 0, before) || !put(bytes, 8 - after.length, after)) {
      return Optional.empty();
    }
    return Optional.of(
        Arrays.mismatch(bytes, V4_IN_V6) == V4_IN_V6.length
            ? Arrays.copyOfRange(bytes, 12, 16)
            : bytes);
  }

  private static boolean put(byte[] bytes, int group, String[] texts) {
    for (int i = 0; i < texts.length; i++) {
      if (!texts[i].matches("[0-9a-fA-F]{1,4}")) {
        return false;
      }
      int value = Integer.parseInt(texts[i], 16);
      bytes[2 * (group + i)] = (byte) (value >> 8);
      bytes[2 * (group + i) + 1] = (byte) value;
    }
    return true;
  }
}
