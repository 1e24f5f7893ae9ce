package garage.admin;

import garage.admin.api.BucketResponse;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.model.Model;
import garage.model.bucket.Bucket;
import garage.model.counter.BucketCounters.Counts;
import garage.model.object.ObjectKey;
import garage.model.object.Objects;
import garage.model.object.Upload;
import garage.model.object.Uploads;
import garage.model.object.VersionScan;
import java.time.Duration;
import java.time.Instant;

/** What buckets hold. */
public final class BucketContents {
  private static final Duration LISTING_MAX = Duration.ofSeconds(30);

  private final Model model;
  private final Clock clock;

  public BucketContents(Model model, Clock clock) {
    this.model = model;
    this.clock = clock;
  }

  /** The numbers, which follow the objects within moments. */
  Counts count(Bucket bucket, Deadline deadline) {
    return model.count(bucket.id(), deadline);
  }

  /** Whether it has no object, nor a version of one: looked up, not counted. */
  public boolean isEmpty(Bucket bucket) {
    Objects objects = model.objects().objects();
    try (VersionScan.Cursor cursor =
        objects.versions(bucket.id(), "", Deadline.after(clock, LISTING_MAX))) {
      return cursor.next() == null;
    }
  }

  /** Everything that is known of a key. */
  BucketResponse.ObjectInfo inspect(Bucket bucket, String key, Deadline deadline) {
    return new ObjectInspection(model.objects(), new ObjectKey(bucket.id(), key), deadline).all();
  }

  /** Gives up every upload that was begun before; answers how many there were. */
  long abortUploads(Bucket bucket, Instant before, Deadline deadline) {
    Uploads uploads = model.objects().uploads();
    long aborted = 0;
    try (Uploads.Cursor cursor = uploads.list(bucket.id(), deadline)) {
      for (Upload upload = cursor.next(); upload != null; upload = cursor.next()) {
        if (!upload.created().instant().isAfter(before)
            && uploads.abort(upload.object(), upload.id(), deadline)) {
          aborted++;
        }
      }
    }
    return aborted;
  }
}
