package garage.model.lifecycle;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketSetting;
import garage.model.object.ObjectVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is to become of a bucket's objects in time. Pure: what is due follows from the rules, the
 * calendar, and what there is of a key.
 *
 * @param sizes what the rules were put with, to be answered: there is nothing they would change
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html">Expiring
 *     objects</a>
 */
public record Lifecycle(List<LifecycleRule> rules, TransitionSizes sizes) {
  private static final VersionedCodec<Lifecycle> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, l) ->
                  out.list(l.rules, RuleCodec.RULE).bool(l.sizes == TransitionSizes.BY_CLASS),
              in ->
                  new Lifecycle(
                      in.list(RuleCodec.RULE),
                      in.bool() ? TransitionSizes.BY_CLASS : TransitionSizes.ALL_128K)));

  /** How small an object may be to be moved to another storage class, of which there are none. */
  public enum TransitionSizes {
    ALL_128K,
    BY_CLASS
  }

  public Lifecycle {
    rules = List.copyOf(rules);
  }

  /** When an object expires, and by which rule. */
  public record Expiry(Instant at, String ruleId) {}

  /** What a bucket's owner wants; empty if nothing is. */
  public static Optional<Lifecycle> of(Bucket bucket) {
    return bucket.setting(BucketSetting.LIFECYCLE).map(Lifecycle::ofSetting);
  }

  /** How it is kept with the bucket. */
  public String toSetting() {
    return Base64.getEncoder().encodeToString(CODEC.encode(this));
  }

  /** The lifecycle of what {@link #toSetting} gave. */
  public static Lifecycle ofSetting(String setting) {
    return CODEC.decode(Base64.getDecoder().decode(setting));
  }

  /** When an object expires if it stays the present version; null if it never does. */
  public @Nullable Expiry expiry(
      String key, ObjectVersion.Stored object, LifecycleCalendar calendar) {
    Expiry first = null;
    for (LifecycleRule rule : rules) {
      Instant at = expiry(rule, object.modifiedMillis(), calendar);
      if (at != null
          && rule.filter().isFor(key, object.size(), object.annotations().tags())
          && (first == null || at.isBefore(first.at()))) {
        first = new Expiry(at, rule.id());
      }
    }
    return first;
  }

  private static @Nullable Instant expiry(
      LifecycleRule rule, long modifiedMillis, LifecycleCalendar calendar) {
    if (!rule.enabled()) {
      return null;
    }
    return switch (rule.expiration()) {
      case LifecycleRule.Expiration.AfterDays(int days) -> calendar.after(modifiedMillis, days);
      case LifecycleRule.Expiration.From(Instant date) -> date;
      case LifecycleRule.Expiration.OfMarkers _ -> null;
      case null -> null;
    };
  }

  /** What one looks at things with: the time, and what that means. */
  record Moment(Instant now, LifecycleCalendar calendar) {
    boolean isPast(@Nullable Instant time) {
      return time != null && !time.isAfter(now);
    }

    boolean isPast(long since, int days) {
      return isPast(calendar.after(since, days));
    }
  }

  /** Whether an object that is the present version has expired. */
  boolean expires(String key, ObjectVersion.Stored object, Moment moment) {
    Expiry expiry = expiry(key, object, moment.calendar());
    return expiry != null && moment.isPast(expiry.at());
  }

  /** Whether a deletion is to go that is all there is of its key. */
  boolean removesMarker(String key, long markedMillis, Moment moment) {
    return any(rule ->
        !rule.filter().looksAtObjects()
            && rule.filter().isFor(key)
            && switch (rule.expiration()) {
              case LifecycleRule.Expiration.OfMarkers(boolean wanted) -> wanted;
              case LifecycleRule.Expiration expiration ->
                  moment.isPast(expiry(rule, markedMillis, moment.calendar()));
              case null -> false;
            });
  }

  /**
   * A version in whose place another one came.
   *
   * @param supersededMillis when it did
   * @param newer how many of them, of the same key, are newer than this
   */
  record Old(String key, ObjectVersion version, long supersededMillis, int newer) {}

  /** Whether a version is to go. */
  boolean removes(Old old, Moment moment) {
    return any(rule -> {
      LifecycleRule.Noncurrent noncurrent = rule.noncurrent();
      if (noncurrent == null || !isFor(rule.filter(), old)) {
        return false;
      }
      Integer stay = noncurrent.newer();
      return (stay == null || old.newer() >= stay)
          && moment.isPast(old.supersededMillis(), noncurrent.days());
    });
  }

  private static boolean isFor(LifecycleRule.Filter filter, Old old) {
    return switch (old.version()) {
      case ObjectVersion.Stored object ->
          filter.isFor(old.key(), object.size(), object.annotations().tags());
      case ObjectVersion.DeleteMarker _ -> !filter.looksAtObjects() && filter.isFor(old.key());
    };
  }

  /** Whether an upload in parts that began then is to be given up. */
  boolean abortsUpload(String key, long begunMillis, Moment moment) {
    return any(rule -> {
      Integer days = rule.abortDays();
      return days != null && rule.filter().isFor(key) && moment.isPast(begunMillis, days);
    });
  }

  private boolean any(Predicate<LifecycleRule> which) {
    return rules.stream().anyMatch(rule -> rule.enabled() && which.test(rule));
  }

  /**
   * What the keys of all that can expire begin with, in order; none is the beginning of another.
   */
  List<String> prefixesOfObjects() {
    return prefixes(rule -> rule.expiration() != null || rule.noncurrent() != null);
  }

  /** Likewise of uploads that can be given up. */
  List<String> prefixesOfUploads() {
    return prefixes(rule -> rule.abortDays() != null);
  }

  private List<String> prefixes(Predicate<LifecycleRule> which) {
    TreeSet<String> all = new TreeSet<>();
    for (LifecycleRule rule : rules) {
      if (rule.enabled() && which.test(rule)) {
        all.add(rule.filter().keysBeginWith());
      }
    }
    List<String> least = new ArrayList<>();
    for (String prefix : all) { // what another one begins comes behind it
      if (least.isEmpty() || !prefix.startsWith(least.getLast())) {
        least.add(prefix);
      }
    }
    return least;
  }
}
