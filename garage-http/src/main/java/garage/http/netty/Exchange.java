package garage.http.netty;

import garage.common.env.Clock;
import garage.common.error.GarageException;
import garage.http.HttpHandler;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.http.ProtocolError;
import garage.http.RequestFailure;
import garage.http.ResponseBody;
import garage.http.netty.ResponseHead.Framing;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its response, on the request's own task: {@link #run} is the task. Every way out
 * of it either finishes the response or cuts the connection.
 */
final class Exchange implements Runnable {
  /** Body bytes sent with the head in one buffer; longer ones go in pieces. */
  static final int SMALL_BODY_BYTES = ResponseStream.PIECE_BYTES_MIN;

  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  /** What an exchange needs of its server. */
  record Context(
      HttpHandler handler, Clock clock, HttpDate date, int sendBufferBytes, SendBudget budget) {}

  /** The exchange's side of its connection. */
  interface Link extends Outlet {
    /** Whether the connection must close after this response, whatever the handler does. */
    boolean mustClose();
  }

  private final Context context;
  private final Link link;
  private final HttpRequest request;
  private final RequestHead head;
  private volatile boolean clientGone;
  private volatile @Nullable ResponseStream stream;
  private boolean finished;

  Exchange(Context context, Link link, HttpRequest request, RequestHead head) {
    this.context = context;
    this.link = link;
    this.request = request;
    this.head = head;
  }

  /** Tells the task that nobody waits for its response; from the event loop. */
  void clientGone() {
    clientGone = true;
    ResponseStream sending = stream;
    if (sending != null) {
      sending.fail();
    }
  }

  @Override
  public void run() {
    try {
      HttpResponse response = response();
      if (response != null) {
        sendAndRelease(response);
      }
    } finally {
      request.body().close();
      if (!finished) {
        link.cut();
      }
    }
  }

  /** The handler's response or the refusal of its failure; null if nobody waits for one. */
  @SuppressWarnings("CatchingUnchecked") // the top frame of the request
  private @Nullable HttpResponse response() {
    try {
      return context.handler().handle(request);
    } catch (RuntimeException e) {
      return refusal(e);
    }
  }

  private @Nullable HttpResponse refusal(RuntimeException cause) {
    if (clientGone) {
      LOG.debug("request {}: the client is gone ({})", request.id(), cause.getMessage());
      return null;
    }
    ProtocolError error =
        switch (cause) {
          case RequestFailure.TooSlow _ ->
              new ProtocolError(
                  ProtocolError.Kind.BODY_TOO_SLOW,
                  "Your socket connection to the server was not read from or written to within"
                      + " the timeout period.");
          case RequestFailure.BadFraming e ->
              new ProtocolError(ProtocolError.Kind.BAD_BODY, String.valueOf(e.getMessage()));
          case GarageException e when mayPass(e) -> unavailable(e);
          default -> internal(cause);
        };
    return context.handler().refuse(error, request.id());
  }

  /** Whether the same request may succeed a little later. */
  private static boolean mayPass(GarageException failure) {
    return switch (failure.code()) {
      case QUORUM_NOT_REACHED, TIMED_OUT, UNREACHABLE, STALE, OVERLOADED -> true;
      case CANCELLED,
          CORRUPT,
          MISSING,
          STORAGE_FAILED,
          STORAGE_FULL,
          INVALID_INPUT,
          CONFLICT,
          DENIED,
          INTERNAL ->
          false;
    };
  }

  private ProtocolError unavailable(GarageException cause) {
    LOG.warn(
        "request {} ({} {}): {}",
        request.id(),
        request.method(),
        request.target().rawPath(),
        cause.getMessage());
    return new ProtocolError(ProtocolError.Kind.UNAVAILABLE, String.valueOf(cause.getMessage()));
  }

  private ProtocolError internal(RuntimeException cause) {
    LOG.error(
        "request {} ({} {}) failed",
        request.id(),
        request.method(),
        request.target().rawPath(),
        cause);
    return new ProtocolError(
        ProtocolError.Kind.INTERNAL, "We encountered an internal error. Please try again.");
  }

  private void sendAndRelease(HttpResponse response) {
    try {
      send(response);
    } finally {
      if (response.body() instanceof ResponseBody.Streamed streamed) {
        streamed.writer().close();
      }
    }
  }

  private void send(HttpResponse response) {
    ResponseHead out = new ResponseHead(response, head.isHead(), head.http11());
    boolean close = link.mustClose() || out.framing() == Framing.CLOSE;
    if (out.framing() == Framing.NONE || response.body() instanceof ResponseBody.Empty) {
      sendSmall(out, close, new byte[0]);
    } else if (response.body() instanceof ResponseBody.Bytes whole) {
      if (whole.bytes().length <= SMALL_BODY_BYTES) {
        sendSmall(out, close, whole.bytes());
      } else {
        stream(out, close, sink -> sink.write(whole.bytes(), 0, whole.bytes().length));
      }
    } else if (response.body() instanceof ResponseBody.Streamed streamed) {
      stream(out, close, streamed.writer());
    }
  }

  private void sendSmall(ResponseHead out, boolean close, byte[] body) {
    int size = out.sizeEstimate() + body.length;
    if (!takeRoom(size)) {
      return;
    }
    ByteBuf whole = link.allocate(size);
    out.write(whole, context.date().now(), close);
    whole.writeBytes(body);
    finished = true;
    link.finish(whole, () -> context.budget().give(size), close);
  }

  private boolean takeRoom(int bytes) {
    boolean taken = false;
    String reason = "no room to send in time";
    try {
      taken = context.budget().take(bytes);
    } catch (GarageException.Cancelled e) {
      reason = "the client is gone";
    }
    if (!taken) {
      LOG.debug("request {}: no response, {}", request.id(), reason);
    }
    return taken;
  }

  private void stream(ResponseHead out, boolean close, ResponseBody.Writer writer) {
    ResponseStream sending = new ResponseStream(link, context, out, close);
    stream = sending;
    if (clientGone) {
      sending.fail();
    }
    try {
      write(sending, close, writer);
    } finally {
      sending.discard();
    }
  }

  @SuppressWarnings("CatchingUnchecked") // the top frame of the request
  private void write(ResponseStream sending, boolean close, ResponseBody.Writer writer) {
    try {
      writer.writeTo(sending);
      sending.end();
      finished = true;
    } catch (RuntimeException e) {
      sending.discard();
      if (clientGone || sending.isStopped()) {
        LOG.debug("request {}: the response was cut short: {}", request.id(), e.getMessage());
        return;
      }
      if (sending.hasBegun()) {
        LOG.warn("request {}: the response was cut short", request.id(), e);
      }
      HttpResponse refusal = sending.hasBegun() ? null : refusal(e);
      if (refusal != null && refusal.body() instanceof ResponseBody.Bytes small) {
        sendSmall(new ResponseHead(refusal, head.isHead(), head.http11()), close, small.bytes());
      }
    }
  }
}
