package garage.s3api.xml;

import org.jspecify.annotations.Nullable;

/** The answer of ListObjects; {@code nextMarker} is null unless the listing goes on. */
public record ListBucketResult(
    Listed listed, String marker, boolean truncated, @Nullable String nextMarker)
    implements XmlDocument {
  @Override
  public byte[] toXml() {
    return XmlWriter.document("ListBucketResult", this::write);
  }

  private void write(XmlWriter xml) {
    listed.writeHead(xml);
    xml.leaf("Marker", listed.encoding().encode(marker));
    if (nextMarker != null) {
      xml.leaf("NextMarker", listed.encoding().encode(nextMarker));
    }
    listed.writeTail(xml, truncated);
  }
}
