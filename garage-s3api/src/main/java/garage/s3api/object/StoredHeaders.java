package garage.s3api.object;

import garage.model.object.Header;
import garage.s3api.request.ObjectHeaders;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The headers kept with an object, in the model's form. */
public final class StoredHeaders {
  private StoredHeaders() {}

  /** The model's form. */
  public static List<Header> of(ObjectHeaders headers) {
    return headers.values().entrySet().stream()
        .map(entry -> new Header(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** Those of a copy; where its web site sends who asks for it is never the source's matter. */
  static List<Header> copied(List<Header> source, @Nullable String redirectLocation) {
    List<Header> headers = new ArrayList<>(source);
    headers.removeIf(header -> header.name().equals(ObjectHeaders.REDIRECT_LOCATION));
    if (redirectLocation != null) {
      headers.add(new Header(ObjectHeaders.REDIRECT_LOCATION, redirectLocation));
    }
    return headers;
  }
}
