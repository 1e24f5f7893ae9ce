package garage.s3api.xml;

import garage.model.acl.ObjectOwnership;
import org.jspecify.annotations.Nullable;

/** Who owns the objects of a bucket, as it is put and got: one rule. */
public record OwnershipControls(ObjectOwnership ownership) implements XmlDocument {
  /** Largest body accepted, in bytes. */
  public static final int BYTES_MAX = 8 * 1024;

  /** Reads the body of a request. */
  public static OwnershipControls parse(byte[] body) {
    @Nullable ObjectOwnership[] found = new ObjectOwnership[1];
    XmlReader.read(
        body,
        "OwnershipControls",
        (xml, name) -> {
          if (!name.equals("Rule") || found[0] != null) {
            throw XmlReader.malformed();
          }
          xml.children(child -> {
            if (!child.equals("ObjectOwnership") || found[0] != null) {
              throw XmlReader.malformed();
            }
            found[0] = ObjectOwnership.named(xml.text().strip()).orElseThrow(XmlReader::malformed);
          });
        });
    if (found[0] == null) {
      throw XmlReader.malformed();
    }
    return new OwnershipControls(found[0]);
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document(
        "OwnershipControls",
        xml -> xml.element("Rule", rule -> rule.leaf("ObjectOwnership", ownership.wireName())));
  }
}
