package garage.s3api.object;

import garage.http.Headers;
import garage.http.HttpResponse;
import garage.model.object.Content;
import garage.model.object.ObjectKey;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.s3api.call.Call;
import garage.s3api.call.Runner;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.request.ByteRange;
import garage.s3api.request.ReadConditions;
import garage.s3api.request.ReadOptions;
import garage.s3api.request.S3Request;
import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * GetObject and HeadObject. One read of the register fixes the version; all that is sent is of that
 * one, whatever is written meanwhile. Small bodies are read before the reply begins, so that a
 * failure can still be told; in a large one it cuts the connection, so that no client takes a part
 * for the whole.
 */
public final class GetHandler {
  /** Read before the reply begins, in memory that is not counted. */
  private static final int SMALL_BYTES_MAX = 64 * 1024;

  private final Objects objects;
  private final ContentReader reader;
  private final Runner runner;

  public GetHandler(Objects objects, ContentReader reader, Runner runner) {
    this.objects = objects;
    this.reader = reader;
    this.runner = runner;
  }

  /** Sends an object. */
  public HttpResponse get(Call call, S3Request.GetObject request) {
    ObjectKey key = call.key(request.name().key());
    Objects.Found found =
        objects.get(key, runner.metadata()).orElseThrow(() -> noSuchKey(key.key()));
    ReadReply reply = reply(found.object(), request.options());
    return reply.unchanged()
        ? HttpResponse.empty(reply.status(), reply.headers())
        : body(found, reply);
  }

  /** Sends an object's headers. */
  public HttpResponse head(Call call, S3Request.HeadObject request) {
    ObjectKey key = call.key(request.name().key());
    Objects.Found found =
        objects.head(key, runner.metadata()).orElseThrow(() -> noSuchKey(key.key()));
    ReadReply reply = reply(found.object(), request.options());
    Headers headers =
        reply.unchanged()
            ? reply.headers()
            : reply.headers().with("Content-Length", Long.toString(reply.length()));
    return HttpResponse.empty(reply.status(), headers);
  }

  /** That there is no object of this key. */
  static S3Exception noSuchKey(String key) {
    return S3Error.of(S3ErrorCode.NO_SUCH_KEY).with("Key", key).exception();
  }

  /** Refuses a read whose conditions do not hold; answers whether the client has the object. */
  private static ReadReply reply(ObjectVersion.Stored object, ReadOptions options) {
    Instant modified = Instant.ofEpochMilli(object.modifiedMillis());
    return switch (options.conditions().evaluate(object.etag(), modified)) {
      case ReadConditions.Outcome.NotModified() -> ReadReply.notModified(object);
      case ReadConditions.Outcome.Failed(String condition) ->
          throw S3Error.of(S3ErrorCode.PRECONDITION_FAILED)
              .with("Condition", condition)
              .exception();
      case ReadConditions.Outcome.Proceed() -> ReadReply.of(object, options);
    };
  }

  private HttpResponse body(Objects.Found found, ReadReply reply) {
    ByteRange.Resolved range = reply.range();
    if (range == null) {
      return HttpResponse.bytes(reply.status(), reply.headers(), new byte[0]);
    }
    Content content = found.object().content();
    if (content instanceof Content.Inline) {
      byte[] bytes = new byte[(int) range.length()];
      found.inline().duplicate().get(found.inline().position() + (int) range.first(), bytes);
      return HttpResponse.bytes(reply.status(), reply.headers(), bytes);
    }
    long from = range.first();
    long to = range.last() + 1;
    if (range.length() <= SMALL_BYTES_MAX) {
      byte[] bytes = reader.bytes(content, from, to);
      return HttpResponse.bytes(reply.status(), reply.headers(), bytes);
    }
    return HttpResponse.streamed(
        reply.status(),
        reply.headers(),
        range.length(),
        client -> reader.send(content, from, to, client));
  }

  /** The bytes of a found object that is inline. */
  static ByteBuffer inline(Objects.Found found) {
    return found.inline().duplicate();
  }
}
