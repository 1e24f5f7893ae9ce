package garage.s3api.request;

import garage.s3api.error.S3Error;
import org.jspecify.annotations.Nullable;

/** Version ids: without versioning the only one is {@code null}, the object itself. */
public final class Versions {
  private Versions() {}

  /** Refuses every id but {@code null}; no id at all passes. */
  public static void check(@Nullable String versionId) {
    if (versionId == null || versionId.equals("null")) {
      return;
    }
    String message =
        versionId.isEmpty()
            ? "Version id cannot be the empty string"
            : "Invalid version id specified";
    throw S3Error.invalidArgument(message, "versionId", versionId).exception();
  }
}
