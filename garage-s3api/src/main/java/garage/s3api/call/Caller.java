package garage.s3api.call;

import garage.model.key.AccessKey;
import garage.s3api.policy.Identity;
import garage.s3api.xml.Owner;
import org.jspecify.annotations.Nullable;

/**
 * Who a request is from.
 *
 * @param key the access key it was signed with; null if it was not
 */
public record Caller(@Nullable AccessKey key) {
  /** AWS's canonical user id of everybody who does not sign. */
  private static final String ANONYMOUS = "65a011a29cdf8ec533ec3d1ccaae921c";

  /** Somebody who did not sign. */
  public static Caller anonymous() {
    return new Caller(null);
  }

  /** Whether the request was not signed. */
  public boolean isAnonymous() {
    return key == null;
  }

  /** The access key's id. */
  public String id() {
    return key == null ? ANONYMOUS : key.id();
  }

  /** As documents name it. */
  public Owner owner() {
    return new Owner(id(), key == null ? "" : key.name().value());
  }

  /** As policies see it. */
  public Identity identity() {
    return key == null ? new Identity.Anonymous() : new Identity.Account(key.id(), key.id());
  }
}
