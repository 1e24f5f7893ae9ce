package garage.layout;

/** A row of the list of layout versions. */
public record VersionSummary(long number, Status status, int storageNodes, int gatewayNodes) {
  /** What a version is still needed for. */
  public enum Status {
    /** The newest one. */
    CURRENT("Current"),
    /** Its nodes count, or are copied from, until the change to the current one ends. */
    DRAINING("Draining"),
    /** Kept to find what may have been left on its nodes. */
    HISTORICAL("Historical");

    private final String text;

    Status(String text) {
      this.text = text;
    }

    /** The word users see. */
    public String text() {
      return text;
    }
  }
}
