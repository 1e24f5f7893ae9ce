package garage.s3api.list;

import garage.http.HttpResponse;
import garage.model.object.Annotations;
import garage.model.object.ObjectChecksum;
import garage.model.object.Objects;
import garage.s3api.acl.Ownership;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.error.S3Error;
import garage.s3api.request.S3Request;
import garage.s3api.xml.ListBucketResult;
import garage.s3api.xml.ListBucketResultV2;
import garage.s3api.xml.Listed;
import garage.s3api.xml.ListedObject;
import garage.s3api.xml.Owner;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** ListObjects and ListObjectsV2. */
public final class ListHandler {
  private final Objects objects;
  private final Ownership ownership;
  private final Runner runner;

  public ListHandler(Objects objects, Ownership ownership, Runner runner) {
    this.objects = objects;
    this.ownership = ownership;
    this.runner = runner;
  }

  /** Lists objects, the older form. */
  public HttpResponse list(Call call, S3Request.ListObjects request) {
    S3Request.Filter filter = request.filter();
    ListStart start = ListStart.marker(request.marker(), filter.prefix(), filter.delimiter());
    ListPage<Objects.Listed> page = page(call, filter, start);
    String next = filter.delimiter().isEmpty() ? null : marker(page.next());
    return Replies.xml(
        new ListBucketResult(
            listed(request.bucket(), filter, page, owners(call)),
            request.marker(),
            page.truncated(),
            next));
  }

  /** Lists objects. */
  public HttpResponse listV2(Call call, S3Request.ListObjectsV2 request) {
    S3Request.Filter filter = request.filter();
    ListPage<Objects.Listed> page = page(call, filter, start(request));
    ListStart next = page.next();
    Function<Annotations, @Nullable Owner> owner = request.withOwner() ? owners(call) : _ -> null;
    return Replies.xml(
        new ListBucketResultV2(
            listed(request.bucket(), filter, page, owner),
            request.startAfter(),
            request.token(),
            next == null ? null : next.toToken()));
  }

  /** Names owners, each looked up once for a page. */
  private Function<Annotations, @Nullable Owner> owners(Call call) {
    Map<String, Owner> known = new HashMap<>();
    return said -> known.computeIfAbsent(ownership.owner(call.bucket(), said), ownership::named);
  }

  private static ListStart start(S3Request.ListObjectsV2 request) {
    String token = request.token();
    if (token == null || token.isEmpty()) {
      String after = request.startAfter();
      S3Request.Filter filter = request.filter();
      return ListStart.marker(after == null ? "" : after, filter.prefix(), filter.delimiter());
    }
    ListStart start = ListStart.ofToken(token);
    if (start == null) {
      throw S3Error.invalidArgument(
              "The continuation token provided is incorrect", "continuation-token", token)
          .exception();
    }
    return start;
  }

  private ListPage<Objects.Listed> page(Call call, S3Request.Filter filter, ListStart start) {
    ListQuery query = new ListQuery(filter.prefix(), filter.delimiter(), start, filter.max());
    // one entry more than fits is looked for, to tell a full page from the last one
    var span = new Objects.Span(filter.prefix(), filter.delimiter(), filter.max() + 1);
    try (Objects.Cursor cursor = objects.list(call.bucket().id(), span, runner.list())) {
      return Lister.page(query, new ObjectCursor(cursor));
    }
  }

  private static @Nullable String marker(@Nullable ListStart next) {
    return switch (next) {
      case null -> null;
      case ListStart.Beginning() -> null;
      case ListStart.AfterKey(String key) -> key;
      case ListStart.AfterItem(String key, String _) -> key;
      case ListStart.AfterPrefix(String prefix) -> prefix;
    };
  }

  private static Listed listed(
      String bucket,
      S3Request.Filter filter,
      ListPage<Objects.Listed> page,
      Function<Annotations, @Nullable Owner> owner) {
    return new Listed(
        bucket,
        filter.prefix(),
        filter.delimiter(),
        filter.max(),
        filter.encoding(),
        page.items().stream().map(item -> object(item, owner)).toList(),
        page.commonPrefixes());
  }

  private static ListedObject object(
      Objects.Listed item, Function<Annotations, @Nullable Owner> owner) {
    ObjectChecksum checksum = item.object().checksum();
    return new ListedObject(
        item.key(),
        Instant.ofEpochMilli(item.object().modifiedMillis()),
        item.object().etag(),
        item.object().size(),
        checksum == null ? null : checksum.value().algorithm().name(),
        checksum == null ? null : checksum.type().name(),
        owner.apply(item.object().annotations()));
  }

  /** The model's cursor as the lister wants it. */
  private record ObjectCursor(Objects.Cursor cursor) implements KeyCursor<Objects.Listed> {
    @Override
    public Objects.@Nullable Listed next() {
      return cursor.next();
    }

    @Override
    public void seek(Position position) {
      cursor.seek(position.key());
    }

    @Override
    public Position positionOf(Objects.Listed item) {
      return Position.at(item.key());
    }
  }
}
