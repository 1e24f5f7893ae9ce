package garage.s3api.xml;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer of GetObjectAttributes; what was not asked for is null. */
public record ObjectAttributesResult(
    @Nullable String etag,
    @Nullable Checksum checksum,
    @Nullable Parts parts,
    @Nullable String storageClass,
    @Nullable Long size)
    implements XmlDocument {
  /** The object's checksum. */
  public record Checksum(List<ChecksumField> fields, String type) {
    public Checksum {
      fields = List.copyOf(fields);
    }
  }

  /** A page of the object's parts; {@code nextMarker} is null unless there are more. */
  public record Parts(
      int total, int marker, @Nullable Integer nextMarker, int max, List<Part> page) {
    public Parts {
      page = List.copyOf(page);
    }
  }

  /** One part. */
  public record Part(int number, long size, List<ChecksumField> checksums) {
    public Part {
      checksums = List.copyOf(checksums);
    }
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document("GetObjectAttributesResponse", this::write);
  }

  private void write(XmlWriter xml) {
    xml.optional("ETag", etag);
    if (checksum != null) {
      xml.element(
          "Checksum",
          x -> {
            ChecksumField.writeAll(x, checksum.fields());
            x.leaf("ChecksumType", checksum.type());
          });
    }
    if (parts != null) {
      xml.element("ObjectParts", x -> write(x, parts));
    }
    xml.optional("StorageClass", storageClass);
    if (size != null) {
      xml.leaf("ObjectSize", size);
    }
  }

  private static void write(XmlWriter xml, Parts parts) {
    xml.leaf("PartsCount", parts.total)
        .leaf("PartNumberMarker", parts.marker)
        .leaf("MaxParts", parts.max)
        .leaf("IsTruncated", parts.nextMarker != null);
    if (parts.nextMarker != null) {
      xml.leaf("NextPartNumberMarker", parts.nextMarker);
    }
    xml.each(
        "Part",
        parts.page,
        (x, part) -> {
          ChecksumField.writeAll(x, part.checksums);
          x.leaf("PartNumber", part.number).leaf("Size", part.size);
        });
  }
}
