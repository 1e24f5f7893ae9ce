package garage.s3api.call;

import garage.model.object.Annotations;

/**
 * The decision on a request to an object that can only be taken when the object is found: by its
 * own access control list. What was checked must be what is then answered.
 */
@FunctionalInterface
public interface ObjectAccess {
  /** It was decided before. */
  ObjectAccess DECIDED = _ -> {};

  /**
   * Passes if the request may be served from an object of which this is said.
   *
   * @throws garage.s3api.error.S3Exception with {@code AccessDenied} if not
   */
  void check(Annotations said);
}
