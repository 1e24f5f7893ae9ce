package garage.s3api.request;

import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;

/**
 * The access control lists AWS has a name for.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl">Canned
 *     ACL</a>
 */
public enum CannedAcl {
  PRIVATE("private"),
  PUBLIC_READ("public-read"),
  PUBLIC_READ_WRITE("public-read-write"),
  AUTHENTICATED_READ("authenticated-read"),
  BUCKET_OWNER_READ("bucket-owner-read"),
  BUCKET_OWNER_FULL_CONTROL("bucket-owner-full-control"),
  LOG_DELIVERY_WRITE("log-delivery-write");

  private final String wireName;

  CannedAcl(String wireName) {
    this.wireName = wireName;
  }

  /** Reads the header {@code x-amz-acl}. */
  static CannedAcl of(String text) {
    for (CannedAcl acl : values()) {
      if (acl.wireName.equals(text)) {
        return acl;
      }
    }
    if (text.equals("aws-exec-read")) { // shares with a service of AWS that is not here
      throw S3Error.unsupportedHeader("x-amz-acl").exception();
    }
    throw S3Error.of(S3ErrorCode.INVALID_ARGUMENT)
        .with("ArgumentName", "x-amz-acl")
        .with("ArgumentValue", text)
        .exception();
  }
}
