package garage.s3api.request;

import garage.s3api.error.S3Error;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What GetObjectAttributes may be asked for. */
public enum ObjectAttribute {
  ETAG("ETag"),
  CHECKSUM("Checksum"),
  OBJECT_PARTS("ObjectParts"),
  STORAGE_CLASS("StorageClass"),
  OBJECT_SIZE("ObjectSize");

  private static final String HEADER = "x-amz-object-attributes";

  private final String wireName;

  ObjectAttribute(String wireName) {
    this.wireName = wireName;
  }

  /** The attributes a request names in its header. */
  static Set<ObjectAttribute> parse(RequestHead head) {
    String header = head.filled(HEADER);
    if (header == null) {
      throw S3Error.invalidArgument("The x-amz-object-attributes header is missing.", HEADER, "")
          .exception();
    }
    Set<ObjectAttribute> found = EnumSet.noneOf(ObjectAttribute.class);
    for (String name : header.split(",", -1)) {
      ObjectAttribute attribute = named(name.strip());
      if (attribute == null) {
        throw S3Error.invalidArgument("Invalid attribute name specified.", HEADER, header)
            .exception();
      }
      found.add(attribute);
    }
    return found;
  }

  private static @Nullable ObjectAttribute named(String name) {
    for (ObjectAttribute attribute : values()) {
      if (attribute.wireName.equals(name)) {
        return attribute;
      }
    }
    return null;
  }
}
