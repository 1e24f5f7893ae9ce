package garage.s3api.xml;

/** A document that can be sent. */
public interface XmlDocument {
  /** The bytes, in UTF-8. */
  byte[] toXml();
}
