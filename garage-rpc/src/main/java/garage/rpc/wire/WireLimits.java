package garage.rpc.wire;

import garage.common.env.Connection;
import garage.rpc.Priority;

/** What one connection may hold at most. Both ends know the same numbers and hold peers to them. */
public final class WireLimits {
  /** Bytes of a message in one frame: one TLS record, so that an urgent chunk waits for one. */
  public static final int CHUNK_BYTES = 16 * 1024;

  /** Bytes of an endpoint's name. */
  public static final int ENDPOINT_BYTES_MAX = 128;

  /** Characters of a failure's message; longer ones are cut. */
  public static final int FAILURE_CHARS_MAX = 4 * 1024;

  /**
   * Bytes of messages of one priority, longer than a chunk, that a receiver may hold at once. A
   * longer message goes alone. Three blocks at a time keep a disk busy.
   */
  public static final int CREDIT_BYTES = 4 << 20;

  /**
   * What of it a connection has for requests from its beginning; the rest is lent. It has all for
   * answers: those who asked have room for them.
   */
  static final int CREDIT_FIRST_BYTES = 1 << 20;

  /** Bytes of answers of one priority, waiting or expected, above which no handler is started. */
  static final int ANSWER_BYTES_MAX = CREDIT_BYTES;

  /** Milliseconds a call may last: a day. A longer deadline is sent as this. */
  static final long REMAINING_MILLIS_MAX = 24L * 3600 * 1000;

  /** Bytes of a frame's length before it, where the network below carries a stream. */
  public static final int FRAME_LENGTH_BYTES = 4;

  static {
    assert CHUNK_BYTES + 1024 <= Connection.FRAME_BYTES_MAX : "a chunk and its header fit a frame";
  }

  private WireLimits() {}

  /** Calls of one priority under way on a connection; a caller waits for its turn beyond. */
  static int callsMax(Priority priority) {
    return switch (priority) {
      case URGENT -> 256;
      case CLIENT -> 1024;
      case BACKGROUND -> 256;
    };
  }

  /**
   * Bytes of credit that a node lends to all its peers together, out of a heap of some 100 MiB:
   * five have all they can for clients' requests, and however many there are can make the node hold
   * no more than this and {@link #CREDIT_FIRST_BYTES} each.
   */
  static int lentMax(Priority priority) {
    return switch (priority) {
      case URGENT -> 0;
      case CLIENT -> 16 << 20;
      case BACKGROUND -> 8 << 20;
    };
  }

  /** Calls of one priority handled at a time for a peer; others wait, received but not begun. */
  static int handlersMax(Priority priority) {
    return switch (priority) {
      case URGENT -> 64;
      case CLIENT -> 256;
      case BACKGROUND -> 32;
    };
  }
}
