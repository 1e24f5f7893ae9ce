package garage.s3api.xml;

import java.util.Map;
import java.util.TreeMap;

/** A document with headers that depend on what was done. */
public record Accompanied(XmlDocument document, Map<String, String> headers)
    implements XmlDocument {
  public Accompanied {
    headers = new TreeMap<>(headers);
  }

  @Override
  public byte[] toXml() {
    return document.toXml();
  }
}
