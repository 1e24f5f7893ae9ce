package garage.s3api.object;

import garage.model.object.ObjectKey;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.s3api.call.Runner;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.request.DeleteCondition;
import garage.s3api.request.WriteCondition;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.function.BooleanSupplier;
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

  /** Publishes an object whose bytes are elsewhere; answers what refused it, or null. */
  @Nullable S3Exception publish(
      ObjectKey key, ObjectVersion.Stored object, WriteCondition condition) {
    return publish(key, object, NO_BYTES, condition);
  }

  /**
   * Publishes an object whose bytes are elsewhere, if {@code still} answers so too, under the
   * object's promise; answers what refused it, or null.
   */
  public @Nullable S3Exception publishIf(
      BooleanSupplier still, ObjectKey key, ObjectVersion.Stored object, WriteCondition condition) {
    Predicate<ObjectVersion.@Nullable Stored> both =
        current -> condition.holds(etag(current)) && still.getAsBoolean();
    return refusal(objects.putIf(key, both, object, NO_BYTES, runner.metadata()), condition, key);
  }

  /** Publishes an object, with its bytes if they are inline; answers what refused it, or null. */
  @Nullable S3Exception publish(
      ObjectKey key, ObjectVersion.Stored object, ByteBuffer inline, WriteCondition condition) {
    if (condition instanceof WriteCondition.Always) {
      objects.put(key, object, inline, runner.metadata());
      return null;
    }
    Objects.Outcome outcome =
        objects.putIf(
            key, current -> condition.holds(etag(current)), object, inline, runner.metadata());
    return refusal(outcome, condition, key);
  }

  /** Removes an object. */
  void delete(ObjectKey key, DeleteCondition condition) {
    if (condition.isNone()) {
      objects.delete(key, runner.metadata());
      return;
    }
    switch (objects.deleteIf(key, current -> holds(condition, current), runner.metadata())) {
      case Objects.Outcome.Done() -> {}
      case Objects.Outcome.NotHeld _ ->
          throw S3Error.of(S3ErrorCode.PRECONDITION_FAILED)
              .with("Condition", "If-Match")
              .exception();
    }
  }

  private static boolean holds(DeleteCondition condition, ObjectVersion.@Nullable Stored current) {
    return current == null
        || condition.holds(
            current.etag(), Instant.ofEpochMilli(current.modifiedMillis()), current.size());
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
    if (!condition.holds(etag(current))) {
      throw refused(current, condition, key);
    }
  }

  private static @Nullable S3Exception refusal(
      Objects.Outcome outcome, WriteCondition condition, ObjectKey key) {
    return switch (outcome) {
      case Objects.Outcome.Done() -> null;
      case Objects.Outcome.NotHeld(ObjectVersion.Stored current) ->
          refused(current, condition, key);
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
