package garage.s3api.lifecycle;

import garage.common.id.Uuid;
import garage.http.UriEncoding;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketSetting;
import garage.model.lifecycle.Lifecycle;
import garage.model.lifecycle.LifecycleCalendar;
import garage.model.object.ObjectVersion;
import garage.s3api.request.HttpDates;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells when objects expire. The rules of a bucket are read once for as long as they stay the same.
 * Days are those of the world, whatever the worker takes for one.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html#lifecycle-expire-when">How
 *     to find when objects will expire</a>
 */
public final class Expirations {
  /** Buckets with rules whose rules are kept; of most a few hundred bytes. */
  private static final int KEPT_MAX = 256;

  private static final String HEADER = "x-amz-expiration";

  /** The last time a header's date has a form for. */
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

  private record Kept(String setting, Lifecycle lifecycle) {}

  private final ConcurrentHashMap<Uuid, Kept> kept = new ConcurrentHashMap<>();
  private final LifecycleCalendar calendar;

  /** {@code zone}: where midnight is. */
  public Expirations(ZoneId zone) {
    this.calendar = new LifecycleCalendar(Duration.ofDays(1), zone);
  }

  /** The header of a reply that is about the present object; none if that does not expire. */
  public Map<String, String> headers(Bucket bucket, String key, ObjectVersion.Stored object) {
    String setting = bucket.setting(BucketSetting.LIFECYCLE).orElse(null);
    if (setting == null) {
      return Map.of();
    }
    Lifecycle.Expiry expiry = read(bucket.id(), setting).expiry(key, object, calendar);
    if (expiry == null || expiry.at().isAfter(LAST)) {
      return Map.of();
    }
    return Map.of(
        HEADER,
        "expiry-date=\"%s\", rule-id=\"%s\""
            .formatted(HttpDates.format(expiry.at()), UriEncoding.encode(expiry.ruleId())));
  }

  private Lifecycle read(Uuid bucket, String setting) {
    Kept before = kept.get(bucket);
    if (before != null && before.setting.equals(setting)) {
      return before.lifecycle;
    }
    Lifecycle lifecycle = Lifecycle.ofSetting(setting);
    if (kept.size() >= KEPT_MAX) {
      kept.clear(); // more buckets with rules than this are in use at once: each is read again
    }
    kept.put(bucket, new Kept(setting, lifecycle));
    return lifecycle;
  }
}
