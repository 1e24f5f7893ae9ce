package garage.s3api.call;

import garage.model.key.AccessKey;
import garage.model.key.CanonicalId;
import garage.s3api.policy.Identity;
import garage.s3api.xml.Owner;
import org.jspecify.annotations.Nullable;

/**
 * Who a request is from.
 *
 * @param key the access key it was signed with; null if it was not
 */
public record Caller(@Nullable AccessKey key) {
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
    return key == null ? CanonicalId.ANONYMOUS : key.id();
  }

  /** As documents name it. */
  public Owner owner() {
    return new Owner(CanonicalId.of(id()), key == null ? "" : key.name().value());
  }

  /** As policies see it. */
  public Identity identity() {
    return key == null
        ? new Identity.Anonymous()
        : new Identity.Account(key.id(), key.canonicalId());
  }
}
