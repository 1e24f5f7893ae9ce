package garage.s3api.xml;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer of CopyObject and UploadPartCopy; {@code etag} without quotes. */
public record CopyResult(
    Kind kind,
    Instant lastModified,
    String etag,
    List<ChecksumField> checksums,
    @Nullable String checksumType)
    implements XmlDocument {
  /** What was copied. */
  public enum Kind {
    OBJECT("CopyObjectResult"),
    PART("CopyPartResult");

    private final String root;

    Kind(String root) {
      this.root = root;
    }
  }

  public CopyResult {
    checksums = List.copyOf(checksums);
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document(kind.root, this::write);
  }

  private void write(XmlWriter xml) {
    xml.leaf("LastModified", Dates.iso(lastModified)).leaf("ETag", '"' + etag + '"');
    ChecksumField.writeAll(xml, checksums);
    xml.optional("ChecksumType", checksumType);
  }
}
