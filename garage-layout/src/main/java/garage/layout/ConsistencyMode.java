package garage.layout;

import garage.common.error.GarageException;

/** What a cluster gives up to stay available while replicas are missing. */
public enum ConsistencyMode {
  /** Reads see every acknowledged write. */
  CONSISTENT("consistent"),
  /** One replica answers a read, which may be out of date; writes need their quorum. */
  DEGRADED("degraded"),
  /** One replica answers a read or takes a write: acknowledged writes may be lost. */
  DANGEROUS("dangerous");

  private final String text;

  ConsistencyMode(String text) {
    this.text = text;
  }

  /**
   * The mode as the configuration names it.
   *
   * @throws GarageException.InvalidInput with a message for the user
   */
  public static ConsistencyMode parse(String text) {
    for (ConsistencyMode mode : values()) {
      if (mode.text.equals(text)) {
        return mode;
      }
    }
    throw new GarageException.InvalidInput(
        "consistency mode is 'consistent', 'degraded' or 'dangerous', not '" + text + "'");
  }

  /** The form the configuration uses. */
  public String text() {
    return text;
  }
}
