package garage.s3api.xml;

/** Who owns a bucket, an object or an upload. */
public record Owner(String id, String displayName) {
  void write(XmlWriter xml) {
    xml.leaf("ID", id).leaf("DisplayName", displayName);
  }
}
