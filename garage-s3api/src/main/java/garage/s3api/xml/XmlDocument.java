package garage.s3api.xml;

import java.util.Map;

/** A document that can be sent. */
public interface XmlDocument {
  /** The bytes, in UTF-8. */
  byte[] toXml();

  /** Headers that go with it. */
  default Map<String, String> headers() {
    return Map.of();
  }
}
