package garage.server.config;

/** A text that is never printed: only {@link #reveal} gives it. */
public record Secret(String reveal) {
  @Override
  public String toString() {
    return "(redacted)";
  }
}
