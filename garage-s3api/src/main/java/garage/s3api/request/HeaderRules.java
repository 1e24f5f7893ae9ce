package garage.s3api.request;

import garage.http.Headers;
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
  private static final Set<String> ACLS_ALLOWED = Set.of("private", "bucket-owner-full-control");
  private static final Set<String> ACLS_KNOWN =
      Set.of(
          "public-read",
          "public-read-write",
          "authenticated-read",
          "aws-exec-read",
          "bucket-owner-read",
          "log-delivery-write");
  private static final Set<String> STORAGE_CLASSES = Set.of("STANDARD");
  private static final String ENCRYPTION = "x-amz-server-side-encryption";
  private static final String SOURCE_ENCRYPTION = "x-amz-copy-source-server-side-encryption";
  private static final String LOCK = "x-amz-object-lock-";
  private static final String GRANT = "x-amz-grant-";

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
    acl(head, S3ErrorCode.ACCESS_CONTROL_LIST_NOT_SUPPORTED);
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
    acl(head, S3ErrorCode.INVALID_BUCKET_ACL_WITH_OBJECT_OWNERSHIP);
    String ownership = head.filled("x-amz-object-ownership");
    if (ownership != null && !ownership.equals("BucketOwnerEnforced")) {
      throw S3Error.unsupportedHeader("x-amz-object-ownership").exception();
    }
    String lock = "x-amz-bucket-object-lock-enabled";
    if (head.filled(lock) != null && !head.says(lock, "false")) {
      throw S3Error.unsupportedHeader(lock).exception();
    }
  }

  /** The rules of DeleteObject. */
  static void delete(RequestHead head) {
    refuseIfFilled(head, "x-amz-if-match-last-modified-time");
    refuseIfFilled(head, "x-amz-if-match-size");
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

  private static void acl(RequestHead head, S3ErrorCode refusal) {
    if (find(head, GRANT) != null) {
      throw refusal.exception();
    }
    String acl = head.filled("x-amz-acl");
    if (acl == null || ACLS_ALLOWED.contains(acl)) {
      return;
    }
    throw ACLS_KNOWN.contains(acl)
        ? refusal.exception()
        : S3Error.invalidArgument("", "x-amz-acl", acl).exception();
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
