package garage.s3api.xml;

import java.util.Map;
import java.util.TreeMap;

/** What of public access is forbidden, as it is put and got. */
public record PublicAccessBlockConfiguration(
    boolean blockPublicAcls,
    boolean ignorePublicAcls,
    boolean blockPublicPolicy,
    boolean restrictPublicBuckets)
    implements XmlDocument {
  /** Largest body accepted, in bytes. */
  public static final int BYTES_MAX = 8 * 1024;

  /** Reads the body of a request; what it does not name is off. */
  public static PublicAccessBlockConfiguration parse(byte[] body) {
    Map<String, Boolean> flags = new TreeMap<>();
    XmlReader.read(
        body,
        "PublicAccessBlockConfiguration",
        (xml, name) -> {
          switch (name) {
            case "BlockPublicAcls",
                "IgnorePublicAcls",
                "BlockPublicPolicy",
                "RestrictPublicBuckets" -> {
              if (flags.put(name, flag(xml.text().strip())) != null) {
                throw XmlReader.malformed();
              }
            }
            default -> throw XmlReader.malformed();
          }
        });
    return new PublicAccessBlockConfiguration(
        flags.getOrDefault("BlockPublicAcls", false),
        flags.getOrDefault("IgnorePublicAcls", false),
        flags.getOrDefault("BlockPublicPolicy", false),
        flags.getOrDefault("RestrictPublicBuckets", false));
  }

  private static boolean flag(String text) {
    return switch (text) {
      case "true", "TRUE", "True" -> true;
      case "false", "FALSE", "False" -> false;
      default -> throw XmlReader.malformed();
    };
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document(
        "PublicAccessBlockConfiguration",
        xml ->
            xml.leaf("BlockPublicAcls", blockPublicAcls)
                .leaf("IgnorePublicAcls", ignorePublicAcls)
                .leaf("BlockPublicPolicy", blockPublicPolicy)
                .leaf("RestrictPublicBuckets", restrictPublicBuckets));
  }
}
