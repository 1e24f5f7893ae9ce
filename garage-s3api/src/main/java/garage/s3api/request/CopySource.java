package garage.s3api.request;

import garage.http.UriEncoding;
import garage.model.object.VersionId;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import org.jspecify.annotations.Nullable;

/**
 * The object a copy reads, and when it may; {@code expectedOwner} and {@code key}, with which it is
 * encrypted, are null unless given.
 */
public record CopySource(
    ObjectName name,
    ReadConditions conditions,
    @Nullable String expectedOwner,
    @Nullable CustomerKey key) {
  private static final String HEADER = "x-amz-copy-source";
  private static final String VERSION = "?versionId=";

  /** Reads the headers {@code x-amz-copy-source*}. */
  static CopySource parse(RequestHead head) {
    String text = head.filled(HEADER);
    if (text == null) {
      throw invalid("");
    }
    int version = text.lastIndexOf(VERSION);
    String path = version < 0 ? text : text.substring(0, version);
    VersionId id = version < 0 ? null : Versions.parse(text.substring(version + VERSION.length()));
    return new CopySource(
        name(path, text).at(id),
        ReadConditions.parse(head, HEADER + "-"),
        head.filled("x-amz-source-expected-bucket-owner"),
        CustomerKey.parse(head, CustomerKey.SOURCE_HEADER));
  }

  /**
   * The source as policies name it, {@code bucket/key}, however the header writes it; null without
   * one.
   */
  public static @Nullable String named(RequestHead head) {
    String text = head.filled(HEADER);
    if (text == null) {
      return null;
    }
    int version = text.lastIndexOf(VERSION);
    String path = version < 0 ? text : text.substring(0, version);
    String decoded = UriEncoding.decodePath(path);
    String name = decoded == null ? path : decoded;
    return name.startsWith("/") ? name.substring(1) : name;
  }

  private static ObjectName name(String raw, String header) {
    String path = UriEncoding.decodePath(raw);
    if (path == null) {
      // Some clients send the key as it is.
      path = raw;
    }
    String relative = path.startsWith("/") ? path.substring(1) : path;
    int slash = relative.indexOf('/');
    if (slash <= 0 || slash == relative.length() - 1) {
      throw invalid(header);
    }
    return ObjectName.checked(relative.substring(0, slash), relative.substring(slash + 1));
  }

  private static RuntimeException invalid(String value) {
    return new S3Exception(
        S3Error.of(
                S3ErrorCode.INVALID_ARGUMENT,
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
            .with("ArgumentName", HEADER)
            .with("ArgumentValue", value));
  }
}
