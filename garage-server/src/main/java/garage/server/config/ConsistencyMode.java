package garage.server.config;

/** How many replicas a read and a write wait for. */
public enum ConsistencyMode {
  /** Quorums overlap: what was written is read. */
  CONSISTENT,
  /** One replica suffices for a read. */
  DEGRADED,
  /** One replica suffices for a read and for a write. */
  DANGEROUS
}
