package garage.s3api.xml;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The body of DeleteObjects: 1 to 1000 keys. */
public record DeleteDocument(List<Item> items, boolean quiet) {
  /** AWS's limit on the keys of one request. */
  public static final int ITEMS_MAX = 1000;

  /** Largest body accepted, in bytes: a thousand of the longest keys, each byte escaped. */
  public static final int BYTES_MAX = 8 * 1024 * 1024;

  /** One object; conditions are null unless given. */
  public record Item(
      String key,
      @Nullable String versionId,
      @Nullable String etag,
      @Nullable String lastModifiedTime,
      @Nullable String size) {
    /** Whether it is to be deleted only in a certain state. */
    public boolean isConditional() {
      return etag != null || lastModifiedTime != null || size != null;
    }
  }

  public DeleteDocument {
    items = List.copyOf(items);
  }

  /** Reads the body. */
  public static DeleteDocument parse(byte[] body) {
    List<Item> items = new ArrayList<>();
    boolean[] quiet = new boolean[1];
    XmlReader.read(
        body,
        "Delete",
        (xml, name) -> {
          switch (name) {
            case "Object" -> add(items, item(xml));
            case "Quiet" -> quiet[0] = bool(xml.text().strip());
            default -> throw XmlReader.malformed();
          }
        });
    if (items.isEmpty()) {
      throw XmlReader.malformed();
    }
    return new DeleteDocument(items, quiet[0]);
  }

  private static void add(List<Item> items, Item item) {
    if (items.size() == ITEMS_MAX) {
      throw XmlReader.malformed();
    }
    items.add(item);
  }

  private static Item item(XmlReader xml) {
    @Nullable String[] v = new String[5];
    xml.children(name -> {
      int index =
          switch (name) {
            case "Key" -> 0;
            case "VersionId" -> 1;
            case "ETag" -> 2;
            case "LastModifiedTime" -> 3;
            case "Size" -> 4;
            default -> throw XmlReader.malformed();
          };
      v[index] = xml.text();
    });
    String key = v[0];
    if (key == null || key.isEmpty()) {
      throw XmlReader.malformed();
    }
    return new Item(key, v[1], v[2], v[3], v[4]);
  }

  private static boolean bool(String text) {
    return switch (text) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw XmlReader.malformed();
    };
  }
}
