package garage.s3api.list;

import garage.common.hash.ChecksumAlgorithm;
import garage.common.id.Uuid;
import garage.http.HttpResponse;
import garage.model.object.Upload;
import garage.model.object.Uploads;
import garage.s3api.acl.Ownership;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.error.S3Error;
import garage.s3api.request.S3Request;
import garage.s3api.xml.ListMultipartUploadsResult;
import org.jspecify.annotations.Nullable;

/** ListMultipartUploads: by key, and under a key by upload id. */
public final class ListUploadsHandler {
  private final Uploads uploads;
  private final Ownership ownership;
  private final Runner runner;

  public ListUploadsHandler(Uploads uploads, Ownership ownership, Runner runner) {
    this.uploads = uploads;
    this.ownership = ownership;
    this.runner = runner;
  }

  /** Lists uploads in progress. */
  public HttpResponse list(Call call, S3Request.ListMultipartUploads request) {
    S3Request.Filter filter = request.filter();
    ListQuery query =
        new ListQuery(filter.prefix(), filter.delimiter(), start(request), filter.max());
    try (Uploads.Cursor cursor = uploads.list(call.bucket().id(), runner.list())) {
      ListPage<Upload> page = Lister.page(query, new UploadCursor(cursor));
      return Replies.xml(result(call, request, page));
    }
  }

  private static ListStart start(S3Request.ListMultipartUploads request) {
    String key = request.keyMarker();
    String id = request.uploadIdMarker();
    if (key.isEmpty() || id.isEmpty()) {
      return ListStart.marker(key, request.filter().prefix(), request.filter().delimiter());
    }
    if (parse(id) == null) {
      throw S3Error.invalidArgument("Invalid uploadId marker", "upload-id-marker", id).exception();
    }
    return new ListStart.AfterItem(key, id);
  }

  private ListMultipartUploadsResult result(
      Call call, S3Request.ListMultipartUploads request, ListPage<Upload> page) {
    S3Request.Filter filter = request.filter();
    return new ListMultipartUploadsResult(
        new ListMultipartUploadsResult.Query(
            request.bucket(),
            new ListMultipartUploadsResult.Marker(request.keyMarker(), request.uploadIdMarker()),
            filter.prefix(),
            filter.delimiter(),
            filter.max(),
            filter.encoding()),
        page.truncated(),
        marker(page.next()),
        page.items().stream().map(upload -> upload(call, upload)).toList(),
        page.commonPrefixes());
  }

  private static ListMultipartUploadsResult.@Nullable Marker marker(@Nullable ListStart next) {
    return switch (next) {
      case null -> null;
      case ListStart.Beginning() -> null;
      case ListStart.AfterKey(String key) -> new ListMultipartUploadsResult.Marker(key, "");
      case ListStart.AfterItem(String key, String id) ->
          new ListMultipartUploadsResult.Marker(key, id);
      case ListStart.AfterPrefix(String prefix) ->
          new ListMultipartUploadsResult.Marker(prefix, "");
    };
  }

  private ListMultipartUploadsResult.Upload upload(Call call, Upload upload) {
    ChecksumAlgorithm algorithm = upload.checksumAlgorithm();
    return new ListMultipartUploadsResult.Upload(
        upload.object().key(),
        upload.id().toString(),
        ownership.named(upload.initiator()),
        ownership.named(ownership.owner(call.bucket(), upload.annotations())),
        upload.created().instant(),
        algorithm == null ? null : algorithm.name(),
        upload.checksumType() == null ? null : upload.checksumType().name());
  }

  private static @Nullable Uuid parse(String id) {
    try {
      return Uuid.parse(id);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The model's cursor as the lister wants it. */
  private record UploadCursor(Uploads.Cursor cursor) implements KeyCursor<Upload> {
    @Override
    public @Nullable Upload next() {
      return cursor.next();
    }

    @Override
    public void seek(Position position) {
      String sub = position.sub();
      Uuid after = sub.isEmpty() ? null : parse(sub.substring(0, sub.length() - 1));
      if (after == null) {
        cursor.seek(position.key());
      } else {
        cursor.seekAfter(position.key(), after); // a position behind an id: see justAfter
      }
    }

    @Override
    public Position positionOf(Upload upload) {
      return new Position(upload.object().key(), upload.id().toString());
    }
  }
}
