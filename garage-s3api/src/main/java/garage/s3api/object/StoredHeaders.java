package garage.s3api.object;

import garage.model.object.Header;
import garage.s3api.request.ObjectHeaders;
import java.util.List;

/** The headers kept with an object, in the model's form. */
public final class StoredHeaders {
  private StoredHeaders() {}

  /** The model's form. */
  public static List<Header> of(ObjectHeaders headers) {
    return headers.values().entrySet().stream()
        .map(entry -> new Header(entry.getKey(), entry.getValue()))
        .toList();
  }
}
