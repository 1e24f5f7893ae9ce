package garage.s3api.request;

import garage.http.Headers;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an object is to be read.
 *
 * @param ifRange the tag or date that must be the object's for {@code range} to count
 * @param partNumber the part to read instead of a range
 * @param overrides headers of the reply to replace, by lower-case name
 * @param key what the object is encrypted with; null for none
 * @param withChecksum whether the reply is to name the object's checksum
 */
public record ReadOptions(
    ReadConditions conditions,
    @Nullable ByteRange range,
    @Nullable String ifRange,
    @Nullable Integer partNumber,
    Map<String, String> overrides,
    @Nullable CustomerKey key,
    boolean withChecksum) {
  private static final Map<String, String> OVERRIDES =
      Map.of(
          "response-content-type", "content-type",
          "response-content-language", "content-language",
          "response-expires", "expires",
          "response-cache-control", "cache-control",
          "response-content-disposition", "content-disposition",
          "response-content-encoding", "content-encoding");

  /** All of it, whatever it is. */
  public static final ReadOptions ALL =
      new ReadOptions(ReadConditions.NONE, null, null, null, Map.of(), null, false);

  public ReadOptions {
    overrides = Map.copyOf(overrides);
  }

  /** The options of a browser's request, whose query is not the server's. */
  public static ReadOptions ofPage(RequestHead head) {
    String range = head.filled("range");
    return new ReadOptions(
        ReadConditions.parse(head, ""),
        range == null ? null : ByteRange.parse(range),
        head.filled("if-range"),
        null,
        Map.of(),
        null,
        false);
  }

  /** Reads the options of GetObject and HeadObject. */
  static ReadOptions parse(RequestHead head, Parameters query) {
    String range = head.filled("range");
    String part = query.get("partNumber");
    if (range != null && part != null) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "Cannot specify both Range header and partNumber query parameter");
    }
    return new ReadOptions(
        ReadConditions.parse(head, ""),
        range == null ? null : ByteRange.parse(range),
        head.filled("if-range"),
        part == null ? null : PartNumbers.parse(part),
        overrides(query),
        CustomerKey.parse(head, CustomerKey.HEADER),
        head.says("x-amz-checksum-mode", "enabled"));
  }

  /** Whether {@code range} counts for an object with this tag and time. */
  public boolean rangeApplies(String etag, Instant lastModified) {
    if (ifRange == null) {
      return true;
    }
    Instant date = HttpDates.parse(ifRange);
    return date == null
        ? EtagList.parse(ifRange).matchesStrongly(etag)
        : date.equals(lastModified.truncatedTo(ChronoUnit.SECONDS));
  }

  private static Map<String, String> overrides(Parameters query) {
    Map<String, String> overrides = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : OVERRIDES.entrySet()) {
      String value = query.filled(entry.getKey());
      if (value != null) {
        if (!Headers.isValue(value)) {
          throw S3Error.invalidArgument("Header value cannot be represented", entry.getKey(), value)
              .exception();
        }
        overrides.put(entry.getValue(), value);
      }
    }
    return overrides;
  }
}
