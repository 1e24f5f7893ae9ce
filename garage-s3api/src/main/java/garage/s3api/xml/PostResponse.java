package garage.s3api.xml;

/** The answer of PostObject to a form that asks for 201; {@code etag} with its quotes. */
public record PostResponse(String location, String bucket, String key, String etag)
    implements XmlDocument {
  @Override
  public byte[] toXml() {
    return XmlWriter.plainDocument(
        "PostResponse",
        xml ->
            xml.leaf("Location", location)
                .leaf("Bucket", bucket)
                .leaf("Key", key)
                .leaf("ETag", etag));
  }
}
