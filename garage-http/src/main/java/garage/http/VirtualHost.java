package garage.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The names in a Host header. */
public final class VirtualHost {
  private VirtualHost() {}

  /** The host without its port, in lower case; an IPv6 address keeps its brackets. */
  public static String name(String hostHeader) {
    int colon = hostHeader.lastIndexOf(':');
    String host = colon > hostHeader.lastIndexOf(']') ? hostHeader.substring(0, colon) : hostHeader;
    return host.toLowerCase(Locale.ROOT);
  }

  /**
   * What stands before {@code rootDomain}, which may begin with a dot, in a Host header; null if it
   * does not end in it.
   */
  public static @Nullable String below(String rootDomain, String hostHeader) {
    String lower = rootDomain.toLowerCase(Locale.ROOT);
    String suffix = lower.startsWith(".") ? lower : "." + lower;
    String host = name(hostHeader);
    boolean below = host.endsWith(suffix) && host.length() > suffix.length();
    return below ? host.substring(0, host.length() - suffix.length()) : null;
  }
}
