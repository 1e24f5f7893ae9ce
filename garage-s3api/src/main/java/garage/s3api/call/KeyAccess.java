package garage.s3api.call;

/** Decides on single keys where one request is to many. */
@FunctionalInterface
public interface KeyAccess {
  /** Whether the caller may do {@code action}, for example {@code s3:DeleteObject}, to a key. */
  boolean allows(String action, String key);
}
