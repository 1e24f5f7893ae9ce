package garage.server.config;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Addresses that begin alike.
 *
 * @param network the first of them, as a number
 * @param length the bits that are alike
 * @param width the bits of an address: 32 or 128
 */
public record Subnet(BigInteger network, int length, int width) {
  private static final int IPV4_BITS = 32;
  private static final int IPV6_BITS = 128;
  private static final int IPV6_GROUPS = 8;

  public Subnet {
    if (length < 0 || length > width) {
      throw new IllegalArgumentException("the length of a subnet is from 0 to " + width);
    }
    network = network.shiftRight(width - length).shiftLeft(width - length);
  }

  /**
   * Parses {@code 10.0.0.0/8} or {@code fd00::/8}.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static Subnet parse(String text) {
    int slash = text.indexOf('/');
    try {
      String address = text.substring(0, slash);
      int length = Integer.parseInt(text.substring(slash + 1));
      return address.contains(":")
          ? new Subnet(number(ipv6(address), 16), length, IPV6_BITS)
          : new Subnet(number(ipv4(address), 8), length, IPV4_BITS);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a subnet: write 10.0.0.0/8 or fd00::/8", e);
    }
  }

  /** Whether an address of these bytes is in it. */
  public boolean contains(byte[] address) {
    return address.length * 8 == width
        && new BigInteger(1, address)
            .shiftRight(width - length)
            .equals(network.shiftRight(width - length));
  }

  private static List<Integer> ipv4(String address) {
    List<Integer> parts = parts(address, "\\.", 10, 255);
    if (parts.size() != 4) {
      throw new IllegalArgumentException(address);
    }
    return parts;
  }

  private static List<Integer> ipv6(String address) {
    int gap = address.indexOf("::");
    if (gap < 0) {
      return sized(parts(address, ":", 16, 0xffff), address);
    }
    List<Integer> groups = new ArrayList<>(parts(address.substring(0, gap), ":", 16, 0xffff));
    List<Integer> end = parts(address.substring(gap + 2), ":", 16, 0xffff);
    while (groups.size() + end.size() < IPV6_GROUPS) {
      groups.add(0);
    }
    groups.addAll(end);
    return sized(groups, address);
  }

  private static List<Integer> sized(List<Integer> groups, String address) {
    if (groups.size() != IPV6_GROUPS) {
      throw new IllegalArgumentException(address);
    }
    return groups;
  }

  private static List<Integer> parts(String text, String separator, int radix, int max) {
    List<Integer> parts = new ArrayList<>();
    for (String part : text.isEmpty() ? new String[0] : text.split(separator, -1)) {
      int value = Integer.parseInt(part, radix);
      if (value < 0 || value > max) {
        throw new IllegalArgumentException(part);
      }
      parts.add(value);
    }
    return parts;
  }

  private static BigInteger number(List<Integer> parts, int bits) {
    BigInteger number = BigInteger.ZERO;
    for (int part : parts) {
      number = number.shiftLeft(bits).add(BigInteger.valueOf(part));
    }
    return number;
  }
}
