package garage.http.lawbreaker;

import garage.layout.lawbreaker.Lawbreaker;
import org.jspecify.annotations.Nullable;

/** The other half of a cycle. */
public final class Accomplice {
  public @Nullable Lawbreaker partner;
}
