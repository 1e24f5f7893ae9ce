package garage.s3api.xml;

import garage.s3api.error.S3ErrorCode;
import org.jspecify.annotations.Nullable;

/** The body of CreateBucket; {@code locationConstraint} is null if there is none. */
public record CreateBucketDocument(@Nullable String locationConstraint) {
  /** Largest body accepted, in bytes. */
  public static final int BYTES_MAX = 64 * 1024;

  /** Reads the body, which may be empty. */
  public static CreateBucketDocument parse(byte[] body) {
    if (body.length == 0) {
      return new CreateBucketDocument(null);
    }
    String[] location = new String[1];
    XmlReader.read(
        body,
        "CreateBucketConfiguration",
        (xml, name) -> {
          if (name.equals("LocationConstraint")) {
            location[0] = xml.text().strip();
          } else {
            unsupported(name);
          }
        });
    return new CreateBucketDocument(location[0]);
  }

  private static void unsupported(String name) {
    switch (name) {
      case "Bucket", "Location", "Tags" ->
          throw S3ErrorCode.NOT_IMPLEMENTED.because(
              "The element " + name + " of CreateBucketConfiguration is not implemented");
      default -> throw XmlReader.malformed();
    }
  }
}
