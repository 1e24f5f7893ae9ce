package garage.s3api.xml;

import garage.model.object.Versioning;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import java.util.ArrayList;
import java.util.List;

/** Whether a bucket keeps versions, as it is put and got. */
public record VersioningConfiguration(Versioning versioning) implements XmlDocument {
  /** Longer than any with all its elements and a comment, in bytes. */
  public static final int BYTES_MAX = 16 * 1024;

  /** Reads the body of a request: versions are kept, or no longer. */
  public static VersioningConfiguration parse(byte[] body) {
    List<Versioning> states = new ArrayList<>();
    XmlReader.read(
        body,
        "VersioningConfiguration",
        (xml, name) -> {
          String text = xml.text().strip();
          switch (name) {
            case "Status" -> states.add(state(text));
            case "MfaDelete", "MFADelete" -> checkMfa(text);
            default -> throw XmlReader.malformed();
          }
        });
    if (states.size() != 1) {
      throw S3ErrorCode.ILLEGAL_VERSIONING_CONFIGURATION.exception();
    }
    return new VersioningConfiguration(states.getFirst());
  }

  private static Versioning state(String text) {
    return switch (text) {
      case "Enabled" -> Versioning.ENABLED;
      case "Suspended" -> Versioning.SUSPENDED;
      default -> throw XmlReader.malformed();
    };
  }

  private static void checkMfa(String text) {
    switch (text) {
      case "Disabled" -> {}
      case "Enabled" ->
          throw S3Error.of(
                  S3ErrorCode.NOT_IMPLEMENTED,
                  "Deletion with multi-factor authentication is not implemented")
              .exception();
      default -> throw XmlReader.malformed();
    }
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document(
        "VersioningConfiguration",
        xml -> {
          switch (versioning) {
            case NONE -> {}
            case ENABLED -> xml.leaf("Status", "Enabled");
            case SUSPENDED -> xml.leaf("Status", "Suspended");
          }
        });
  }
}
