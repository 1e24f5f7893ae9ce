package garage.s3api.xml;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer of ListObjectVersions.
 *
 * @param page what all listings say; its objects are none
 * @param versionIdMarker empty unless one was given
 * @param next where the listing goes on; null if it does not
 */
public record ListVersionsResult(
    Listed page, String keyMarker, String versionIdMarker, @Nullable Next next, List<Entry> entries)
    implements XmlDocument {
  /** Where the next page begins; {@code versionId} is null if that is behind a whole prefix. */
  public record Next(String key, @Nullable String versionId) {}

  /** A version of a key. */
  public sealed interface Entry {}

  /** An object. */
  public record Version(String id, boolean latest, ListedObject object) implements Entry {}

  /** A deletion. */
  public record Marker(
      String key, String id, boolean latest, Instant modified, @Nullable Owner owner)
      implements Entry {}

  public ListVersionsResult {
    entries = List.copyOf(entries);
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document("ListVersionsResult", this::write);
  }

  private void write(XmlWriter xml) {
    page.writeHead(xml);
    xml.leaf("KeyMarker", page.encoding().encode(keyMarker))
        .leaf("VersionIdMarker", versionIdMarker);
    if (next != null) {
      xml.leaf("NextKeyMarker", page.encoding().encode(next.key))
          .optional("NextVersionIdMarker", next.versionId);
    }
    page.writeLimits(xml, next != null);
    entries.forEach(entry -> write(xml, entry));
    page.writeCommonPrefixes(xml);
  }

  private void write(XmlWriter xml, Entry entry) {
    switch (entry) {
      case Version(String id, boolean latest, ListedObject object) ->
          xml.element(
              "Version",
              x -> {
                x.leaf("VersionId", id).leaf("IsLatest", latest);
                object.write(x, page.encoding());
              });
      case Marker marker -> xml.element("DeleteMarker", x -> write(x, marker));
    }
  }

  private void write(XmlWriter xml, Marker marker) {
    xml.leaf("Key", page.encoding().encode(marker.key))
        .leaf("VersionId", marker.id)
        .leaf("IsLatest", marker.latest)
        .leaf("LastModified", Dates.iso(marker.modified));
    if (marker.owner != null) {
      xml.element("Owner", marker.owner::write);
    }
  }
}
