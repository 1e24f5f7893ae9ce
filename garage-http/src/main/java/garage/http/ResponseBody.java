package garage.http;

/** What follows a response's head. */
public sealed interface ResponseBody {
  /** The length of a stream whose end is not known beforehand. */
  long UNKNOWN_LENGTH = -1;

  /** Nothing. */
  record Empty() implements ResponseBody {}

  /** Bytes that are in memory already; not changed afterwards. */
  record Bytes(byte[] bytes) implements ResponseBody {}

  /**
   * Bytes produced while they are sent, on the request's own task. For a HEAD the writer is not
   * called. A writer that fails, or does not write exactly {@code length} bytes, cuts the
   * connection, so that no client takes the part for the whole.
   *
   * @param length bytes, or {@link #UNKNOWN_LENGTH}: then sent chunked
   */
  record Streamed(long length, Writer writer) implements ResponseBody {
    public Streamed {
      if (length < UNKNOWN_LENGTH) {
        throw new IllegalArgumentException("a length of " + length);
      }
    }
  }

  /** Produces a body. */
  @FunctionalInterface
  interface Writer {
    /** Writes the whole body. */
    void writeTo(BodySink sink);

    /** Called when the body is no longer needed, whether it was written or not. */
    default void close() {}
  }
}
