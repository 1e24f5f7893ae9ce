package garage.admin;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.http.VirtualHost;
import garage.model.bucket.BucketSetting;
import garage.model.bucket.Buckets;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The host names under which buckets are reached: through S3 all of them, as web sites those that
 * are one.
 *
 * @param s3Root what buckets' names precede in S3's host names; null for none
 * @param webRoot likewise of web sites; null if none are served
 */
public record ServedDomains(
    Buckets buckets, @Nullable String s3Root, @Nullable String webRoot, Clock clock)
    implements Predicate<String> {
  private static final Duration LOOKUP_MAX = Duration.ofSeconds(5);

  @Override
  public boolean test(String domain) {
    String inS3 = s3Root == null ? null : VirtualHost.below(s3Root, domain);
    if (inS3 != null) {
      return exists(inS3, false);
    }
    if (webRoot == null) {
      return false;
    }
    String inWeb = VirtualHost.below(webRoot, domain);
    return exists(inWeb == null ? VirtualHost.name(domain) : inWeb, true);
  }

  private boolean exists(String bucket, boolean asSite) {
    try {
      return buckets
          .resolve(bucket, null, Deadline.after(clock, LOOKUP_MAX))
          .filter(found -> !asSite || found.setting(BucketSetting.WEBSITE).isPresent())
          .isPresent();
    } catch (GarageException e) {
      return false; // not known now: the proxy asks again
    }
  }
}
