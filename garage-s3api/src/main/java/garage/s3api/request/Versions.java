package garage.s3api.request;

import garage.model.object.VersionId;
import garage.s3api.error.S3Error;
import org.jspecify.annotations.Nullable;

/** Version ids as clients send them. */
public final class Versions {
  private Versions() {}

  /** The id; null if none is given. */
  public static @Nullable VersionId parse(@Nullable String versionId) {
    if (versionId == null) {
      return null;
    }
    String message =
        versionId.isEmpty()
            ? "Version id cannot be the empty string"
            : "Invalid version id specified";
    return VersionId.parse(versionId)
        .orElseThrow(() -> S3Error.invalidArgument(message, "versionId", versionId).exception());
  }
}
