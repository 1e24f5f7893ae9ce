package garage.s3api.find;

import garage.http.HttpResponse;
import garage.model.object.ObjectKey;
import garage.model.object.Objects;
import garage.model.object.VersionId;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.call.Source;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.request.HttpDates;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Finds the object a request means, the present one or a version.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html">Working
 *     with delete markers</a>
 */
public final class Sights {
  /** Says that a deletion is meant. */
  public static final String DELETE_MARKER = "x-amz-delete-marker";

  private final Objects objects;
  private final Runner runner;

  public Sights(Objects objects, Runner runner) {
    this.objects = objects;
    this.runner = runner;
  }

  /** The object; refused as AWS does if there is none, or a deletion in its place. */
  public Objects.Found find(ObjectKey key, @Nullable VersionId id, boolean withBytes) {
    Objects.Sight sight =
        id == null
            ? objects.present(key, withBytes, runner.metadata())
            : objects.version(key, id, withBytes, runner.metadata());
    return found(sight, key.key(), id);
  }

  /** As above, where the object itself may have to say whether the caller may. */
  public Objects.Found find(Source source, @Nullable VersionId id, boolean withBytes) {
    Objects.Found found = find(source.key(), id, withBytes);
    source.access().check(found.object().annotations());
    return found;
  }

  /** What was found. */
  public static Objects.Found found(Objects.Sight sight, String key, @Nullable VersionId id) {
    return switch (sight) {
      case Objects.Found found -> found;
      case Objects.Marked marked -> throw deleted(marked, key, id);
      case Objects.Nothing() -> throw missing(key, id);
    };
  }

  /** With the name of the version it is of, where versions are kept. */
  public static HttpResponse named(Call call, Objects.Found found, HttpResponse reply) {
    return call.isVersioned() ? reply.with(Replies.VERSION_ID, found.id().text()) : reply;
  }

  private static S3Exception missing(String key, @Nullable VersionId id) {
    return id == null
        ? S3Error.of(S3ErrorCode.NO_SUCH_KEY).with("Key", key).exception()
        : S3Error.of(S3ErrorCode.NO_SUCH_VERSION)
            .with("Key", key)
            .with("VersionId", id.text())
            .exception();
  }

  private static S3Exception deleted(Objects.Marked marked, String key, @Nullable VersionId id) {
    S3Error error =
        id == null
            ? S3Error.of(S3ErrorCode.NO_SUCH_KEY).with("Key", key)
            : S3Error.of(S3ErrorCode.METHOD_NOT_ALLOWED)
                .with("Method", "GET")
                .with("ResourceType", "DeleteMarker")
                .withHeader("Allow", "DELETE")
                .withHeader(
                    "Last-Modified",
                    HttpDates.format(Instant.ofEpochMilli(marked.marker().modifiedMillis())));
    return error
        .withHeader(DELETE_MARKER, "true")
        .withHeader(Replies.VERSION_ID, marked.id().text())
        .exception();
  }
}
