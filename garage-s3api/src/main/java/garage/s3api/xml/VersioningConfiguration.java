package garage.s3api.xml;

/** The answer of GetBucketVersioning for a bucket whose versioning was never set. */
public record VersioningConfiguration() implements XmlDocument {
  @Override
  public byte[] toXml() {
    return XmlWriter.document("VersioningConfiguration", xml -> {});
  }
}
