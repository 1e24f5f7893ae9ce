package garage.s3api.xml;

/** The answer of GetBucketLocation. */
public record LocationConstraint(String region) implements XmlDocument {
  @Override
  public byte[] toXml() {
    // AWS's first region has no name here.
    String name = region.equals("us-east-1") ? "" : region;
    return XmlWriter.document("LocationConstraint", xml -> xml.text(name));
  }
}
