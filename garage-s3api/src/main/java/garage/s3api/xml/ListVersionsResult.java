package garage.s3api.xml;

import org.jspecify.annotations.Nullable;

/**
 * The answer of ListObjectVersions, of a bucket where each object is its only version.
 *
 * @param nextKeyMarker null unless the listing goes on
 * @param nextVersionIdMarker null unless the next page begins within or after a key's versions
 */
public record ListVersionsResult(
    Listed listed,
    String keyMarker,
    String versionIdMarker,
    @Nullable String nextKeyMarker,
    @Nullable String nextVersionIdMarker)
    implements XmlDocument {
  /** The id of the version of an object that was stored without versioning. */
  public static final String NULL_VERSION = "null";

  @Override
  public byte[] toXml() {
    return XmlWriter.document("ListVersionsResult", this::write);
  }

  private void write(XmlWriter xml) {
    listed.writeHead(xml);
    xml.leaf("KeyMarker", listed.encoding().encode(keyMarker))
        .leaf("VersionIdMarker", versionIdMarker);
    if (nextKeyMarker != null) {
      xml.leaf("NextKeyMarker", listed.encoding().encode(nextKeyMarker));
    }
    xml.optional("NextVersionIdMarker", nextVersionIdMarker);
    listed.writeLimits(xml, nextKeyMarker != null);
    xml.each(
        "Version",
        listed.objects(),
        (version, object) -> {
          version.leaf("VersionId", NULL_VERSION).leaf("IsLatest", true);
          object.write(version, listed.encoding());
        });
    listed.writeCommonPrefixes(xml);
  }
}
