package garage.s3api.xml;

import org.jspecify.annotations.Nullable;

/** The answer of ListObjectsV2; {@code nextToken} is null unless the listing goes on. */
public record ListBucketResultV2(
    Listed listed, @Nullable String startAfter, @Nullable String token, @Nullable String nextToken)
    implements XmlDocument {
  @Override
  public byte[] toXml() {
    return XmlWriter.document("ListBucketResult", this::write);
  }

  private void write(XmlWriter xml) {
    listed.writeHead(xml);
    if (startAfter != null) {
      xml.leaf("StartAfter", listed.encoding().encode(startAfter));
    }
    xml.optional("ContinuationToken", token).optional("NextContinuationToken", nextToken);
    xml.leaf("KeyCount", listed.objects().size() + listed.commonPrefixes().size());
    listed.writeTail(xml, nextToken != null);
  }
}
