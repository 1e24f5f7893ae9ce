package garage.model.object;

import garage.common.env.Deadline;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tells what needs a run of bytes, for an operator who has found a block of it; and gives up what
 * needs it, where a block is lost for good.
 *
 * <p>A run that nothing refers to yet, and that is not given back, is being written by a request
 * under way: it is left alone, since that request will be acknowledged.
 */
public final class DataOwners {
  private final ObjectData data;
  private final Objects objects;
  private final Uploads uploads;

  DataOwners(ObjectData data, Objects objects, Uploads uploads) {
    this.data = data;
    this.objects = objects;
    this.uploads = uploads;
  }

  /** What needs a run. */
  public sealed interface User {
    /** A version of an object, the present one or another. */
    record OfObject(ObjectKey object) implements User {}

    /** A multipart upload; {@code over} if it was aborted, or its object does without the part. */
    record OfUpload(ObjectKey object, Uuid uploadId, boolean over) implements User {}
  }

  /**
   * What is known of a run.
   *
   * @param released whether it is being given back, or was
   * @param forgotten whether nothing is on record of it any more
   * @param user null if that is not known
   */
  public record Run(Uuid dataId, boolean released, boolean forgotten, @Nullable User user) {}

  /** What is known of a run. */
  public Run run(Uuid dataId, Deadline deadline) {
    boolean live = data.exists(dataId, deadline);
    DataBlock first = data.first(dataId, deadline).orElse(null);
    DataOwner owner = first == null ? null : first.owner();
    User user =
        switch (owner) {
          case null -> null;
          case DataOwner.OfObject(ObjectKey object) -> new User.OfObject(object);
          case DataOwner.OfPart part -> user(part, deadline);
        };
    return new Run(dataId, !live, !live && first == null, user);
  }

  private User user(DataOwner.OfPart part, Deadline deadline) {
    Optional<Upload> upload = uploads.find(part.object(), part.uploadId(), deadline);
    boolean open = upload.isPresent() && !(upload.get().state() instanceof Upload.State.Completed);
    if (open) {
      return new User.OfUpload(part.object(), part.uploadId(), false);
    }
    return objects.any(part.object(), madeOf(part, deadline), deadline)
        ? new User.OfObject(part.object())
        : new User.OfUpload(part.object(), part.uploadId(), true);
  }

  /** Tells whether an object is made of this very attempt at a part. */
  private Predicate<ObjectVersion.Stored> madeOf(DataOwner.OfPart part, Deadline deadline) {
    Timestamp chosenBy = uploads.chosenBy(part, deadline);
    return object ->
        object.content() instanceof Content.Parts(Uuid id, Timestamp by, List<?> _)
            && id.equals(part.uploadId())
            && by.equals(chosenBy);
  }

  /**
   * What was given up.
   *
   * @param objects versions of objects that were removed for ever
   * @param uploads multipart uploads that were aborted
   * @param reference whether the block is needed by the run no more
   */
  public record Purged(int objects, int uploads, boolean reference) {}

  /**
   * Removes for ever whatever needs {@code hash} through the run: versions of an object, and an
   * upload that is not completed. An object that was overwritten meanwhile is not touched.
   */
  public Purged purge(Hash hash, Uuid dataId, Deadline deadline) {
    boolean live = data.exists(dataId, deadline);
    DataOwner owner = live ? data.owner(dataId, deadline) : null;
    int removed = 0;
    int aborted = 0;
    switch (owner) {
      case null -> {}
      case DataOwner.OfObject(ObjectKey object) ->
          removed = remove(object, it -> Objects.refersTo(it, dataId), deadline);
      case DataOwner.OfPart part -> {
        aborted = uploads.abort(part.object(), part.uploadId(), deadline) ? 1 : 0;
        removed = aborted > 0 ? 0 : remove(part.object(), madeOf(part, deadline), deadline);
      }
    }
    boolean gone = !live || removed + aborted > 0;
    if (gone) {
      data.releaseBlock(hash, dataId, deadline);
    }
    return new Purged(removed, aborted, gone);
  }

  private int remove(ObjectKey key, Predicate<ObjectVersion.Stored> which, Deadline deadline) {
    return objects.removeIf(key, which, deadline).size();
  }
}
