package garage.http.sigv4;

import garage.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The fields after an aws-chunked body: exactly those the x-amz-trailer header announced. */
final class TrailerFields {
  private static final String SIGNATURE = "x-amz-trailer-signature";

  private final Set<String> announced = new HashSet<>();
  private final Headers.Builder fields = Headers.builder();
  private final StringBuilder canonical = new StringBuilder();
  private @Nullable String signature;

  TrailerFields(@Nullable String announcedList) {
    if (announcedList != null) {
      for (String name : announcedList.split(",", -1)) {
        announced.add(name.trim().toLowerCase(Locale.ROOT));
      }
      announced.remove("");
      announced.remove(SIGNATURE);
    }
  }

  void add(String line) {
    int colon = line.indexOf(':');
    String name = colon < 0 ? "" : line.substring(0, colon).trim().toLowerCase(Locale.ROOT);
    String value = utf8(line.substring(colon + 1).trim());
    if (!Headers.isToken(name) || !Headers.isValue(value)) {
      throw malformed("a line is not a header field");
    }
    if (signature != null) {
      throw malformed("a field after the signature");
    }
    if (name.equals(SIGNATURE)) {
      signature = value;
      return;
    }
    if (!announced.remove(name)) {
      throw malformed("field " + name + " was not announced once in x-amz-trailer");
    }
    fields.add(name, value);
    canonical.append(name).append(':').append(value).append('\n');
  }

  /** Checks that nothing is missing. */
  void end(boolean signed) {
    if (!announced.isEmpty()) {
      throw malformed("a field announced in x-amz-trailer is missing");
    }
    if (signed && signature == null) {
      throw malformed(SIGNATURE + " is missing");
    }
  }

  Headers fields() {
    return fields.build();
  }

  String canonical() {
    return canonical.toString();
  }

  @Nullable String signature() {
    return signature;
  }

  /** Header text is UTF-8 here as everywhere; the line was read byte by byte. */
  private static String utf8(String latin1) {
    return new String(latin1.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private static SignatureException malformed(String detail) {
    return new SignatureException(
        new SignatureFailure.MalformedTrailer(
            "The request contained trailing data that was not"
                + " well-formed or did not conform to our published schema: "
                + detail));
  }
}
