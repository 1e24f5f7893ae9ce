package garage.s3api.call;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.http.BodySink;
import garage.http.Headers;
import garage.http.HttpResponse;
import garage.http.ResponseBody;
import garage.s3api.error.FailureMapping;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3Exception;
import garage.s3api.xml.ErrorDocument;
import garage.s3api.xml.XmlDocument;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers with a document that may take long to make. If it does, the reply begins before it is
 * there, as AWS's does: status 200, then white space until the document follows, so that no client
 * and no proxy between gives up. A failure found by then stands in the body, where clients of these
 * operations look for it. The work goes on though the client may be gone.
 */
public final class SlowReply {
  private static final Logger LOG = LoggerFactory.getLogger(SlowReply.class);

  /** Until then the status can still say what happened. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Shorter than the idle timeouts in common use, of which 30 s is the least. */
  private static final Duration PULSE = Duration.ofSeconds(10);

  private static final byte[] HEAD =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".getBytes(StandardCharsets.UTF_8);

  private final Runner runner;
  private final String hostId;

  public SlowReply(Runner runner, String hostId) {
    this.runner = runner;
    this.hostId = hostId;
  }

  /** The reply to {@code call} with the document {@code work} makes. */
  public HttpResponse of(Call call, Supplier<? extends XmlDocument> work) {
    return of(call, Headers.EMPTY, work);
  }

  /** As above, with further headers. */
  public HttpResponse of(Call call, Headers headers, Supplier<? extends XmlDocument> work) {
    Errands.Result<XmlDocument> result =
        Errands.start(runner, "s3-slow-" + call.http().id(), work::get);
    if (result.await(Deadline.after(runner.clock(), PATIENCE))) {
      return Replies.xml(result.get(), headers);
    }
    return HttpResponse.streamed(
        200,
        headers.with("Content-Type", Replies.XML),
        ResponseBody.UNKNOWN_LENGTH,
        sink -> write(call, result, sink));
  }

  private void write(Call call, Errands.Result<XmlDocument> result, BodySink sink) {
    sink.write(HEAD, 0, HEAD.length);
    sink.flush();
    byte[] space = {' '};
    while (!result.await(Deadline.after(runner.clock(), PULSE))) {
      sink.write(space, 0, 1);
      sink.flush();
    }
    byte[] document = document(call, result);
    sink.write(document, HEAD.length, document.length - HEAD.length);
  }

  private byte[] document(Call call, Errands.Result<XmlDocument> result) {
    try {
      return result.get().toXml();
    } catch (S3Exception e) {
      return failed(call, e.error());
    } catch (GarageException e) {
      return failed(call, FailureMapping.of(e));
    }
  }

  private byte[] failed(Call call, S3Error error) {
    LOG.warn("request {} failed after its reply began: {}", call.http().id(), error.code());
    String resource = call.http().target().path();
    return new ErrorDocument(error, resource, call.http().id(), hostId).toXml();
  }
}
