package garage.admin;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.model.bucket.Bucket;
import garage.model.counter.BucketCounters;
import garage.model.counter.BucketCounters.Counts;
import garage.model.object.Objects;
import garage.table.Placement;
import java.time.Duration;

/** What buckets hold. */
public final class BucketContents {
  private static final Duration LISTING_MAX = Duration.ofSeconds(30);

  private final BucketCounters counters;
  private final Objects objects;
  private final Placement placement;
  private final Clock clock;

  /** {@code placement} is that of objects. */
  public BucketContents(
      BucketCounters counters, Objects objects, Placement placement, Clock clock) {
    this.counters = counters;
    this.objects = objects;
    this.placement = placement;
    this.clock = clock;
  }

  /** The numbers, which follow the objects within moments. */
  Counts count(Bucket bucket, Deadline deadline) {
    return counters.read(bucket.id(), placement, deadline);
  }

  /** Whether it has no object: looked up, not counted. */
  public boolean isEmpty(Bucket bucket) {
    try (Objects.Cursor cursor =
        objects.list(bucket.id(), Objects.Span.ANY, Deadline.after(clock, LISTING_MAX))) {
      return cursor.next() == null;
    }
  }
}
