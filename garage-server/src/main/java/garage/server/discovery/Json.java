package garage.server.discovery;

import garage.common.env.Address;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.http.json.JsonSyntaxException;
import garage.http.json.JsonText;
import garage.rpc.peering.PeerAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What services answer, taken with a grain of salt: what is not as expected is not there. */
final class Json {
  private static final int SHOWN_CHARS_MAX = 200;

  private Json() {}

  static @Nullable Object parse(String text) {
    try {
      return JsonText.parse(text);
    } catch (JsonSyntaxException e) {
      throw new GarageException.Corrupt("not JSON: " + e.getMessage(), e);
    }
  }

  static String format(Object value) {
    return JsonText.format(value);
  }

  static String shortened(String text) {
    String line = text.strip().replaceAll("\\p{Cntrl}+", " ");
    return line.length() <= SHOWN_CHARS_MAX ? line : line.substring(0, SHOWN_CHARS_MAX) + "...";
  }

  static List<? extends @Nullable Object> list(@Nullable Object value) {
    return value instanceof List<?> items ? items : List.of();
  }

  /** The members of an object; none of anything else. */
  @SuppressWarnings("unchecked") // the parser makes names strings
  static Map<String, @Nullable Object> object(@Nullable Object value) {
    return value instanceof Map<?, ?> members ? (Map<String, @Nullable Object>) members : Map.of();
  }

  static @Nullable String text(Map<String, @Nullable Object> object, String name) {
    return object.get(name) instanceof String text ? text : null;
  }

  /** A peer of what a service says of it; null if that is not one. */
  static @Nullable PeerAddress peer(
      @Nullable String id, @Nullable String host, @Nullable Object port) {
    if (id == null || host == null || !(port instanceof Long number)) {
      return null;
    }
    try {
      return new PeerAddress(
          NodeId.parse(id), new Address(host, Math.toIntExact(number.longValue())));
    } catch (IllegalArgumentException | ArithmeticException e) {
      return null; // an instance of the service that is no node of ours
    }
  }
}
