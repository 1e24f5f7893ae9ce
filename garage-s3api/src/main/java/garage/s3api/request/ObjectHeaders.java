package garage.s3api.request;

import garage.http.Headers;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The headers kept with an object and sent with it, by lower-case name: {@code content-type} and
 * its kin, and the client's own {@code x-amz-meta-*}.
 */
public record ObjectHeaders(Map<String, String> values) {
  /** AWS's limit on the names (without prefix) and values of {@code x-amz-meta-*}, in bytes. */
  public static final int METADATA_BYTES_MAX = 2048;

  /** What AWS sends for an object stored without a type. */
  public static final String DEFAULT_CONTENT_TYPE = "binary/octet-stream";

  /** Where the web site sends who asks for the object. */
  public static final String REDIRECT_LOCATION = "x-amz-website-redirect-location";

  /** Begins the names of the client's own headers. */
  public static final String META = "x-amz-meta-";

  private static final int REDIRECT_CHARS_MAX = 2048;
  private static final List<String> KEPT =
      List.of(
          "content-type",
          "cache-control",
          "content-disposition",
          "content-encoding",
          "content-language",
          "expires");

  public ObjectHeaders {
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  /** Reads the headers of a request that makes an object. */
  static ObjectHeaders parse(RequestHead head) {
    Map<String, String> values = new TreeMap<>();
    for (String name : KEPT) {
      String value = head.filled(name);
      if (value != null) {
        values.put(name, value);
      }
    }
    withoutFraming(values);
    values.putIfAbsent("content-type", DEFAULT_CONTENT_TYPE);
    userMetadata(head, values);
    String redirect = redirectLocation(head);
    if (redirect != null) {
      values.put(REDIRECT_LOCATION, redirect);
    }
    return new ObjectHeaders(values);
  }

  /** Reads {@link #REDIRECT_LOCATION}; null if it is not there. */
  static @Nullable String redirectLocation(RequestHead head) {
    String location = head.filled(REDIRECT_LOCATION);
    if (location == null) {
      return null;
    }
    if (location.length() > REDIRECT_CHARS_MAX) {
      throw S3ErrorCode.INVALID_REDIRECT_LOCATION.because(
          "The length of website redirect location cannot exceed 2,048 characters.");
    }
    if (!location.startsWith("/")
        && !location.startsWith("http://")
        && !location.startsWith("https://")) {
      throw S3ErrorCode.INVALID_REDIRECT_LOCATION.exception();
    }
    return location;
  }

  /** The framing of this one request's body is not a property of the object. */
  private static void withoutFraming(Map<String, String> values) {
    String encodings = values.remove("content-encoding");
    if (encodings == null) {
      return;
    }
    List<String> kept = new ArrayList<>();
    for (String encoding : encodings.split(",", -1)) {
      String name = encoding.strip();
      if (!name.isEmpty() && !name.equalsIgnoreCase("aws-chunked")) {
        kept.add(name);
      }
    }
    if (!kept.isEmpty()) {
      values.put("content-encoding", String.join(", ", kept));
    }
  }

  private static void userMetadata(RequestHead head, Map<String, String> values) {
    Headers headers = head.headers();
    int bytes = 0;
    for (int i = 0; i < headers.size(); i++) {
      String name = headers.name(i).toLowerCase(Locale.ROOT);
      if (name.startsWith(META) && name.length() > META.length() && !values.containsKey(name)) {
        String value = metadataValue(head, name);
        values.put(name, value);
        bytes += name.length() - META.length();
        bytes += value.getBytes(StandardCharsets.UTF_8).length;
      }
    }
    if (bytes > METADATA_BYTES_MAX) {
      throw S3Error.of(S3ErrorCode.METADATA_TOO_LARGE)
          .with("Size", Integer.toString(bytes))
          .with("MaxSizeAllowed", Integer.toString(METADATA_BYTES_MAX))
          .exception();
    }
  }

  private static String metadataValue(RequestHead head, String name) {
    @Nullable String value = head.header(name);
    return value == null ? "" : value;
  }
}
