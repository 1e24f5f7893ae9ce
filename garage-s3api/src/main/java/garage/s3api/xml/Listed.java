package garage.s3api.xml;

import java.util.List;

/** What both versions of ListObjects have in common. */
public record Listed(
    String bucket,
    String prefix,
    String delimiter,
    int maxKeys,
    KeyEncoding encoding,
    List<ListedObject> objects,
    List<String> commonPrefixes) {

  public Listed {
    objects = List.copyOf(objects);
    commonPrefixes = List.copyOf(commonPrefixes);
  }

  void writeHead(XmlWriter xml) {
    xml.leaf("Name", bucket).leaf("Prefix", encoding.encode(prefix));
  }

  void writeTail(XmlWriter xml, boolean truncated) {
    writeLimits(xml, truncated);
    xml.each("Contents", objects, (x, object) -> object.write(x, encoding));
    writeCommonPrefixes(xml);
  }

  void writeLimits(XmlWriter xml, boolean truncated) {
    xml.leaf("MaxKeys", maxKeys);
    if (!delimiter.isEmpty()) {
      xml.leaf("Delimiter", encoding.encode(delimiter));
    }
    if (encoding == KeyEncoding.URL) {
      xml.leaf("EncodingType", "url");
    }
    xml.leaf("IsTruncated", truncated);
  }

  void writeCommonPrefixes(XmlWriter xml) {
    xml.each("CommonPrefixes", commonPrefixes, (x, p) -> x.leaf("Prefix", encoding.encode(p)));
  }
}
