package garage.benchmarks.load;

/**
 * A reply's head.
 *
 * @param contentLength -1 if it is chunked
 */
record Response(int status, long contentLength, String etag, boolean closes) {
  boolean ok() {
    return status >= 200 && status < 300;
  }
}
