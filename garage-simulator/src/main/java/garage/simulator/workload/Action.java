package garage.simulator.workload;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Something a client does. */
public sealed interface Action {
  /** On what a write depends. */
  enum Condition {
    NONE,
    /** {@code If-None-Match: *}. */
    ABSENT,
    /** {@code If-Match} with the tag this client saw last, if it saw one. */
    SEEN
  }

  /**
   * PutObject.
   *
   * @param content the number that determines the bytes
   * @param pauseMillis between two pieces of the body; 0 sends it at once
   * @param breakAt after how many bytes the client disconnects; -1 for never
   */
  record Put(String key, int content, int size, Condition condition, int pauseMillis, int breakAt)
      implements Action {}

  /** GetObject; {@code from} below 0 for the whole object. */
  record Get(String key, int from, int length) implements Action {}

  /** GetObject of a version that was acknowledged, where versions are kept; or without an id. */
  record GetOld(String key, int which) implements Action {
    /** Which one that has no id is. */
    public static final int NULL = -1;
  }

  /** HeadObject. */
  record Head(String key) implements Action {}

  /** DeleteObject. */
  record Delete(String key, Condition condition) implements Action {}

  /** DeleteObjects. */
  record DeleteTwo(String key, String other) implements Action {}

  /** ListObjectsV2, page after page. */
  record ListAll(String prefix, int pageKeys) implements Action {}

  /** CopyObject. */
  record Copy(String from, String key) implements Action {}

  /** CreateBucket, of the bucket that comes and goes. */
  record CreateBucket() implements Action {}

  /** DeleteBucket, of that bucket. */
  record DeleteBucket() implements Action {}

  /** PutObjectTagging. */
  record Tag(String key, int number) implements Action {}

  /** A multipart upload of one part, which may be uploaded again with other bytes. */
  record Multipart(String key, int content, int size, Condition condition, Ending ending)
      implements Action {}

  /**
   * A multipart upload of several parts.
   *
   * @param parts how many
   * @param size of the last of them; the others are as small as they may be, or a little larger
   * @param copied the key one of the parts is a copy of; null for none
   */
  record Parts(
      String key,
      int content,
      int parts,
      int size,
      @Nullable String copied,
      Condition condition,
      Ending ending)
      implements Action {}

  /** ListMultipartUploads, page after page. */
  record ListUploads(int pageUploads) implements Action {}

  /** DeleteObject of a version that was acknowledged, where versions are kept. */
  record DeleteVersion(String key, int which) implements Action {}

  /** PutBucketVersioning: enabled, or suspended. */
  record SetVersioning(boolean enabled) implements Action {
    /** Its document. */
    public byte[] document() {
      String status = enabled ? "Enabled" : "Suspended";
      return "<VersioningConfiguration><Status>%s</Status></VersioningConfiguration>"
          .formatted(status)
          .getBytes(StandardCharsets.UTF_8);
    }
  }

  /** What becomes of an upload. */
  enum Ending {
    COMPLETE,
    /** Completed by two clients at once. */
    COMPLETE_TWICE,
    ABORT,
    /** Completed and aborted at once. */
    COMPLETE_AND_ABORT,
    ABANDON
  }

  /** The key it is about; null for a listing and for buckets. */
  default @Nullable String subject() {
    return switch (this) {
      case Put a -> a.key();
      case Get a -> a.key();
      case GetOld a -> a.key();
      case Head a -> a.key();
      case Delete a -> a.key();
      case DeleteTwo a -> a.key();
      case Copy a -> a.key();
      case Tag a -> a.key();
      case Multipart a -> a.key();
      case Parts a -> a.key();
      case DeleteVersion a -> a.key();
      case ListAll _, ListUploads _, CreateBucket _, DeleteBucket _, SetVersioning _ -> null;
    };
  }
}
