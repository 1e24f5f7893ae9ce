package garage.s3api.object;

import garage.model.object.ObjectKey;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.model.object.VersionId;
import garage.model.object.Versioning;
import garage.s3api.call.Runner;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.request.DeleteCondition;
import garage.s3api.request.WriteCondition;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Makes a version of an object visible, or removes it, if the client's condition holds. */
public final class Publishing {
  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final Objects objects;
  private final Runner runner;

  public Publishing(Objects objects, Runner runner) {
    this.objects = objects;
    this.runner = runner;
  }

  /** Publishes an object whose bytes are elsewhere; throws what refuses it. */
  VersionId publish(Objects.Target to, ObjectVersion.Stored object, WriteCondition condition) {
    return publish(to, object, NO_BYTES, condition);
  }

  /**
   * Publishes an object whose bytes are elsewhere, if {@code permit} is given too, under the
   * object's promise; throws what refuses it.
   */
  public VersionId publishIf(
      Predicate<VersionId> permit,
      Objects.Target to,
      ObjectVersion.Stored object,
      WriteCondition condition) {
    Predicate<ObjectVersion.@Nullable Stored> holds = current -> condition.holds(etag(current));
    return done(objects.putIf(to, holds, permit, object, runner.metadata()), condition, to.key());
  }

  /** Publishes an object, with its bytes if they are inline; throws what refuses it. */
  VersionId publish(
      Objects.Target to, ObjectVersion.Stored object, ByteBuffer inline, WriteCondition condition) {
    if (condition instanceof WriteCondition.Always) {
      return objects.put(to, object, inline, runner.metadata());
    }
    Objects.Outcome outcome =
        objects.putIf(
            to, current -> condition.holds(etag(current)), object, inline, runner.metadata());
    return done(outcome, condition, to.key());
  }

  /**
   * Removes the present object; answers the version that says so, where versions are kept. Where
   * there is nothing a condition could be asked of, nothing happens.
   */
  @Nullable VersionId delete(Objects.Target of, String caller, DeleteCondition condition) {
    var marker = new ObjectVersion.DeleteMarker(caller, runner.clock().wallMillis());
    if (condition.isNone()) {
      return objects.delete(of, marker, runner.metadata()).orElse(null);
    }
    return switch (objects.deleteIf(
        of, current -> current != null && holds(condition, current), marker, runner.metadata())) {
      case Objects.Outcome.Done(VersionId id) -> of.versioning() == Versioning.NONE ? null : id;
      case Objects.Outcome.NotHeld(ObjectVersion current) when current == null -> null;
      case Objects.Outcome.NotHeld _ -> throw notMatching();
    };
  }

  /** Refuses what the condition refuses of an object, null if there is none. */
  static void check(ObjectVersion.@Nullable Stored object, DeleteCondition condition) {
    if (!holds(condition, object)) {
      throw notMatching();
    }
  }

  private static S3Exception notMatching() {
    return S3Error.of(S3ErrorCode.PRECONDITION_FAILED).with("Condition", "If-Match").exception();
  }

  /** A deletion has neither tag nor size: it is as it was said to be only where that is any. */
  private static boolean holds(DeleteCondition condition, @Nullable ObjectVersion current) {
    return switch (current) {
      case null -> true;
      case ObjectVersion.DeleteMarker marker ->
          condition.holds(null, Instant.ofEpochMilli(marker.modifiedMillis()), null);
      case ObjectVersion.Stored object ->
          condition.holds(
              object.etag(), Instant.ofEpochMilli(object.modifiedMillis()), object.size());
    };
  }

  /**
   * Refuses at once what the present object would refuse, so that no body is read in vain. Nothing
   * follows from passing: {@link #publish} decides.
   */
  void precheck(ObjectKey key, WriteCondition condition) {
    if (condition instanceof WriteCondition.Always) {
      return;
    }
    ObjectVersion.Stored current =
        objects.head(key, runner.metadata()).map(Objects.Found::object).orElse(null);
    check(current, condition, key);
  }

  private static void check(
      ObjectVersion.@Nullable Stored object, WriteCondition condition, ObjectKey key) {
    if (!condition.holds(etag(object))) {
      throw refused(object, condition, key);
    }
  }

  private static VersionId done(Objects.Outcome outcome, WriteCondition condition, ObjectKey key) {
    return switch (outcome) {
      case Objects.Outcome.Done(VersionId id) -> id;
      case Objects.Outcome.NotHeld(ObjectVersion current) ->
          throw refused(
              current instanceof ObjectVersion.Stored stored ? stored : null, condition, key);
    };
  }

  private static S3Exception refused(
      ObjectVersion.@Nullable Stored current, WriteCondition condition, ObjectKey key) {
    if (current == null && condition instanceof WriteCondition.IfMatch) {
      return S3Error.of(S3ErrorCode.NO_SUCH_KEY).with("Key", key.key()).exception();
    }
    String header = condition instanceof WriteCondition.IfMatch ? "If-Match" : "If-None-Match";
    return S3Error.of(S3ErrorCode.PRECONDITION_FAILED).with("Condition", header).exception();
  }

  private static @Nullable String etag(ObjectVersion.@Nullable Stored object) {
    return object == null ? null : object.etag();
  }
}
