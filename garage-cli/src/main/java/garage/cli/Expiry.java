package garage.cli;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command that changes something is told when that stops working. */
final class Expiry {
  @Option(names = "--expires-in", paramLabel = "DURATION", description = "Such as 6h or 30d")
  @Nullable String expiresIn;

  @Option(names = "--never-expires", description = "It works until it is deleted")
  boolean never;

  boolean isGiven() {
    if (expiresIn != null && never) {
      throw new CommandFailed("give either --expires-in or --never-expires");
    }
    return expiresIn != null || never;
  }

  /** When it stops working; null if that was not given. */
  @Nullable Instant at(Session session) {
    return expiresIn == null ? null : session.after(expiresIn);
  }

  /** Whether it never does, as requests take it: null if that was not given. */
  @Nullable Boolean never() {
    return never ? true : null;
  }
}
