package garage.s3api.object;

import garage.model.object.ObjectKey;
import garage.model.object.Objects;
import garage.model.object.VersionId;
import garage.s3api.call.Runner;
import garage.s3api.call.Source;
import garage.s3api.encryption.Encryptions;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.find.Sights;
import garage.s3api.request.CopySource;
import garage.s3api.request.ReadConditions;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the objects copies read. */
public final class CopySources {
  private final Sights sights;

  public CopySources(Objects objects, Runner runner) {
    this.sights = new Sights(objects, runner);
  }

  /** The object, with its bytes if they are inline; refused if there is none or it must not be. */
  public Objects.Found find(Source from, CopySource source) {
    Objects.Found found = find(from.key(), source.name().version());
    from.access().check(found.object().annotations());
    Instant modified = Instant.ofEpochMilli(found.object().modifiedMillis());
    Encryptions.check(found.object(), source.key());
    return switch (source.conditions().evaluate(found.object().etag(), modified)) {
      case ReadConditions.Outcome.Proceed() -> found;
      case ReadConditions.Outcome.NotModified() -> throw failed("If-None-Match");
      case ReadConditions.Outcome.Failed(String condition) -> throw failed(condition);
    };
  }

  /** Names the version of the source, if one was asked for. */
  public static Map<String, String> named(CopySource source) {
    VersionId id = source.name().version();
    return id == null ? Map.of() : Map.of("x-amz-copy-source-version-id", id.text());
  }

  private Objects.Found find(ObjectKey key, @Nullable VersionId id) {
    try {
      return sights.find(key, id, true);
    } catch (S3Exception e) {
      if (e.error().code() == S3ErrorCode.METHOD_NOT_ALLOWED) {
        throw S3ErrorCode.INVALID_REQUEST.because(
            "The source of a copy request may not specifically refer to a delete marker by"
                + " version id.");
      }
      throw e;
    }
  }

  private static RuntimeException failed(String condition) {
    return S3Error.of(S3ErrorCode.PRECONDITION_FAILED)
        .with("Condition", "x-amz-copy-source-" + condition)
        .exception();
  }
}
