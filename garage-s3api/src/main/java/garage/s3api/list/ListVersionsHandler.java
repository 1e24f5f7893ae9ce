package garage.s3api.list;

import garage.http.HttpResponse;
import garage.model.object.Annotations;
import garage.model.object.ObjectChecksum;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.model.object.VersionId;
import garage.model.object.VersionScan;
import garage.s3api.acl.Ownership;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.request.S3Request;
import garage.s3api.xml.ListVersionsResult;
import garage.s3api.xml.Listed;
import garage.s3api.xml.ListedObject;
import garage.s3api.xml.Owner;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** ListObjectVersions: by key, and under a key the latest version first. */
public final class ListVersionsHandler {
  private final Objects objects;
  private final Ownership ownership;
  private final Runner runner;

  public ListVersionsHandler(Objects objects, Ownership ownership, Runner runner) {
    this.objects = objects;
    this.ownership = ownership;
    this.runner = runner;
  }

  /** Lists the versions of objects. */
  public HttpResponse list(Call call, S3Request.ListObjectVersions request) {
    S3Request.Filter filter = request.filter();
    ListQuery query =
        new ListQuery(filter.prefix(), filter.delimiter(), start(request), filter.max());
    var span = new Objects.Span(filter.prefix(), filter.delimiter(), filter.max() + 1);
    try (VersionScan.Cursor cursor = objects.versions(call.bucket().id(), span, runner.list())) {
      return Replies.xml(result(call, request, Lister.page(query, new VersionCursor(cursor))));
    }
  }

  private static ListStart start(S3Request.ListObjectVersions request) {
    VersionId id = request.versionIdMarker();
    S3Request.Filter filter = request.filter();
    return id == null || request.keyMarker().isEmpty()
        ? ListStart.marker(request.keyMarker(), filter.prefix(), filter.delimiter())
        : new ListStart.AfterItem(request.keyMarker(), id.text());
  }

  private ListVersionsResult result(
      Call call, S3Request.ListObjectVersions request, ListPage<VersionScan.Listed> page) {
    S3Request.Filter filter = request.filter();
    VersionId id = request.versionIdMarker();
    Map<String, Owner> known = new HashMap<>(); // each looked up once for a page
    Function<Annotations, @Nullable Owner> owners =
        said -> known.computeIfAbsent(ownership.owner(call.bucket(), said), ownership::named);
    return new ListVersionsResult(
        new Listed(
            request.bucket(),
            filter.prefix(),
            filter.delimiter(),
            filter.max(),
            filter.encoding(),
            List.of(),
            page.commonPrefixes()),
        request.keyMarker(),
        id == null ? "" : id.text(),
        next(page.next()),
        page.items().stream().map(item -> entry(item, owners)).toList());
  }

  private static ListVersionsResult.@Nullable Next next(@Nullable ListStart next) {
    return switch (next) {
      case null -> null;
      case ListStart.Beginning() -> null;
      case ListStart.AfterKey(String key) -> new ListVersionsResult.Next(key, null);
      case ListStart.AfterItem(String key, String id) -> new ListVersionsResult.Next(key, id);
      case ListStart.AfterPrefix(String prefix) -> new ListVersionsResult.Next(prefix, null);
    };
  }

  private static ListVersionsResult.Entry entry(
      VersionScan.Listed item, Function<Annotations, @Nullable Owner> owners) {
    Instant modified = Instant.ofEpochMilli(item.version().modifiedMillis());
    String id = item.id().text();
    return switch (item.version()) {
      case ObjectVersion.DeleteMarker marker ->
          new ListVersionsResult.Marker(
              item.key(),
              id,
              item.latest(),
              modified,
              owners.apply(Annotations.of(marker.owner())));
      case ObjectVersion.Stored object -> {
        ObjectChecksum checksum = object.checksum();
        yield new ListVersionsResult.Version(
            id,
            item.latest(),
            new ListedObject(
                item.key(),
                modified,
                object.etag(),
                object.size(),
                checksum == null ? null : checksum.value().algorithm().name(),
                checksum == null ? null : checksum.type().name(),
                owners.apply(object.annotations())));
      }
    };
  }

  /** The model's cursor as the lister wants it. */
  private record VersionCursor(VersionScan.Cursor cursor) implements KeyCursor<VersionScan.Listed> {
    @Override
    public VersionScan.@Nullable Listed next() {
      return cursor.next();
    }

    @Override
    public void seek(Position position) {
      String sub = position.sub();
      VersionId after =
          sub.isEmpty() ? null : VersionId.parse(sub.substring(0, sub.length() - 1)).orElse(null);
      if (after == null) {
        cursor.seek(position.key());
      } else {
        cursor.seekAfter(position.key(), after); // a position behind an id: see justAfter
      }
    }

    @Override
    public Position positionOf(VersionScan.Listed listed) {
      return new Position(listed.key(), listed.id().text());
    }
  }
}
