package garage.common.env;

/** A host name or literal IP address, and a TCP port from 0 to 65535. */
public record Address(String host, int port) {
  public Address {
    if (host.isEmpty() || port < 0 || port > 65535) {
      throw new IllegalArgumentException("'" + host + ":" + port + "' is not an address");
    }
  }

  /**
   * Parses {@code host:port}; an IPv6 address is written in brackets.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static Address parse(String text) {
    int colon = text.lastIndexOf(':');
    boolean bracketed = text.startsWith("[") && colon > 1 && text.charAt(colon - 1) == ']';
    String host =
        colon < 0 ? "" : bracketed ? text.substring(1, colon - 1) : text.substring(0, colon);
    if (!bracketed && host.contains(":")) {
      throw new IllegalArgumentException("'" + text + "': write an IPv6 address as [address]:port");
    }
    try {
      return new Address(host, Integer.parseInt(text.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + text + "' is not an address: write host:port", e);
    }
  }

  @Override
  public String toString() {
    return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
  }
}
