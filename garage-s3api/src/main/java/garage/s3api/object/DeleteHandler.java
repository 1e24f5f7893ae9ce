package garage.s3api.object;

import garage.common.error.GarageException;
import garage.http.HttpResponse;
import garage.model.object.ObjectKey;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.model.object.VersionId;
import garage.s3api.body.Documents;
import garage.s3api.call.Call;
import garage.s3api.call.Parallel;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.error.FailureMapping;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.find.Sights;
import garage.s3api.request.DeleteCondition;
import garage.s3api.request.ObjectName;
import garage.s3api.request.S3Request;
import garage.s3api.request.Versions;
import garage.s3api.xml.DeleteDocument;
import garage.s3api.xml.DeleteResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** DeleteObject and DeleteObjects. */
public final class DeleteHandler {
  /** Keys of one request deleted at once: as many as one batch of the store gathers well. */
  private static final int WIDTH = 32;

  private final Objects objects;
  private final Publishing publishing;
  private final Runner runner;

  public DeleteHandler(Objects objects, Publishing publishing, Runner runner) {
    this.objects = objects;
    this.publishing = publishing;
    this.runner = runner;
  }

  /** Deletes an object, or a version; that there is none is no error. */
  public HttpResponse delete(Call call, S3Request.DeleteObject request) {
    String key = request.name().key();
    VersionId id = request.version();
    if (id != null) {
      checkVersion(call.key(key), id, request.condition());
      ObjectVersion was = objects.remove(call.key(key), Set.of(id), runner.metadata()).get(id);
      return answer(id, was instanceof ObjectVersion.DeleteMarker);
    }
    VersionId marker = publishing.delete(call.target(key), call.caller().id(), request.condition());
    return marker == null ? Replies.noContent() : answer(marker, true);
  }

  private static HttpResponse answer(VersionId id, boolean marker) {
    HttpResponse reply = Replies.noContent().with(Replies.VERSION_ID, id.text());
    return marker ? reply.with(Sights.DELETE_MARKER, "true") : reply;
  }

  /** A version never changes but for what is said of it, so that it may be looked at before. */
  private void checkVersion(ObjectKey key, VersionId id, DeleteCondition condition) {
    if (condition.isNone()) {
      return;
    }
    ObjectVersion.Stored object =
        objects.version(key, id, false, runner.metadata()) instanceof Objects.Found found
            ? found.object()
            : null;
    Publishing.check(object, condition);
  }

  /** Deletes the objects the body names. */
  public HttpResponse deleteMany(Call call, S3Request.DeleteObjects request) {
    if (request.claim().isNone()) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
    }
    byte[] body = Documents.read(call.body(), request.claim(), DeleteDocument.BYTES_MAX);
    if (body == null) {
      throw S3ErrorCode.MAX_MESSAGE_LENGTH_EXCEEDED.exception();
    }
    DeleteDocument document = DeleteDocument.parse(body);
    List<DeleteDocument.Item> items = document.items();
    AtomicReferenceArray<Ending> endings = new AtomicReferenceArray<>(items.size());
    Map<String, List<Integer>> byKey = new LinkedHashMap<>();
    for (int i = 0; i < items.size(); i++) {
      byKey.computeIfAbsent(items.get(i).key(), _ -> new ArrayList<>()).add(i);
      endings.set(i, new Ending.Failed(S3ErrorCode.INTERNAL_ERROR.error())); // until it is known
    }
    Parallel.forEach(
        runner,
        List.copyOf(byKey.values()),
        WIDTH,
        indexes -> deleteOfKey(call, items, indexes, endings));
    return Replies.xml(result(document, endings));
  }

  /** How one deletion ended. */
  private sealed interface Ending {
    /** It is gone; {@code marker} is the marker that was made or removed, null for none. */
    record Gone(@Nullable VersionId marker) implements Ending {}

    /** It is not. */
    record Failed(S3Error error) implements Ending {}
  }

  /**
   * Deletes what is of one key, in the order given: versions of it would be in each other's way.
   * Those that stand together are removed at once.
   */
  private void deleteOfKey(
      Call call,
      List<DeleteDocument.Item> items,
      List<Integer> indexes,
      AtomicReferenceArray<Ending> endings) {
    Map<VersionId, List<Integer>> together = new LinkedHashMap<>();
    String key = items.get(indexes.getFirst()).key();
    for (int i : indexes) {
      switch (meant(call, items.get(i))) {
        case Meant.Refused(S3Error error) -> endings.set(i, new Ending.Failed(error));
        case Meant.Version(VersionId id) ->
            together.computeIfAbsent(id, _ -> new ArrayList<>()).add(i);
        case Meant.Present(DeleteCondition condition) -> {
          remove(call.key(key), together, endings);
          together.clear();
          endings.set(i, deletePresent(call, key, condition));
        }
      }
    }
    remove(call.key(key), together, endings);
  }

  /** What an entry is to do. */
  private sealed interface Meant {
    /** Nothing. */
    record Refused(S3Error error) implements Meant {}

    /** To remove a version for ever. */
    record Version(VersionId id) implements Meant {}

    /** To delete the present object. */
    record Present(DeleteCondition condition) implements Meant {}
  }

  private Meant meant(Call call, DeleteDocument.Item item) {
    try {
      ObjectName.checkKey(item.key());
      VersionId id = Versions.parse(item.versionId());
      String action = id == null ? "s3:DeleteObject" : "s3:DeleteObjectVersion";
      if (!call.access().allows(action, item.key(), id)) {
        return new Meant.Refused(S3ErrorCode.ACCESS_DENIED.error());
      }
      DeleteCondition condition = condition(item);
      if (id == null) {
        return new Meant.Present(condition);
      }
      checkVersion(call.key(item.key()), id, condition);
      return new Meant.Version(id);
    } catch (S3Exception e) {
      return new Meant.Refused(e.error());
    } catch (GarageException e) {
      return new Meant.Refused(FailureMapping.of(e));
    }
  }

  private Ending deletePresent(Call call, String key, DeleteCondition condition) {
    try {
      return new Ending.Gone(publishing.delete(call.target(key), call.caller().id(), condition));
    } catch (S3Exception e) {
      return new Ending.Failed(e.error());
    } catch (GarageException e) {
      return new Ending.Failed(FailureMapping.of(e));
    }
  }

  /** Removes versions, each of which the entries at some indexes name. */
  private void remove(
      ObjectKey key, Map<VersionId, List<Integer>> ids, AtomicReferenceArray<Ending> endings) {
    if (ids.isEmpty()) {
      return;
    }
    Map<VersionId, ObjectVersion> were = Map.of();
    S3Error error = null;
    try {
      were = objects.remove(key, ids.keySet(), runner.metadata());
    } catch (GarageException e) {
      error = FailureMapping.of(e);
    }
    for (Map.Entry<VersionId, List<Integer>> entry : ids.entrySet()) {
      VersionId id = entry.getKey();
      boolean marker = were.get(id) instanceof ObjectVersion.DeleteMarker;
      Ending ending =
          error == null ? new Ending.Gone(marker ? id : null) : new Ending.Failed(error);
      entry.getValue().forEach(i -> endings.set(i, ending));
    }
  }

  private static DeleteCondition condition(DeleteDocument.Item item) {
    return DeleteCondition.of(item.etag(), item.lastModifiedTime(), item.size());
  }

  private static DeleteResult result(
      DeleteDocument document, AtomicReferenceArray<Ending> endings) {
    List<DeleteResult.Deleted> deleted = new ArrayList<>();
    List<DeleteResult.Failed> failed = new ArrayList<>();
    for (int i = 0; i < document.items().size(); i++) {
      DeleteDocument.Item item = document.items().get(i);
      switch (endings.get(i)) {
        case Ending.Failed(S3Error error) ->
            failed.add(
                new DeleteResult.Failed(
                    item.key(), item.versionId(), error.code().wireName(), error.message()));
        case Ending.Gone(VersionId marker) -> {
          if (!document.quiet()) {
            String id = marker == null ? null : marker.text();
            deleted.add(new DeleteResult.Deleted(item.key(), item.versionId(), id));
          }
        }
      }
    }
    return new DeleteResult(deleted, failed);
  }
}
