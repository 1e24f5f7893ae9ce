package garage.s3api.object;

import garage.common.hash.Checksum;
import garage.model.object.ObjectChecksum;
import garage.s3api.xml.ChecksumField;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checksums as replies show them. */
public final class Checksums {
  private Checksums() {}

  /** The value in the wire's form: a composite one ends in its number of parts. */
  public static String text(ObjectChecksum checksum) {
    String value = checksum.value().base64();
    return checksum.parts() > 0 ? value + "-" + checksum.parts() : value;
  }

  /** The elements of a document. */
  public static List<ChecksumField> fields(@Nullable ObjectChecksum checksum) {
    return checksum == null
        ? List.of()
        : List.of(new ChecksumField(checksum.value().algorithm(), text(checksum)));
  }

  /** The elements of a document, for a part. */
  public static List<ChecksumField> fields(@Nullable Checksum checksum) {
    return checksum == null
        ? List.of()
        : List.of(new ChecksumField(checksum.algorithm(), checksum.base64()));
  }

  /** The name of what a checksum covers; null without one. */
  public static @Nullable String type(@Nullable ObjectChecksum checksum) {
    return checksum == null ? null : checksum.type().name();
  }

  /** A checksum of an object's bytes; null without one. */
  static @Nullable ObjectChecksum full(@Nullable Checksum checksum) {
    return checksum == null ? null : ObjectChecksum.full(checksum);
  }
}
