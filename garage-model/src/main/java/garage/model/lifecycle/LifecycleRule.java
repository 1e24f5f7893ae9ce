package garage.model.lifecycle;

import garage.model.object.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One rule of a bucket's lifecycle. What is null is not asked for.
 *
 * @param expiration of what is the present version of its key
 * @param noncurrent of versions in whose place another one came
 * @param abortDays after which an upload in parts is given up
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html">Lifecycle
 *     configuration elements</a>
 */
public record LifecycleRule(
    String id,
    boolean enabled,
    Filter filter,
    @Nullable Expiration expiration,
    @Nullable Noncurrent noncurrent,
    @Nullable Integer abortDays) {
  /** When an object expires that is the present version. */
  public sealed interface Expiration {
    /** So many days after it was written. */
    record AfterDays(int days) implements Expiration {}

    /** From then on. */
    record From(Instant date) implements Expiration {}

    /**
     * No object; but a deletion, if it is all there is of its key.
     *
     * @param wanted a document may say that it is not
     */
    record OfMarkers(boolean wanted) implements Expiration {}
  }

  /**
   * When a version goes in whose place another one came.
   *
   * @param days after that
   * @param newer how many such versions of a key stay, the newest, whatever their age; null for
   *     none
   */
  public record Noncurrent(int days, @Nullable Integer newer) {}

  /**
   * Which objects a rule is for.
   *
   * @param form how the document names them, which is how it is answered
   * @param prefix of their keys; null if the document says nothing of it
   * @param tags all of which an object must have
   * @param larger what it must be larger than, in bytes
   * @param smaller what it must be smaller than, in bytes
   */
  public record Filter(
      Form form,
      @Nullable String prefix,
      List<Tag> tags,
      @Nullable Long larger,
      @Nullable Long smaller) {
    /** How a document names the objects of a rule. */
    public enum Form {
      /** By a prefix beside the filter, as before there was one. */
      PREFIX,
      /** By a filter of one condition, or none. */
      FILTER,
      /** By a filter of several. */
      AND
    }

    public Filter {
      tags = List.copyOf(tags);
    }

    /** Whether it looks at more than keys: so nothing applies to what has neither size nor tags. */
    public boolean looksAtObjects() {
      return !tags.isEmpty() || larger != null || smaller != null;
    }

    /** What the keys begin with; empty for any. */
    String keysBeginWith() {
      return prefix == null ? "" : prefix;
    }

    boolean isFor(String key) {
      return key.startsWith(keysBeginWith());
    }

    boolean isFor(String key, long size, List<Tag> has) {
      return isFor(key)
          && (larger == null || size > larger)
          && (smaller == null || size < smaller)
          && Set.copyOf(has).containsAll(tags);
    }
  }
}
