package garage.s3api.request;

import garage.http.Headers;
import garage.model.acl.ObjectOwnership;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses headers that ask for a feature which is not there: answering 200 without doing what was
 * asked is the one thing a store must never do. Harmless forms pass.
 */
final class HeaderRules {
  private static final Set<String> STORAGE_CLASSES = Set.of("STANDARD");
  private static final String ENCRYPTION = "x-amz-server-side-encryption";
  private static final String SOURCE_ENCRYPTION = "x-amz-copy-source-server-side-encryption";
  private static final String LOCK = "x-amz-object-lock-";

  private HeaderRules() {}

  /** The rules of every request: without temporary credentials no token can be valid. */
  static void all(RequestHead head) {
    if (head.filled("x-amz-security-token") != null) {
      throw S3ErrorCode.INVALID_TOKEN.exception();
    }
  }

  /** The rules of requests that make an object or announce one. */
  static void newObject(RequestHead head) {
    dataTransfer(head);
    refuseWithPrefix(head, LOCK);
    refuseIfFilled(head, "x-amz-write-offset-bytes");
    storageClass(head.filled("x-amz-storage-class"));
  }

  /** The rules of requests that send bytes into an object or copy them. */
  static void dataTransfer(RequestHead head) {
    Headers headers = head.headers();
    for (int i = 0; i < headers.size(); i++) {
      String name = headers.name(i).toLowerCase(Locale.ROOT);
      boolean encryption = name.startsWith(ENCRYPTION) || name.startsWith(SOURCE_ENCRYPTION);
      if (encryption
          && !name.startsWith(CustomerKey.HEADER)
          && !name.startsWith(CustomerKey.SOURCE_HEADER)) {
        throw S3Error.unsupportedHeader(name).exception();
      }
    }
  }

  /** The rules of CreateBucket. */
  static void newBucket(RequestHead head) {
    String lock = "x-amz-bucket-object-lock-enabled";
    if (head.filled(lock) != null && !head.says(lock, "false")) {
      throw S3Error.unsupportedHeader(lock).exception();
    }
  }

  /** Who is to own the objects of a new bucket; null if it is not said. */
  static @Nullable ObjectOwnership ownership(RequestHead head) {
    String header = "x-amz-object-ownership";
    String name = head.filled(header);
    if (name == null) {
      return null;
    }
    return ObjectOwnership.named(name)
        .orElseThrow(() ->
            S3Error.invalidArgument("Invalid x-amz-object-ownership header", header, name)
                .exception());
  }

  /** A header that may say COPY or REPLACE; null if it is not there. */
  static @Nullable String directive(RequestHead head, String header) {
    String value = head.filled(header);
    if (value != null && !value.equals("COPY") && !value.equals("REPLACE")) {
      String what = header.contains("tagging") ? "tagging" : "metadata";
      throw S3Error.invalidArgument("Unknown " + what + " directive.", header, value).exception();
    }
    return value;
  }

  private static void storageClass(@Nullable String value) {
    if (value != null && !STORAGE_CLASSES.contains(value)) {
      throw S3Error.of(S3ErrorCode.INVALID_STORAGE_CLASS)
          .with("StorageClassRequested", value)
          .exception();
    }
  }

  private static void refuseIfFilled(RequestHead head, String name) {
    if (head.filled(name) != null) {
      throw S3Error.unsupportedHeader(name).exception();
    }
  }

  private static void refuseWithPrefix(RequestHead head, String prefix) {
    String name = find(head, prefix);
    if (name != null) {
      throw S3Error.unsupportedHeader(name).exception();
    }
  }

  private static @Nullable String find(RequestHead head, String prefix) {
    Headers headers = head.headers();
    for (int i = 0; i < headers.size(); i++) {
      String name = headers.name(i);
      if (name.regionMatches(true, 0, prefix, 0, prefix.length())) {
        return name.toLowerCase(Locale.ROOT);
      }
    }
    return null;
  }
}
