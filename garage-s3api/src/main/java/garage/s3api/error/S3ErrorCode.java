package garage.s3api.error;

import garage.common.check.Invariant;
import java.util.List;

/**
 * The error codes of the operations served, with the status and the text AWS sends, and the further
 * elements of the document.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html">Error
 *     responses</a>
 */
public enum S3ErrorCode {
  ACCESS_CONTROL_LIST_NOT_SUPPORTED(
      "AccessControlListNotSupported", 400, "The bucket does not allow ACLs"),
  ACCESS_DENIED(
      "AccessDenied",
      403,
      "Access Denied",
      "X-Amz-Expires",
      "Expires",
      "ServerTime",
      "HeadersNotSigned"),
  ACCESS_FORBIDDEN(
      "AccessForbidden",
      403,
      "CORSResponse: This CORS request is not allowed.",
      "Method",
      "ResourceType"),
  AMBIGUOUS_GRANT_BY_EMAIL_ADDRESS(
      "AmbiguousGrantByEmailAddress",
      400,
      "The e-mail address you provided is associated with more than one account."),
  AUTHORIZATION_HEADER_MALFORMED(
      "AuthorizationHeaderMalformed", 400, "The authorization header is malformed."),
  AUTHORIZATION_QUERY_PARAMETERS_ERROR(
      "AuthorizationQueryParametersError",
      400,
      "The authorization query parameters that you provided are not valid."),
  BAD_DIGEST(
      "BadDigest",
      400,
      "The Content-MD5 you specified did not match what we received.",
      "ExpectedDigest",
      "CalculatedDigest"),
  BAD_REQUEST("BadRequest", 400, "An error occurred when parsing the HTTP request."),
  BUCKET_ALREADY_EXISTS(
      "BucketAlreadyExists",
      409,
      "The requested bucket name is not available. The bucket namespace is shared by all users"
          + " of the system. Please select a different name and try again.",
      "BucketName"),
  BUCKET_ALREADY_OWNED_BY_YOU(
      "BucketAlreadyOwnedByYou",
      409,
      "Your previous request to create the named bucket succeeded and you already own it.",
      "BucketName"),
  BUCKET_NOT_EMPTY(
      "BucketNotEmpty", 409, "The bucket you tried to delete is not empty", "BucketName"),
  CONDITIONAL_REQUEST_CONFLICT(
      "ConditionalRequestConflict",
      409,
      "The conditional request cannot succeed due to a conflicting operation against this"
          + " resource."),
  ENTITY_TOO_LARGE(
      "EntityTooLarge",
      400,
      "Your proposed upload exceeds the maximum allowed size",
      "ProposedSize",
      "MaxSizeAllowed"),
  ENTITY_TOO_SMALL(
      "EntityTooSmall",
      400,
      "Your proposed upload is smaller than the minimum allowed size",
      "ProposedSize",
      "MinSizeAllowed",
      "PartNumber",
      "ETag"),
  ILLEGAL_VERSIONING_CONFIGURATION(
      "IllegalVersioningConfigurationException", 400, "The Versioning element must be specified"),
  INCOMPLETE_BODY(
      "IncompleteBody",
      400,
      "You did not provide the number of bytes specified by the Content-Length HTTP header"),
  INTERNAL_ERROR("InternalError", 500, "We encountered an internal error. Please try again."),
  INVALID_ACCESS_KEY_ID(
      "InvalidAccessKeyId",
      403,
      "The AWS Access Key Id you provided does not exist in our records.",
      "AWSAccessKeyId"),
  INVALID_ARGUMENT("InvalidArgument", 400, "Invalid Argument", "ArgumentName", "ArgumentValue"),
  INVALID_BUCKET_ACL_WITH_OBJECT_OWNERSHIP(
      "InvalidBucketAclWithObjectOwnership",
      400,
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"),
  INVALID_BUCKET_NAME("InvalidBucketName", 400, "The specified bucket is not valid.", "BucketName"),
  INVALID_BUCKET_STATE(
      "InvalidBucketState", 409, "The request is not valid for the current state of the bucket."),
  INVALID_DIGEST("InvalidDigest", 400, "The Content-MD5 you specified was invalid."),
  INVALID_ENCRYPTION_ALGORITHM(
      "InvalidEncryptionAlgorithmError",
      400,
      "The encryption request that you specified is not valid. The valid value is AES256.",
      "ArgumentName",
      "ArgumentValue"),
  INVALID_LOCATION_CONSTRAINT(
      "InvalidLocationConstraint",
      400,
      "The specified location-constraint is not valid",
      "LocationConstraint"),
  INVALID_PART(
      "InvalidPart",
      400,
      "One or more of the specified parts could not be found.  The part may not have been"
          + " uploaded, or the specified entity tag may not match the part's entity tag.",
      "PartNumber",
      "ETag"),
  INVALID_PART_NUMBER(
      "InvalidPartNumber", 416, "The requested partnumber is not satisfiable", "ActualObjectSize"),
  INVALID_PART_ORDER(
      "InvalidPartOrder",
      400,
      "The list of parts was not in ascending order. Parts must be ordered by part number."),
  INVALID_POLICY_DOCUMENT(
      "InvalidPolicyDocument",
      400,
      "The content of the form does not meet the conditions specified in the policy document."),
  INVALID_RANGE(
      "InvalidRange",
      416,
      "The requested range is not satisfiable",
      "ActualObjectSize",
      "RangeRequested"),
  INVALID_REDIRECT_LOCATION(
      "InvalidRedirectLocation",
      400,
      "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."),
  INVALID_REQUEST("InvalidRequest", 400, "Invalid Request"),
  INVALID_STORAGE_CLASS(
      "InvalidStorageClass",
      400,
      "The storage class you specified is not valid",
      "StorageClassRequested"),
  INVALID_TAG("InvalidTag", 400, "The tag provided was not a valid tag."),
  INVALID_TOKEN("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
  INVALID_URI("InvalidURI", 400, "Couldn't parse the specified URI."),
  KEY_TOO_LONG("KeyTooLongError", 400, "Your key is too long", "Size", "MaxSizeAllowed"),
  MALFORMED_ACL(
      "MalformedACLError",
      400,
      "The XML you provided was not well-formed or did not validate against our published"
          + " schema"),
  MALFORMED_POLICY("MalformedPolicy", 400, "Policies must be valid JSON"),
  MALFORMED_POST_REQUEST(
      "MalformedPOSTRequest",
      400,
      "The body of your POST request is not well-formed multipart/form-data."),
  MALFORMED_TRAILER(
      "MalformedTrailerError",
      400,
      "The request contained trailing data that was not well-formed or did not conform to our"
          + " published schema."),
  MALFORMED_XML(
      "MalformedXML",
      400,
      "The XML you provided was not well-formed or did not validate against our published"
          + " schema"),
  MAX_MESSAGE_LENGTH_EXCEEDED("MaxMessageLengthExceeded", 400, "Your request was too big."),
  MAX_POST_PRE_DATA_LENGTH_EXCEEDED(
      "MaxPostPreDataLengthExceededError",
      400,
      "Your POST request fields preceding the upload file were too large."),
  METADATA_TOO_LARGE(
      "MetadataTooLarge",
      400,
      "Your metadata headers exceed the maximum allowed metadata size",
      "Size",
      "MaxSizeAllowed"),
  METHOD_NOT_ALLOWED(
      "MethodNotAllowed",
      405,
      "The specified method is not allowed against this resource.",
      "Method",
      "ResourceType"),
  MISSING_CONTENT_LENGTH(
      "MissingContentLength", 411, "You must provide the Content-Length HTTP header."),
  MISSING_REQUEST_BODY("MissingRequestBodyError", 400, "Request Body is empty"),
  MISSING_SECURITY_HEADER(
      "MissingSecurityHeader",
      400,
      "Your request was missing a required header",
      "MissingHeaderName"),
  NO_SUCH_BUCKET("NoSuchBucket", 404, "The specified bucket does not exist", "BucketName"),
  NO_SUCH_BUCKET_POLICY(
      "NoSuchBucketPolicy", 404, "The bucket policy does not exist", "BucketName"),
  NO_SUCH_CONFIGURATION(
      "NoSuchConfiguration", 404, "The specified configuration does not exist.", "BucketName"),
  NO_SUCH_CORS_CONFIGURATION(
      "NoSuchCORSConfiguration", 404, "The CORS configuration does not exist", "BucketName"),
  NO_SUCH_ENCRYPTION_CONFIGURATION(
      "ServerSideEncryptionConfigurationNotFoundError",
      404,
      "The server side encryption configuration was not found",
      "BucketName"),
  NO_SUCH_KEY("NoSuchKey", 404, "The specified key does not exist.", "Key"),
  NO_SUCH_LIFECYCLE_CONFIGURATION(
      "NoSuchLifecycleConfiguration",
      404,
      "The lifecycle configuration does not exist",
      "BucketName"),
  NO_SUCH_OBJECT_LOCK_CONFIGURATION(
      "ObjectLockConfigurationNotFoundError",
      404,
      "Object Lock configuration does not exist for this bucket",
      "BucketName"),
  NO_SUCH_OWNERSHIP_CONTROLS(
      "OwnershipControlsNotFoundError",
      404,
      "The bucket ownership controls were not found",
      "BucketName"),
  NO_SUCH_PUBLIC_ACCESS_BLOCK(
      "NoSuchPublicAccessBlockConfiguration",
      404,
      "The public access block configuration was not found",
      "BucketName"),
  NO_SUCH_REPLICATION_CONFIGURATION(
      "ReplicationConfigurationNotFoundError",
      404,
      "The replication configuration was not found",
      "BucketName"),
  NO_SUCH_TAG_SET("NoSuchTagSet", 404, "The TagSet does not exist", "BucketName"),
  NO_SUCH_UPLOAD(
      "NoSuchUpload",
      404,
      "The specified upload does not exist. The upload ID may be invalid, or the upload may"
          + " have been aborted or completed.",
      "UploadId"),
  NO_SUCH_VERSION(
      "NoSuchVersion", 404, "The specified version does not exist.", "Key", "VersionId"),
  NO_SUCH_WEBSITE_CONFIGURATION(
      "NoSuchWebsiteConfiguration",
      404,
      "The specified bucket does not have a website configuration",
      "BucketName"),
  NOT_IMPLEMENTED(
      "NotImplemented",
      501,
      "A header or parameter you provided implies functionality that is not implemented",
      "Header"),
  NOT_MODIFIED("NotModified", 304, "Not Modified"),
  OPERATION_ABORTED(
      "OperationAborted",
      409,
      "A conflicting conditional operation is currently in progress against this resource."
          + " Please try again."),
  PRECONDITION_FAILED(
      "PreconditionFailed",
      412,
      "At least one of the pre-conditions you specified did not hold",
      "Condition"),
  QUOTA_EXCEEDED("QuotaExceeded", 403, "The quota of the bucket is exceeded."),
  REQUEST_HEADER_SECTION_TOO_LARGE(
      "RequestHeaderSectionTooLarge",
      400,
      "Your request header section exceeds the maximum allowed request header section size."),
  REQUEST_TIMEOUT(
      "RequestTimeout",
      400,
      "Your socket connection to the server was not read from or written to within the timeout"
          + " period. Idle connections will be closed."),
  REQUEST_TIME_TOO_SKEWED(
      "RequestTimeTooSkewed",
      403,
      "The difference between the request time and the current time is too large.",
      "RequestTime",
      "ServerTime",
      "MaxAllowedSkewMilliseconds"),
  SERVICE_UNAVAILABLE("ServiceUnavailable", 503, "Service is unable to handle request."),
  SIGNATURE_DOES_NOT_MATCH(
      "SignatureDoesNotMatch",
      403,
      "The request signature we calculated does not match the signature you provided. Check"
          + " your key and signing method.",
      "AWSAccessKeyId",
      "StringToSign",
      "SignatureProvided",
      "CanonicalRequest"),
  SLOW_DOWN("SlowDown", 503, "Please reduce your request rate."),
  STORAGE_FULL(
      "StorageFull",
      507,
      "The cluster has no space left for new data. Reads and deletions still work."),
  UNEXPECTED_CONTENT("UnexpectedContent", 400, "This request does not support content"),
  UNRESOLVABLE_GRANT_BY_EMAIL_ADDRESS(
      "UnresolvableGrantByEmailAddress",
      400,
      "The e-mail address you provided does not match any account on record."),
  X_AMZ_CONTENT_SHA256_MISMATCH(
      "XAmzContentSHA256Mismatch",
      400,
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      "ClientComputedContentSHA256",
      "S3ComputedContentSHA256");

  private final String wireName;
  private final int status;
  private final String message;

  /** Names with a blank between them. */
  private final String fields;

  S3ErrorCode(String wireName, int status, String message, String... fields) {
    Invariant.check(status >= 300 && status < 600, "an error has an error's status", wireName);
    this.wireName = wireName;
    this.status = status;
    this.message = message;
    this.fields = String.join(" ", fields);
  }

  /** What stands in {@code <Code>}. */
  public String wireName() {
    return wireName;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** The text unless the case has a better one. */
  public String message() {
    return message;
  }

  /** The names of the further elements its document may have. */
  public List<String> fields() {
    return fields.isEmpty() ? List.of() : List.of(fields.split(" ", -1));
  }

  /** This error with its own text. */
  public S3Error error() {
    return S3Error.of(this);
  }

  /** This error with another text, as an exception ready to throw. */
  public S3Exception because(String message) {
    return new S3Exception(S3Error.of(this, message));
  }

  /** This error as an exception ready to throw. */
  public S3Exception exception() {
    return new S3Exception(error());
  }
}
