package garage.admin.api;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Answers of one node, for itself. */
public final class NodeResponse {
  private NodeResponse() {}

  /** What a node runs; {@code rustVersion} is where upstream's tools look for the run time. */
  public record NodeInfo(
      String nodeId,
      String garageVersion,
      @Nullable List<String> garageFeatures,
      String rustVersion,
      String dbEngine) {}

  /** Text for people. */
  public record Statistics(String freeform) {}

  /** It is done, or has begun. */
  @Bare
  public record Done() {}

  /** The background work. */
  @Bare
  public record Workers(List<Worker> workers) {
    public Workers {
      workers = List.copyOf(workers);
    }
  }

  /**
   * One background activity.
   *
   * @param tranquility always null: the pace follows the load
   * @param progress null for one without an end
   */
  public record Worker(
      long id,
      String name,
      WorkerState state,
      long errors,
      long consecutiveErrors,
      @Nullable LastError lastError,
      @Nullable Long tranquility,
      @Nullable String progress,
      @Nullable Long queueLength,
      @Nullable Long persistentErrors,
      List<String> freeform) {
    public Worker {
      freeform = List.copyOf(freeform);
    }
  }

  /** What a worker is doing. */
  public sealed interface WorkerState {
    /** It works. */
    record Busy() implements WorkerState {}

    /** It works, with pauses. */
    record Throttled(Pause throttled) implements WorkerState {}

    /** It has nothing to do. */
    record Idle() implements WorkerState {}

    /** It has ended. */
    record Done() implements WorkerState {}
  }

  /** A pause. */
  public record Pause(double durationSecs) {}

  /** A failure. */
  public record LastError(String message, long secsAgo) {}

  /** Variables by name. */
  @Bare
  public record Variables(Map<String, String> values) {
    public Variables {
      values = new TreeMap<>(values);
    }
  }

  /** A variable as it is from now on. */
  public record VariableSet(String variable, String value) {}

  /** Blocks that cannot be had. */
  @Bare
  public record BlockErrors(List<BlockError> errors) {
    public BlockErrors {
      errors = List.copyOf(errors);
    }
  }

  /** A block that cannot be had, and how often that was tried. */
  public record BlockError(
      String blockHash, long refcount, long errorCount, long lastTrySecsAgo, long nextTryInSecs) {}

  /** A block, and who needs it. */
  public record BlockInfo(String blockHash, long refcount, List<BlockVersion> versions) {
    public BlockInfo {
      versions = List.copyOf(versions);
    }
  }

  /**
   * The data of an object or a part that refers to a block.
   *
   * @param refDeleted whether it does not need the block any more
   * @param versionDeleted whether the data is being given back, or was
   * @param garbageCollected whether nothing is on record of the data any more
   * @param backlink what the data is of; null if that is not known
   */
  public record BlockVersion(
      String versionId,
      boolean refDeleted,
      boolean versionDeleted,
      boolean garbageCollected,
      @Nullable Backlink backlink) {}

  /** What data is of. */
  public sealed interface Backlink {
    /** An object. */
    record OfObject(ObjectName object) implements Backlink {}

    /** A multipart upload. */
    record OfUpload(UploadName upload) implements Backlink {}
  }

  /** An object. */
  public record ObjectName(String bucketId, String key) {}

  /**
   * A multipart upload.
   *
   * @param uploadDeleted whether it was aborted, or was completed without the part
   */
  public record UploadName(
      String uploadId,
      boolean uploadDeleted,
      boolean uploadGarbageCollected,
      @Nullable String bucketId,
      @Nullable String key) {}

  /**
   * What was given up to be rid of blocks.
   *
   * @param blockRefsPurged references that need their block no more
   * @param versionsDeleted runs of data
   * @param objectsDeleted versions of objects
   */
  public record Purged(
      long blocksPurged,
      long blockRefsPurged,
      long versionsDeleted,
      long objectsDeleted,
      long uploadsDeleted) {}

  /** How many blocks are tried again. */
  public record Retried(long count) {}
}
