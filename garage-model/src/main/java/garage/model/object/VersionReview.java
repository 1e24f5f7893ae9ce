package garage.model.object;

import java.util.Set;

/** Looks at the versions of one key, and chooses which of them are to go. */
public interface VersionReview {
  /**
   * Is shown a version: first the present one, then the others, the latest first.
   *
   * @param present whether it is that which a request without a version finds
   */
  void show(VersionId id, ObjectVersion version, boolean present);

  /** Those to go, of which all were shown. */
  Set<VersionId> chosen();
}
