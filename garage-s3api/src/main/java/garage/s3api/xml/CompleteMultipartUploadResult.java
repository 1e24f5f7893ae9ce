package garage.s3api.xml;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer of CompleteMultipartUpload; {@code etag} without quotes. */
public record CompleteMultipartUploadResult(
    String location,
    String bucket,
    String key,
    String etag,
    List<ChecksumField> checksums,
    @Nullable String checksumType)
    implements XmlDocument {
  public CompleteMultipartUploadResult {
    checksums = List.copyOf(checksums);
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document("CompleteMultipartUploadResult", this::write);
  }

  private void write(XmlWriter xml) {
    xml.leaf("Location", location)
        .leaf("Bucket", bucket)
        .leaf("Key", key)
        .leaf("ETag", '"' + etag + '"');
    ChecksumField.writeAll(xml, checksums);
    xml.optional("ChecksumType", checksumType);
  }
}
