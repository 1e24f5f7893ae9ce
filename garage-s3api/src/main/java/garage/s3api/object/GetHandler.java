package garage.s3api.object;

import garage.common.hash.Checksum;
import garage.http.Headers;
import garage.http.HttpResponse;
import garage.http.ResponseBody;
import garage.model.object.Content;
import garage.model.object.Encryption;
import garage.model.object.ObjectChecksum;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.s3api.call.Call;
import garage.s3api.call.Runner;
import garage.s3api.call.Source;
import garage.s3api.encryption.DataCipher;
import garage.s3api.encryption.Encryptions;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.find.Sights;
import garage.s3api.request.ByteRange;
import garage.s3api.request.CustomerKey;
import garage.s3api.request.ReadConditions;
import garage.s3api.request.ReadOptions;
import garage.s3api.request.S3Request;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * GetObject and HeadObject. One read of the register fixes the version; all that is sent is of that
 * one, whatever is written meanwhile. Small bodies are read before the reply begins, so that a
 * failure can still be told; in a large one it cuts the connection, so that no client takes a part
 * for the whole.
 */
public final class GetHandler {
  /** Read before the reply begins. */
  private static final int SMALL_BYTES_MAX = 64 * 1024;

  private final Sights sights;
  private final ContentReader reader;
  private final Runner runner;
  private final SmallBodies small;
  private final int smallBytes;

  /** {@code inlineBytesMax} is the length of the largest object that comes with its metadata. */
  public GetHandler(
      Objects objects, ContentReader reader, Runner runner, SmallBodies small, int inlineBytesMax) {
    this.sights = new Sights(objects, runner);
    this.reader = reader;
    this.runner = runner;
    this.small = small;
    this.smallBytes = Math.max(inlineBytesMax, SMALL_BYTES_MAX);
  }

  /** Sends an object. */
  public HttpResponse get(Call call, S3Request.GetObject request) {
    Source source = new Source(call.key(request.name().key()), call.object());
    return get(
        () -> sights.find(source, request.version(), true),
        request.options(),
        (found, reply) -> told(call, request, found, reply));
  }

  /** What a reply says of an object beside what the object says itself. */
  private static HttpResponse told(
      Call call, S3Request.OnObject request, Objects.Found found, HttpResponse reply) {
    HttpResponse named = Sights.named(call, found, reply);
    if (request.version() == null) {
      for (Map.Entry<String, String> header :
          call.expiration(request.name().key(), found.object()).entrySet()) {
        named = named.with(header.getKey(), header.getValue());
      }
    }
    return named;
  }

  /** Sends the present object of a key of any bucket. */
  public HttpResponse get(Source source, ReadOptions options) {
    return get(() -> sights.find(source, null, true), options, (_, reply) -> reply);
  }

  private HttpResponse get(
      Supplier<Objects.Found> find,
      ReadOptions options,
      BiFunction<Objects.Found, HttpResponse, HttpResponse> named) {
    // What comes with the metadata is in memory before anybody knows how large it is.
    SmallBodies.Lease room = small.take(smallBytes, runner.metadata());
    boolean held = false;
    try {
      Objects.Found found = find.get();
      HttpResponse response = named.apply(found, get(found, options, room));
      held = response.body() instanceof ResponseBody.Streamed s && s.writer() instanceof HeldBody;
      return response;
    } finally {
      if (!held) {
        room.close();
      }
    }
  }

  private HttpResponse get(Objects.Found found, ReadOptions options, SmallBodies.Lease room) {
    ReadReply reply = reply(found.object(), options);
    return reply.unchanged()
        ? HttpResponse.empty(reply.status(), reply.headers())
        : body(found, options.key(), reply, room);
  }

  /** Sends an object's headers. */
  public HttpResponse head(Call call, S3Request.HeadObject request) {
    Source source = new Source(call.key(request.name().key()), call.object());
    Objects.Found found = sights.find(source, request.version(), false);
    return told(call, request, found, head(found, request.options()));
  }

  /** Sends the headers of the present object of a key of any bucket. */
  public HttpResponse head(Source source, ReadOptions options) {
    return head(sights.find(source, null, false), options);
  }

  private HttpResponse head(Objects.Found found, ReadOptions options) {
    ReadReply reply = reply(found.object(), options);
    Headers headers =
        reply.unchanged()
            ? reply.headers()
            : reply.headers().with("Content-Length", Long.toString(reply.length()));
    return HttpResponse.empty(reply.status(), headers);
  }

  /** Refuses a read whose conditions do not hold; answers whether the client has the object. */
  private ReadReply reply(ObjectVersion.Stored object, ReadOptions options) {
    Instant modified = Instant.ofEpochMilli(object.modifiedMillis());
    Encryptions.check(object, options.key());
    return switch (options.conditions().evaluate(object.etag(), modified)) {
      case ReadConditions.Outcome.NotModified() -> ReadReply.notModified(object);
      case ReadConditions.Outcome.Failed(String condition) ->
          throw S3Error.of(S3ErrorCode.PRECONDITION_FAILED)
              .with("Condition", condition)
              .exception();
      case ReadConditions.Outcome.Proceed() ->
          withPartChecksum(ReadReply.of(object, options), object, options);
    };
  }

  /** A part's checksum is not in the object's row. */
  private ReadReply withPartChecksum(
      ReadReply reply, ObjectVersion.Stored object, ReadOptions options) {
    Integer number = options.partNumber();
    ObjectChecksum whole = options.withChecksum() ? object.checksum() : null;
    if (whole == null || number == null || !(object.content() instanceof Content.Parts parts)) {
      return reply;
    }
    Checksum checksum = reader.checksum(parts, number);
    return checksum == null ? reply : reply.with(checksum, whole.type());
  }

  private HttpResponse body(
      Objects.Found found, @Nullable CustomerKey key, ReadReply reply, SmallBodies.Lease room) {
    ByteRange.Resolved range = reply.range();
    if (range == null) {
      return HttpResponse.bytes(reply.status(), reply.headers(), new byte[0]);
    }
    Content content = found.object().content();
    long from = range.first();
    long to = range.last() + 1;
    if (content instanceof Content.Inline) {
      ByteBuffer all = inline(found, key);
      room.shrinkTo(all.remaining());
      return held(reply, all.slice(all.position() + (int) from, (int) (to - from)), room);
    }
    if (range.length() <= SMALL_BYTES_MAX) {
      room.shrinkTo((int) range.length());
      return held(reply, ByteBuffer.wrap(reader.with(key).bytes(content, from, to)), room);
    }
    ContentReader opened = reader.with(key);
    BlockSpans spans = opened.begin(content, from, to);
    return HttpResponse.streamed(
        reply.status(), reply.headers(), range.length(), client -> opened.send(spans, client));
  }

  private static HttpResponse held(ReadReply reply, ByteBuffer bytes, SmallBodies.Lease room) {
    return HttpResponse.streamed(
        reply.status(), reply.headers(), bytes.remaining(), new HeldBody(bytes, room));
  }

  /** The bytes of a found object that is inline, encrypted with {@code key} or not. */
  static ByteBuffer inline(Objects.Found found, @Nullable CustomerKey key) {
    Encryption encryption = found.object().encryption();
    return encryption == null || key == null
        ? found.inline().duplicate()
        : DataCipher.of(key, encryption.salt()).openAll(found.inline());
  }
}
