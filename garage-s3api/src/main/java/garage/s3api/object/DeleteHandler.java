package garage.s3api.object;

import garage.common.error.GarageException;
import garage.http.HttpResponse;
import garage.s3api.call.Call;
import garage.s3api.call.Parallel;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.error.FailureMapping;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.request.DeleteCondition;
import garage.s3api.request.ObjectName;
import garage.s3api.request.S3Request;
import garage.s3api.request.Versions;
import garage.s3api.xml.DeleteDocument;
import garage.s3api.xml.DeleteResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** DeleteObject and DeleteObjects. */
public final class DeleteHandler {
  /** Keys of one request deleted at once: as many as one batch of the store gathers well. */
  private static final int WIDTH = 32;

  private final Publishing publishing;
  private final Runner runner;

  public DeleteHandler(Publishing publishing, Runner runner) {
    this.publishing = publishing;
    this.runner = runner;
  }

  /** Deletes an object; that there is none is no error. */
  public HttpResponse delete(Call call, S3Request.DeleteObject request) {
    publishing.delete(call.key(request.name().key()), request.condition());
    return Replies.noContent();
  }

  /** Deletes the objects the body names. */
  public HttpResponse deleteMany(Call call, S3Request.DeleteObjects request) {
    byte[] body = call.body().readAll(DeleteDocument.BYTES_MAX);
    if (body == null) {
      throw S3ErrorCode.MAX_MESSAGE_LENGTH_EXCEEDED.exception();
    }
    BodyDigests.of(body, request.checksum().algorithm())
        .verify(request.md5(), request.checksum(), call.body().trailers());
    DeleteDocument document = DeleteDocument.parse(body);
    List<DeleteDocument.Item> items = document.items();
    AtomicReferenceArray<@Nullable S3Error> errors = new AtomicReferenceArray<>(items.size());
    List<Integer> indexes = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      indexes.add(i);
      errors.set(i, S3ErrorCode.INTERNAL_ERROR.error()); // until it is known to be gone
    }
    Parallel.forEach(runner, indexes, WIDTH, i -> errors.set(i, deleteOne(call, items.get(i))));
    return Replies.xml(result(document, errors));
  }

  /** Deletes one object; answers why it could not, or null. */
  private @Nullable S3Error deleteOne(Call call, DeleteDocument.Item item) {
    try {
      ObjectName.checkKey(item.key());
      Versions.check(item.versionId());
      if (!call.access().allows("s3:DeleteObject", item.key())) {
        return S3ErrorCode.ACCESS_DENIED.error();
      }
      publishing.delete(call.key(item.key()), condition(item));
      return null;
    } catch (S3Exception e) {
      return e.error();
    } catch (GarageException e) {
      return FailureMapping.of(e);
    }
  }

  private static DeleteCondition condition(DeleteDocument.Item item) {
    return DeleteCondition.of(item.etag(), item.lastModifiedTime(), item.size());
  }

  private static DeleteResult result(
      DeleteDocument document, AtomicReferenceArray<@Nullable S3Error> errors) {
    List<DeleteResult.Deleted> deleted = new ArrayList<>();
    List<DeleteResult.Failed> failed = new ArrayList<>();
    for (int i = 0; i < document.items().size(); i++) {
      DeleteDocument.Item item = document.items().get(i);
      S3Error error = errors.get(i);
      if (error != null) {
        failed.add(
            new DeleteResult.Failed(
                item.key(), item.versionId(), error.code().wireName(), error.message()));
      } else if (!document.quiet()) {
        deleted.add(new DeleteResult.Deleted(item.key(), item.versionId()));
      }
    }
    return new DeleteResult(deleted, failed);
  }
}
