package garage.s3api.xml;

import java.util.Map;

/** The description of a bucket where something was never set. */
public record UnsetDocument(String root, boolean list) implements XmlDocument {
  /** What holds where nothing was said, by root. */
  private static final Map<String, String> PAYER =
      Map.of("RequestPaymentConfiguration", "BucketOwner");

  @Override
  public byte[] toXml() {
    return XmlWriter.document(
        root,
        xml -> {
          if (list) {
            xml.leaf("IsTruncated", false);
          }
          xml.optional("Payer", PAYER.get(root));
          if (root.equals("OwnershipControls")) {
            xml.element("Rule", rule -> rule.leaf("ObjectOwnership", "BucketOwnerEnforced"));
          }
        });
  }
}
