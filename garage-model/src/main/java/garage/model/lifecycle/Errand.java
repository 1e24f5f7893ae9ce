package garage.model.lifecycle;

import garage.common.env.Deadline;
import garage.model.bucket.Bucket;
import garage.model.lifecycle.LifecycleState.Tally;
import garage.model.object.ObjectKey;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.model.object.Upload;
import garage.model.object.VersionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the lifecycle of one bucket asks for at one moment: finds what seems to be due among the
 * rows of this node, and does it if it is.
 *
 * @param rules those of the bucket
 */
record Errand(
    LifecycleWorker.Parts parts, Bucket bucket, Lifecycle rules, Lifecycle.Moment moment) {
  /** Something that seems to be due. */
  sealed interface Due {
    /**
     * A key.
     *
     * @param expires whether its present version is
     * @param versions whether others are
     */
    record Key(ObjectKey key, boolean expires, boolean versions) implements Due {}

    /** An upload in parts. */
    record Begun(Upload upload) implements Due {}
  }

  /** What was found, and where to go on: null if that is all. */
  record Found(List<Due> due, byte @Nullable [] next) {}

  /** Looks at uploads from a row on; finds {@code max} things at most. */
  Found uploads(byte[] from, int max) {
    List<Due> due = new ArrayList<>();
    byte[] next =
        parts
            .own()
            .uploads(
                bucket.id(),
                rules.prefixesOfUploads(),
                from,
                upload -> {
                  if (rules.abortsUpload(
                      upload.object().key(), upload.created().millis(), moment)) {
                    due.add(new Due.Begun(upload));
                  }
                  return due.size() < max;
                });
    return new Found(due, next);
  }

  /** Looks at objects and their versions, likewise. */
  Found objects(byte[] from, int max) {
    List<Due> due = new ArrayList<>();
    byte[] next =
        parts
            .own()
            .objects(
                bucket.id(),
                rules.prefixesOfObjects(),
                from,
                own -> {
                  KeyReview review = review(own.key());
                  own.versions().forEach(v -> review.show(v.id(), v.version(), v.present()));
                  boolean versions = !review.chosen().isEmpty() || !own.whole();
                  if (review.presentExpires() || versions) {
                    due.add(new Due.Key(own.key(), review.presentExpires(), versions));
                  }
                  return due.size() < max;
                });
    return new Found(due, next);
  }

  private KeyReview review(ObjectKey key) {
    return new KeyReview(rules, moment, key.key());
  }

  /** Does what seemed to be due, if it is. */
  Tally run(Due due, Deadline deadline) {
    return switch (due) {
      case Due.Begun(Upload upload) ->
          new Tally(0, parts.uploads().giveUp(upload, deadline) ? 1 : 0, 0);
      case Due.Key(ObjectKey key, boolean expires, boolean versions) -> {
        long done = expires && expire(key, deadline) ? 1 : 0;
        yield new Tally(done + (versions ? remove(key, deadline) : 0), 0, 0);
      }
    };
  }

  /** Deletes an object if what is there has expired; where versions are kept, by a marker. */
  private boolean expire(ObjectKey key, Deadline deadline) {
    var marker =
        new ObjectVersion.DeleteMarker(bucket.owner().orElse(""), moment.now().toEpochMilli());
    Objects.Outcome outcome =
        parts
            .objects()
            .deleteIf(
                new Objects.Target(key, bucket.versioning()),
                now ->
                    now instanceof ObjectVersion.Stored object
                        && rules.expires(key.key(), object, moment),
                marker,
                deadline);
    return outcome instanceof Objects.Outcome.Done;
  }

  private long remove(ObjectKey key, Deadline deadline) {
    long removed = 0;
    Set<VersionId> some;
    do {
      some = parts.objects().remove(key, () -> review(key), deadline);
      removed += some.size();
    } while (some.size() >= KeyReview.REMOVED_MAX);
    return removed;
  }
}
