package garage.s3api.policy;

import java.math.BigInteger;
import java.util.Optional;

/**
 * A block of IP addresses; an IPv4 address inside IPv6 ({@code ::ffff:a.b.c.d}) is the IPv4 one.
 *
 * @param bits of an address: 32 or 128
 * @param address its first address
 * @param prefix how many leading bits all its addresses share
 * @see <a href="https://www.rfc-editor.org/rfc/rfc4632">RFC 4632</a>
 */
record Cidr(int bits, BigInteger address, int prefix) {
  /** Wider blocks than these count as everywhere, as AWS has it. */
  private static final int NARROW_V4 = 8;

  private static final int NARROW_V6 = 32;

  /** An address, or one with a prefix length; empty if {@code text} is neither. */
  static Optional<Cidr> parse(String text) {
    int slash = text.indexOf('/');
    Optional<byte[]> address = IpText.parse(slash < 0 ? text : text.substring(0, slash));
    if (address.isEmpty()) {
      return Optional.empty();
    }
    int bits = address.get().length * 8;
    int prefix = slash < 0 ? bits : length(text.substring(slash + 1));
    if (prefix < 0 || prefix > bits) {
      return Optional.empty();
    }
    BigInteger first = new BigInteger(1, address.get()).shiftRight(bits - prefix);
    return Optional.of(new Cidr(bits, first.shiftLeft(bits - prefix), prefix));
  }

  private static int length(String text) {
    return text.matches("[0-9]{1,3}") ? Integer.parseInt(text) : -1;
  }

  boolean contains(Cidr other) {
    return bits == other.bits
        && prefix <= other.prefix
        && address.shiftRight(bits - prefix).equals(other.address.shiftRight(bits - prefix));
  }

  boolean isNarrow() {
    return prefix >= (bits == 32 ? NARROW_V4 : NARROW_V6);
  }
}
