package garage.simulator.workload;

import org.jspecify.annotations.Nullable;

/**
 * Something written to a key, known by its number, which travels with it as metadata. For one run
 * in one simulation; grows wiser as replies come in.
 */
final class Value {
  private final int number;
  private final String key;

  /** The key it is a copy of. */
  private final @Nullable String source;

  /** Whether its upload was broken off, so that it must never be seen. */
  private boolean brokenOff;

  /** Requests that were sent for it, each of which may have taken effect. */
  private int attempts;

  /** Of a copy, what was learnt while one attempt alone may have taken effect. */
  private @Nullable Content content;

  private @Nullable String etag;

  Value(int number, String key, @Nullable Content content, @Nullable String source) {
    this.number = number;
    this.key = key;
    this.source = source;
    this.content = content;
  }

  int number() {
    return number;
  }

  String key() {
    return key;
  }

  @Nullable String source() {
    return source;
  }

  /** What its bytes are; null if nobody knows yet, or several attempts may have made several. */
  @Nullable Content content() {
    return isOne() ? content : null;
  }

  void content(Content known) {
    if (isOne()) {
      content = known;
    }
  }

  void breakOff() {
    brokenOff = true;
  }

  boolean isBrokenOff() {
    return brokenOff;
  }

  /** One more request for it is sent. */
  void attempt() {
    attempts++;
  }

  /** The last request that was sent for it took no effect. */
  void refused() {
    attempts--;
  }

  /**
   * Whether all that may be seen of it has the same bytes, as two copies of a key need not have.
   */
  private boolean isOne() {
    return source == null || attempts <= 1;
  }

  /** Its entity tag, without quotes; null as {@link #content()} is. */
  @Nullable String etag() {
    return isOne() ? etag : null;
  }

  void etag(String known) {
    if (isOne()) {
      etag = known;
    }
  }
}
