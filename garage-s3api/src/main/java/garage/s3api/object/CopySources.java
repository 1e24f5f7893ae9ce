package garage.s3api.object;

import garage.model.object.ObjectKey;
import garage.model.object.Objects;
import garage.s3api.call.Runner;
import garage.s3api.call.Source;
import garage.s3api.encryption.Encryptions;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.request.CopySource;
import garage.s3api.request.ReadConditions;
import java.time.Instant;

/** Finds the objects copies read. */
public final class CopySources {
  private final Objects objects;
  private final Runner runner;

  public CopySources(Objects objects, Runner runner) {
    this.objects = objects;
    this.runner = runner;
  }

  /** The object, with its bytes if they are inline; refused if there is none or it must not be. */
  public Objects.Found find(Source from, CopySource source) {
    ObjectKey key = from.key();
    Objects.Found found =
        objects.get(key, runner.metadata()).orElseThrow(() -> GetHandler.noSuchKey(key.key()));
    from.access().check(found.object().annotations());
    Instant modified = Instant.ofEpochMilli(found.object().modifiedMillis());
    Encryptions.check(found.object(), source.key());
    return switch (source.conditions().evaluate(found.object().etag(), modified)) {
      case ReadConditions.Outcome.Proceed() -> found;
      case ReadConditions.Outcome.NotModified() -> throw failed("If-None-Match");
      case ReadConditions.Outcome.Failed(String condition) -> throw failed(condition);
    };
  }

  private static RuntimeException failed(String condition) {
    return S3Error.of(S3ErrorCode.PRECONDITION_FAILED)
        .with("Condition", "x-amz-copy-source-" + condition)
        .exception();
  }
}
