package garage.s3api.call;

import garage.model.object.VersionId;
import org.jspecify.annotations.Nullable;

/** Decides on single keys where one request is to many. */
@FunctionalInterface
public interface KeyAccess {
  /**
   * Whether the caller may do {@code action}, for example {@code s3:DeleteObject}, to a key, or to
   * a version of it if {@code id} is not null.
   */
  boolean allows(String action, String key, @Nullable VersionId id);
}
