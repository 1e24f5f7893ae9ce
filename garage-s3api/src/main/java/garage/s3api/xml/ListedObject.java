package garage.s3api.xml;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One object of a listing; {@code etag} without quotes, {@code owner} null if not asked for. */
public record ListedObject(
    String key,
    Instant lastModified,
    String etag,
    long size,
    @Nullable String checksumAlgorithm,
    @Nullable String checksumType,
    @Nullable Owner owner) {

  void write(XmlWriter xml, KeyEncoding encoding) {
    xml.leaf("Key", encoding.encode(key))
        .leaf("LastModified", Dates.iso(lastModified))
        .leaf("ETag", '"' + etag + '"')
        .optional("ChecksumAlgorithm", checksumAlgorithm)
        .optional("ChecksumType", checksumType)
        .leaf("Size", size);
    if (owner != null) {
      xml.element("Owner", owner::write);
    }
    xml.leaf("StorageClass", "STANDARD");
  }
}
