package garage.s3api.xml;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer of ListParts; {@code nextMarker} is null unless the listing goes on. */
public record ListPartsResult(
    UploadName upload,
    Owner initiator,
    Owner owner,
    int marker,
    @Nullable Integer nextMarker,
    int maxParts,
    List<Part> parts,
    @Nullable String checksumAlgorithm,
    @Nullable String checksumType)
    implements XmlDocument {
  /** One part; {@code etag} without quotes. */
  public record Part(
      int number, Instant lastModified, String etag, long size, List<ChecksumField> checksums) {
    public Part {
      checksums = List.copyOf(checksums);
    }
  }

  public ListPartsResult {
    parts = List.copyOf(parts);
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document("ListPartsResult", this::write);
  }

  private void write(XmlWriter xml) {
    upload.write(xml);
    xml.element("Initiator", initiator::write)
        .element("Owner", owner::write)
        .leaf("StorageClass", "STANDARD")
        .leaf("PartNumberMarker", marker);
    if (nextMarker != null) {
      xml.leaf("NextPartNumberMarker", nextMarker);
    }
    xml.leaf("MaxParts", maxParts)
        .leaf("IsTruncated", nextMarker != null)
        .optional("ChecksumAlgorithm", checksumAlgorithm)
        .optional("ChecksumType", checksumType)
        .each("Part", parts, ListPartsResult::write);
  }

  private static void write(XmlWriter xml, Part part) {
    xml.leaf("PartNumber", part.number)
        .leaf("LastModified", Dates.iso(part.lastModified))
        .leaf("ETag", '"' + part.etag + '"')
        .leaf("Size", part.size);
    ChecksumField.writeAll(xml, part.checksums);
  }
}
