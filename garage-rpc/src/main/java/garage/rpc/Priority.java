package garage.rpc;

/** Which chunks go first on a connection; a lower one never delays a higher one. */
public enum Priority {
  /** Pings, status, operator commands. */
  URGENT,
  /** What a client waits for. */
  CLIENT,
  /** Repair, synchronisation, collection. */
  BACKGROUND
}
