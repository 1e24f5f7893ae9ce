package garage.s3api.request;

import garage.common.hash.ChecksumAlgorithm;
import garage.model.object.Tag;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the requests to a key. */
final class ObjectRequests {
  private static final String COPY_SOURCE = "x-amz-copy-source";

  /** Operations to which it matters which version of an object is meant. */
  private static final Set<String> OF_VERSION =
      Set.of(
          "DeleteObject",
          "DeleteObjectTagging",
          "GetObject",
          "GetObjectAcl",
          "GetObjectAttributes",
          "GetObjectLegalHold",
          "GetObjectRetention",
          "GetObjectTagging",
          "HeadObject",
          "PutObjectAcl",
          "PutObjectLegalHold",
          "PutObjectRetention",
          "PutObjectTagging");

  private ObjectRequests() {}

  static S3Request make(String operation, ObjectName name, RequestHead head, Parameters query) {
    return OF_VERSION.contains(operation)
        ? ofName(operation, name.at(Versions.parse(query.get("versionId"))), head, query)
        : ofName(operation, name, head, query);
  }

  private static S3Request ofName(
      String operation, ObjectName name, RequestHead head, Parameters query) {
    return switch (operation) {
      case "GetObject" -> new S3Request.GetObject(name, ReadOptions.parse(head, query));
      case "HeadObject" -> new S3Request.HeadObject(name, ReadOptions.parse(head, query));
      case "PutObject" -> putOrCopy(name, head, query);
      case "DeleteObject" -> delete(name, head);
      case "CreateMultipartUpload" -> create(name, head);
      case "UploadPart" -> uploadPart(name, head, query);
      case "CompleteMultipartUpload" -> complete(name, head, query);
      case "AbortMultipartUpload" ->
          new S3Request.AbortMultipartUpload(name, query.text("uploadId"));
      case "ListParts" ->
          new S3Request.ListParts(
              name,
              query.text("uploadId"),
              query.filled("part-number-marker") == null
                  ? 0
                  : query.count("part-number-marker", "partNumberMarker", Integer.MAX_VALUE),
              query.count("max-parts", "maxParts", S3Request.ListParts.PARTS_MAX));
      case "GetObjectAttributes" -> attributes(name, head);
      case "GetObjectAcl" -> new S3Request.GetObjectAcl(name);
      case "PutObjectAcl" ->
          new S3Request.PutObjectAcl(name, AclRequest.parse(head), BodyClaim.parse(head));
      case "GetObjectTagging" -> new S3Request.GetObjectTagging(name);
      case "PutObjectTagging" -> new S3Request.PutObjectTagging(name, BodyClaim.parse(head));
      case "DeleteObjectTagging" -> new S3Request.DeleteObjectTagging(name);
      case "GetObjectLegalHold" -> new S3Request.LockOfObject(name, false, "LegalHold");
      case "PutObjectLegalHold" -> new S3Request.LockOfObject(name, true, "LegalHold");
      case "GetObjectRetention" -> new S3Request.LockOfObject(name, false, "Retention");
      case "PutObjectRetention" -> new S3Request.LockOfObject(name, true, "Retention");
      default -> new S3Request.NotImplemented(operation);
    };
  }

  private static S3Request putOrCopy(ObjectName name, RequestHead head, Parameters query) {
    if (query.has("partNumber")) {
      throw S3Error.invalidArgument(
              "This operation does not accept a part number without an upload.",
              "partNumber",
              query.text("partNumber"))
          .exception();
    }
    HeaderRules.newObject(head);
    if (head.header(COPY_SOURCE) != null) {
      return copy(name, head);
    }
    return new S3Request.PutObject(
        name,
        ObjectHeaders.parse(head),
        TagRules.parse(head),
        AclRequest.parse(head),
        UploadBody.parse(head),
        WriteCondition.parse(head));
  }

  /** The object of a form whose fields stand in {@code head} as headers. */
  static S3Request.PutObject posted(ObjectName name, RequestHead head) {
    HeaderRules.newObject(head);
    return new S3Request.PutObject(
        name,
        ObjectHeaders.parse(head),
        TagRules.parse(head),
        AclRequest.parse(head),
        UploadBody.ofForm(head),
        new WriteCondition.Always());
  }

  private static S3Request copy(ObjectName name, RequestHead head) {
    String directive = HeaderRules.directive(head, "x-amz-metadata-directive");
    boolean replace = "REPLACE".equals(directive);
    boolean replaceTags = "REPLACE".equals(HeaderRules.directive(head, "x-amz-tagging-directive"));
    List<Tag> tags = TagRules.parse(head);
    CopySource source = CopySource.parse(head);
    String redirect = ObjectHeaders.redirectLocation(head);
    CustomerKey key = CustomerKey.parse(head, CustomerKey.HEADER);
    boolean rekeyed = key != null || source.key() != null;
    if (!replace && redirect == null && !rekeyed && source.name().equals(name)) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "This copy request is illegal because it is trying to copy an object to itself without"
              + " changing the object's metadata, storage class, website redirect location or"
              + " encryption attributes.");
    }
    return new S3Request.CopyObject(
        name,
        source,
        replace ? ObjectHeaders.parse(head) : null,
        replaceTags ? tags : null,
        AclRequest.parse(head),
        key,
        redirect,
        UploadChecksum.algorithm(head, "x-amz-checksum-algorithm"),
        WriteCondition.parse(head));
  }

  private static S3Request attributes(ObjectName name, RequestHead head) {
    String max = head.filled("x-amz-max-parts");
    String marker = head.filled("x-amz-part-number-marker");
    return new S3Request.GetObjectAttributes(
        name,
        ObjectAttribute.parse(head),
        marker == null ? 0 : (int) number("x-amz-part-number-marker", marker),
        max == null
            ? S3Request.ListParts.PARTS_MAX
            : (int) Math.min(number("x-amz-max-parts", max), S3Request.ListParts.PARTS_MAX),
        CustomerKey.parse(head, CustomerKey.HEADER));
  }

  private static long number(String header, String value) {
    Long number = Numbers.parse(value, Integer.MAX_VALUE);
    if (number == null) {
      throw S3Error.invalidArgument("Argument must be a non-negative integer", header, value)
          .exception();
    }
    return number;
  }

  private static S3Request delete(ObjectName name, RequestHead head) {
    return new S3Request.DeleteObject(name, DeleteCondition.parse(head));
  }

  private static S3Request create(ObjectName name, RequestHead head) {
    HeaderRules.newObject(head);
    return new S3Request.CreateMultipartUpload(
        name,
        ObjectHeaders.parse(head),
        TagRules.parse(head),
        AclRequest.parse(head),
        CustomerKey.parse(head, CustomerKey.HEADER),
        UploadChecksum.parse(head));
  }

  private static S3Request uploadPart(ObjectName name, RequestHead head, Parameters query) {
    HeaderRules.dataTransfer(head);
    S3Request.PartName part =
        new S3Request.PartName(
            name, query.text("uploadId"), PartNumbers.parse(query.text("partNumber")));
    if (head.header(COPY_SOURCE) == null) {
      return new S3Request.UploadPart(part, UploadBody.parse(head));
    }
    return new S3Request.UploadPartCopy(
        part,
        CopySource.parse(head),
        copyRange(head.filled("x-amz-copy-source-range")),
        CustomerKey.parse(head, CustomerKey.HEADER));
  }

  private static ByteRange.@Nullable Span copyRange(@Nullable String header) {
    if (header == null) {
      return null;
    }
    if (ByteRange.parse(header) instanceof ByteRange.Span span && span.last() < Long.MAX_VALUE) {
      return span;
    }
    throw S3Error.invalidArgument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first"
                + " and last are the zero-based offsets of the first and last bytes to copy",
            "x-amz-copy-source-range",
            header)
        .exception();
  }

  private static S3Request complete(ObjectName name, RequestHead head, Parameters query) {
    HeaderRules.dataTransfer(head);
    String size = head.filled("x-amz-mp-object-size");
    Long objectSize = size == null ? null : Numbers.parse(size, Long.MAX_VALUE);
    if (size != null && objectSize == null) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "Value for x-amz-mp-object-size header is invalid.");
    }
    return new S3Request.CompleteMultipartUpload(
        name,
        query.text("uploadId"),
        completeChecksum(head),
        objectSize,
        CustomerKey.parse(head, CustomerKey.HEADER),
        WriteCondition.parse(head),
        BodyClaim.md5Only(head));
  }

  private static S3Request.@Nullable CompleteChecksum completeChecksum(RequestHead head) {
    UploadChecksum.Type type = UploadChecksum.Type.parse(head);
    for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
      String value = head.filled(algorithm.headerName());
      if (value != null) {
        return new S3Request.CompleteChecksum(algorithm, value, type);
      }
    }
    return type == null ? null : new S3Request.CompleteChecksum(null, null, type);
  }
}
