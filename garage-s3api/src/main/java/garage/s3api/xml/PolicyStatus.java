package garage.s3api.xml;

/** The answer of GetBucketPolicyStatus. */
public record PolicyStatus(boolean isPublic) implements XmlDocument {
  @Override
  public byte[] toXml() {
    return XmlWriter.document("PolicyStatus", xml -> xml.leaf("IsPublic", isPublic));
  }
}
