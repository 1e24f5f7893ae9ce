package garage.s3api.call;

import garage.model.key.AccessKey;
import garage.s3api.xml.Owner;

/** Who a request is from. */
public record Caller(AccessKey key) {
  /** The access key's id. */
  public String id() {
    return key.id();
  }

  /** As documents name it. */
  public Owner owner() {
    return new Owner(key.id(), key.name().value());
  }
}
