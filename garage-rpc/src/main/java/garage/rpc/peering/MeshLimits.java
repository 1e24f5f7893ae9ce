package garage.rpc.peering;

import java.time.Duration;

/** The mesh's times and bounds. */
final class MeshLimits {
  /** Between two pings of a peer. */
  static final Duration PING_EVERY = Duration.ofSeconds(1);

  /** Between two looks at all peers. */
  static final Duration TICK = Duration.ofMillis(500);

  /** A tick later than this means that this process stood still, and no peer is to blame. */
  static final Duration STALL = Duration.ofSeconds(2);

  /** Two pings missed: others are asked first, though the peer does not count as failed yet. */
  static final Duration SILENT_AFTER = Duration.ofMillis(2500);

  /** So many answers in a row that were late make a peer one that others are asked before. */
  static final int LATE_IN_A_ROW_MAX = 3;

  /** How long others are asked before a peer that was late; then it is tried again. */
  static final Duration AVOIDED = Duration.ofSeconds(2);

  /** First wait before dialling a peer again; doubled each time. */
  static final Duration BACKOFF_MIN = Duration.ofMillis(500);

  /** Longest wait before dialling a peer again. */
  static final Duration BACKOFF_MAX = Duration.ofSeconds(15);

  /** For one connection with TLS and handshake; shorter than a peer's patience. */
  static final Duration DIAL_TIME_MAX = Duration.ofSeconds(10);

  /**
   * How long a call waits for the next connection when its peer's was lost a moment ago; shorter
   * than the silence after which a peer counts as failed.
   */
  static final Duration RECONNECT_TIME_MAX = Duration.ofSeconds(3);

  /** Dials in vain after a connection was lost, until calls no longer wait for the next. */
  static final int RECONNECT_DIALS_MAX = 3;

  /** Between two of them. */
  static final Duration RECONNECT_PAUSE = Duration.ofMillis(100);

  /** Connections that one call is tried on, within its deadline: with less than one a second. */
  static final int CALL_CONNECTIONS_MAX = 16;

  /** Between two rounds over the bootstrap peers' names. */
  static final Duration DISCOVER_EVERY = Duration.ofSeconds(5);

  /** Between two rounds over a service that knows peers. */
  static final Duration SOURCE_EVERY = Duration.ofSeconds(60);

  /** Between two attempts at one that has failed. */
  static final Duration SOURCE_RETRY = Duration.ofSeconds(10);

  /** For one round over it. */
  static final Duration SOURCE_TIME_MAX = Duration.ofSeconds(20);

  /** Between two exchanges of peer lists with one peer. */
  static final Duration EXCHANGE_EVERY = Duration.ofSeconds(10);

  /** Between two writes of the peer list. */
  static final Duration SAVE_EVERY = Duration.ofSeconds(5);

  /** A node that nobody saw for so long is no longer a peer. */
  static final Duration FORGET_AFTER = Duration.ofDays(7);

  /** A cluster that was off for longer than that is still given so long to find itself again. */
  static final Duration RECALL_TIME = Duration.ofDays(1);

  /** The peer list says when peers were last seen, so it is written though nothing else changed. */
  static final Duration SAVE_AT_LEAST_EVERY = Duration.ofHours(1);

  /** A node's connection that is silent for so long is closed: it pings every second. */
  static final Duration INBOUND_SILENCE_MAX = Duration.ofSeconds(30);

  /** A command line's connection that is silent for so long is closed. */
  static final Duration OPERATOR_SILENCE_MAX = Duration.ofMinutes(30);

  /** Peers known. */
  static final int PEERS_MAX = 4096;

  /** Addresses remembered of a peer, newest first. */
  static final int ADDRESSES_MAX = 8;

  /** Addresses a bootstrap name may stand for. */
  static final int RESOLVED_MAX = 256;

  /** Connections being opened. */
  static final int DIALS_MAX = 32;

  /** Connections accepted and being authenticated. */
  static final int HANDSHAKES_MAX = 256;

  /** Connections of command lines. */
  static final int OPERATORS_MAX = 64;

  /** Connections one peer may have to this node: the new one, and the old one it replaces. */
  static final int INBOUND_PER_PEER_MAX = 2;

  /** Latencies kept of a peer, or of an endpoint at a peer. */
  static final int LATENCIES_KEPT = 64;

  /** Endpoints whose latencies are kept of a peer. */
  static final int LATENCY_ENDPOINTS_MAX = 128;

  private MeshLimits() {}
}
