package garage.s3api.xml;

import garage.model.object.Tag;
import java.util.ArrayList;
import java.util.List;

/** The tags of an object or bucket, as they are put and got. */
public record Tagging(List<Tag> tags) implements XmlDocument {
  /** Largest body accepted, in bytes: fifty tags of the greatest length, each byte escaped. */
  public static final int BYTES_MAX = 512 * 1024;

  /** More tags than anything may have are not read. */
  private static final int TAGS_MAX = 1000;

  public Tagging {
    tags = List.copyOf(tags);
  }

  /** Reads the body of a request. */
  public static Tagging parse(byte[] body) {
    List<Tag> tags = new ArrayList<>();
    int[] sets = new int[1];
    XmlReader.read(
        body,
        "Tagging",
        (xml, name) -> {
          if (!name.equals("TagSet") || ++sets[0] > 1) {
            throw XmlReader.malformed();
          }
          xml.children(child -> tags.add(tag(xml, child, tags.size())));
        });
    if (sets[0] == 0) {
      throw XmlReader.malformed();
    }
    return new Tagging(tags);
  }

  private static Tag tag(XmlReader xml, String name, int before) {
    if (!name.equals("Tag") || before == TAGS_MAX) {
      throw XmlReader.malformed();
    }
    List<String> keys = new ArrayList<>();
    List<String> values = new ArrayList<>();
    xml.children(child -> {
      switch (child) {
        case "Key" -> keys.add(xml.text());
        case "Value" -> values.add(xml.text());
        default -> throw XmlReader.malformed();
      }
    });
    if (keys.size() != 1 || values.size() != 1) {
      throw XmlReader.malformed();
    }
    return new Tag(keys.getFirst(), values.getFirst());
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document(
        "Tagging",
        xml ->
            xml.element(
                "TagSet",
                set ->
                    set.each(
                        "Tag",
                        tags,
                        (tag, t) -> tag.leaf("Key", t.key()).leaf("Value", t.value()))));
  }
}
