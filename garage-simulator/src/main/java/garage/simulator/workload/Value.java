package garage.simulator.workload;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something written to a key, known by its number, which travels with it as metadata. For one run
 * in one simulation; grows wiser as replies come in.
 */
final class Value {
  private final int number;
  private final String key;

  /** What its bytes may be; of a copy, whatever the source held. */
  private final List<Content> contents = new ArrayList<>();

  /** The key it is a copy of. */
  private final @Nullable String source;

  /** Whether its upload was broken off, so that it must never be seen. */
  private boolean brokenOff;

  /** Requests that were sent for it, each of which may have taken effect. */
  private int attempts;

  private @Nullable String etag;

  Value(int number, String key, @Nullable Content content, @Nullable String source) {
    this.number = number;
    this.key = key;
    this.source = source;
    if (content != null) {
      contents.add(content);
    }
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

  List<Content> contents() {
    return contents;
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

  /**
   * Whether all that may be seen of it has the same bytes, as two copies of a key need not have.
   */
  boolean isOne() {
    return source == null || attempts == 1;
  }

  @Nullable String etag() {
    return etag;
  }

  void etag(@Nullable String tag) {
    if (tag != null) {
      etag = tag.replace("\"", "");
    }
  }
}
