package garage.s3api.xml;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer of DeleteObjects; in quiet mode {@code deleted} is empty. */
public record DeleteResult(List<Deleted> deleted, List<Failed> failed) implements XmlDocument {
  /**
   * A key that is gone.
   *
   * @param versionId which version was to be deleted; null for none in particular
   * @param marker the marker that was made, or that this version was; null for none
   */
  public record Deleted(String key, @Nullable String versionId, @Nullable String marker) {}

  /** A key that is not. */
  public record Failed(String key, @Nullable String versionId, String code, String message) {}

  public DeleteResult {
    deleted = List.copyOf(deleted);
    failed = List.copyOf(failed);
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document("DeleteResult", this::write);
  }

  private void write(XmlWriter xml) {
    xml.each(
        "Deleted",
        deleted,
        (x, item) -> {
          x.leaf("Key", item.key).optional("VersionId", item.versionId);
          if (item.marker != null) {
            x.leaf("DeleteMarker", true).leaf("DeleteMarkerVersionId", item.marker);
          }
        });
    xml.each("Error", failed, DeleteResult::write);
  }

  private static void write(XmlWriter xml, Failed item) {
    xml.leaf("Key", item.key)
        .optional("VersionId", item.versionId)
        .leaf("Code", item.code)
        .leaf("Message", item.message);
  }
}
