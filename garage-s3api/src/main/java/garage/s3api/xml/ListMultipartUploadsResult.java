package garage.s3api.xml;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer of ListMultipartUploads. */
public record ListMultipartUploadsResult(
    Query query,
    boolean truncated,
    @Nullable Marker next,
    List<Upload> uploads,
    List<String> commonPrefixes)
    implements XmlDocument {
  /** What was asked. */
  public record Query(
      String bucket,
      Marker after,
      String prefix,
      String delimiter,
      int maxUploads,
      KeyEncoding encoding) {}

  /** A place in the listing; {@code uploadId} is empty if it is a key alone. */
  public record Marker(String key, String uploadId) {}

  /** One upload in progress. */
  public record Upload(
      String key,
      String uploadId,
      Owner initiator,
      Owner owner,
      Instant initiated,
      @Nullable String checksumAlgorithm,
      @Nullable String checksumType) {}

  public ListMultipartUploadsResult {
    uploads = List.copyOf(uploads);
    commonPrefixes = List.copyOf(commonPrefixes);
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document("ListMultipartUploadsResult", this::write);
  }

  private void write(XmlWriter xml) {
    KeyEncoding encoding = query.encoding;
    xml.leaf("Bucket", query.bucket)
        .leaf("KeyMarker", encoding.encode(query.after.key))
        .leaf("UploadIdMarker", query.after.uploadId);
    if (next != null) {
      xml.leaf("NextKeyMarker", encoding.encode(next.key))
          .leaf("NextUploadIdMarker", next.uploadId);
    }
    xml.leaf("Prefix", encoding.encode(query.prefix));
    if (!query.delimiter.isEmpty()) {
      xml.leaf("Delimiter", encoding.encode(query.delimiter));
    }
    if (encoding == KeyEncoding.URL) {
      xml.leaf("EncodingType", "url");
    }
    xml.leaf("MaxUploads", query.maxUploads).leaf("IsTruncated", truncated);
    xml.each("Upload", uploads, this::write);
    xml.each("CommonPrefixes", commonPrefixes, (x, p) -> x.leaf("Prefix", encoding.encode(p)));
  }

  private void write(XmlWriter xml, Upload upload) {
    xml.leaf("Key", query.encoding.encode(upload.key))
        .leaf("UploadId", upload.uploadId)
        .element("Initiator", upload.initiator::write)
        .element("Owner", upload.owner::write)
        .leaf("StorageClass", "STANDARD")
        .leaf("Initiated", Dates.iso(upload.initiated))
        .optional("ChecksumAlgorithm", upload.checksumAlgorithm)
        .optional("ChecksumType", upload.checksumType);
  }
}
