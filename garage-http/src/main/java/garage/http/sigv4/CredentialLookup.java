package garage.http.sigv4;

import org.jspecify.annotations.Nullable;

/** Finds the secret of an access key. */
@FunctionalInterface
public interface CredentialLookup {
  /** The key of this id if it may sign requests now, or null; may block. */
  @Nullable Credentials find(String accessKeyId);
}
