package garage.http.netty;

import garage.common.env.Address;
import garage.common.env.Tasks;
import garage.http.BodyStream;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.http.ProtocolError;
import garage.http.RequestFailure;
import garage.http.ResponseBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection, on its event loop. Bytes are received only when somebody needs them: a head, a
 * body its handler reads, or the client's end while a handler runs. What a client sends ahead of
 * its response waits in {@code held} until that response is out, so responses keep their order.
 *
 * <p>An idle connection holds no buffer and no thread: one timer and this object.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {
  /** Rest of an unread body that is dropped for the sake of the connection's next request. */
  private static final long DRAIN_TO_KEEP_BYTES_MAX = 256 * 1024;

  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final String REDUCE = "Please reduce your request rate.";

  /** No wait for a request; a real one lasts from its start, in nanoseconds. */
  private static final long BUSY = Long.MIN_VALUE;

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

  private enum Phase {
    /** Waiting for a head, or for the rest of one. */
    HEAD,
    /** A request is served whose body has not come whole. */
    BODY,
    /** A request is served whose body is here, or a refusal is sent. */
    REPLY,
    /** The response is out; the rest of the body is dropped, and then comes the next head. */
    DRAIN,
    /** The last response is out; what still comes is dropped until the client closes. */
    LINGER,
    CLOSED
  }

  private final ServerContext server;
  private final Channel channel;
  private final ConnectionTimer timer;
  private final HeadParser parser;
  private final HeldBytes held;
  private final Writes writes;
  private volatile long idleSince = BUSY;

  // Of the event loop.
  private Phase phase = Phase.HEAD;
  private boolean reading;
  private boolean headBegun;
  private boolean broken;
  private boolean inputEnded;
  private long lingered;
  private @Nullable Current current;
  private HttpRequest.Peer peer = new HttpRequest.Peer(new Address("0.0.0.0", 0), false);

  ConnectionHandler(ServerContext server, Channel channel) {
    this.server = server;
    this.channel = channel;
    this.timer = new ConnectionTimer(server.clock(), channel.eventLoop(), this::expired);
    this.parser = new HeadParser(server.settings().limits());
    this.held = new HeldBytes(channel.alloc(), server.heads());
    this.writes = new Writes(channel, server.writeRate(), this::readsTooSlowly);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (channel.remoteAddress() instanceof InetSocketAddress remote) {
      peer =
          new HttpRequest.Peer(
              new Address(remote.getAddress().getHostAddress(), remote.getPort()), isSecure());
    }
    if (!server.connections().admit(this)) {
      refuse(ProtocolError.Kind.TOO_MANY_CONNECTIONS, REDUCE);
      return;
    }
    awaitRequest();
  }

  private boolean isSecure() {
    return channel.pipeline().get(SslHandler.class) != null;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    phase = Phase.CLOSED;
    idleSince = BUSY;
    timer.cancel();
    held.release();
    server.connections().remove(this);
    Current served = current;
    current = null;
    if (served != null) {
      served.clientGone();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException || cause instanceof DecoderException) {
      LOG.debug("connection to {} failed: {}", peer.address(), cause.getMessage());
    } else {
      LOG.error("connection to {} failed", peer.address(), cause);
    }
    close();
  }

  // Receiving

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent && !inputEnded) {
      inputEnded = true;
      inputEnded();
    }
  }

  /**
   * The client sends no more: it may be gone, or wait for the reply to a request it has sent whole.
   * So such a request goes on, but not for ever before anything can be sent, which would tell.
   *
   * <p>Netty 4.2.18 takes such a connection out of its epoll set and cannot put it back, so a reply
   * the kernel does not take at once is cut.
   */
  private void inputEnded() {
    switch (phase) {
      case HEAD, BODY, DRAIN, LINGER -> close();
      case REPLY -> timer.set(server.settings().timeouts().writeIdle());
      case CLOSED -> {}
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (!in.isReadable()) {
      in.release();
      return;
    }
    switch (phase) {
      case HEAD, REPLY -> held.add(in);
      case BODY, DRAIN -> receiveBody(in);
      case LINGER -> {
        lingered += in.readableBytes();
        in.release();
        if (lingered > server.settings().limits().drainBytesMax()) {
          close();
        }
      }
      case CLOSED -> in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    reading = false;
    switch (phase) {
      case HEAD -> advance();
      case BODY -> {
        if (!broken && current != null && current.wantsBody()) {
          receive();
        }
      }
      case DRAIN, LINGER -> receive();
      case REPLY, CLOSED -> {}
    }
  }

  private void receive() {
    if (!reading && !inputEnded) {
      reading = true;
      channel.read();
    }
  }

  /** Waits for a request's first byte. */
  private void awaitRequest() {
    phase = Phase.HEAD;
    idleSince = server.clock().nanos();
    timer.set(server.settings().timeouts().keepAlive());
    advance();
  }

  /** Takes the next head out of what is held, or asks for more. */
  private void advance() {
    ByteBuf in = held.get();
    if (in == null) {
      if (server.connections().isClosing() || inputEnded) {
        close();
      } else {
        receive();
      }
      return;
    }
    RequestHead head;
    try {
      head = parser.parse(in);
    } catch (ProtocolException e) {
      refuse(e.error().kind(), e.error().detail());
      return;
    }
    held.releaseIfRead();
    if (head == null) {
      awaitHead();
    } else {
      serve(head);
    }
  }

  private void awaitHead() {
    if (inputEnded) {
      close();
      return;
    }
    held.compact();
    if (!server.heads().allowsReadAhead()) {
      refuse(ProtocolError.Kind.TOO_MANY_CONNECTIONS, REDUCE);
      return;
    }
    if (!headBegun && !held.isEmpty()) {
      headBegun = true;
      idleSince = BUSY;
      timer.set(server.settings().timeouts().head());
    }
    receive();
  }

  private void serve(RequestHead head) {
    headBegun = false;
    idleSince = BUSY;
    timer.clear();
    Current serving = new Current(head);
    current = serving;
    phase = head.hasBody() ? Phase.BODY : Phase.REPLY;
    ByteBuf early = head.hasBody() ? held.take() : null;
    if (early != null) {
      serving.continueUnsent = false; // the client did not wait
      receiveBody(early);
    }
    if (inputEnded && phase == Phase.BODY) {
      close();
      return;
    }
    serving.start();
    watchForEnd();
    if (inputEnded) {
      inputEnded();
    }
  }

  /** Receives once while a handler runs, to learn that the client goes away. */
  private void watchForEnd() {
    if (phase == Phase.REPLY && held.isEmpty() && server.heads().allowsReadAhead()) {
      receive();
    }
  }

  private void receiveBody(ByteBuf in) {
    Current serving = current;
    if (broken || serving == null) {
      in.release();
      return;
    }
    boolean ended;
    try {
      ended = serving.decode(in, phase == Phase.DRAIN);
    } catch (ProtocolException e) {
      in.release();
      broken = true;
      serving.fail(new RequestFailure.BadFraming(e.error().detail()));
      if (phase == Phase.DRAIN) {
        close();
      }
      return;
    }
    if (in.isReadable()) {
      held.add(in);
    } else {
      in.release();
    }
    if (ended) {
      bodyEnded(serving);
    }
  }

  private void bodyEnded(Current serving) {
    if (phase == Phase.DRAIN) {
      current = null;
      awaitRequest();
    } else {
      phase = Phase.REPLY;
      serving.bodyEnded();
      watchForEnd();
    }
  }

  // Sending

  private void responseSent(boolean close) {
    boolean bodyLeft = phase == Phase.BODY;
    if (phase == Phase.CLOSED) {
      return;
    }
    if (close || broken) {
      if (!inputEnded && (bodyLeft || broken || !held.isEmpty())) {
        linger();
      } else {
        close();
      }
    } else if (bodyLeft) {
      phase = Phase.DRAIN;
      timer.set(server.settings().timeouts().drain());
      receive();
    } else {
      current = null;
      awaitRequest();
    }
  }

  /**
   * Closing while the client sends would reset the connection, and could take the response from
   * under its eyes. So only this side ends, and what comes is dropped for a while.
   */
  private void linger() {
    phase = Phase.LINGER;
    current = null;
    held.release();
    idleSince = server.clock().nanos(); // may make room for others
    timer.set(server.settings().timeouts().drain());
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.closeOutbound().addListener(_ -> shutdownOutput());
    } else {
      shutdownOutput();
    }
    receive();
  }

  private void shutdownOutput() {
    if (channel instanceof DuplexChannel duplex) {
      var _ = duplex.shutdownOutput();
    }
  }

  private void refuse(ProtocolError.Kind kind, String detail) {
    phase = Phase.REPLY;
    idleSince = BUSY;
    timer.clear();
    broken = kind != ProtocolError.Kind.TOO_MANY_CONNECTIONS;
    HttpResponse response =
        server.handler().refuse(new ProtocolError(kind, detail), server.ids().next());
    ResponseHead head = new ResponseHead(response, false, true);
    byte[] body = response.body() instanceof ResponseBody.Bytes bytes ? bytes.bytes() : new byte[0];
    int size = head.sizeEstimate() + body.length;
    SendBudget budget = server.exchanges().budget();
    if (!budget.takeNow(size)) {
      close();
      return;
    }
    ByteBuf out = channel.alloc().directBuffer(size);
    head.write(out, server.exchanges().date().now(), true);
    out.writeBytes(body);
    writes.write(out, () -> budget.give(size), () -> responseSent(true));
  }

  // Ending

  private void expired() {
    if (phase == Phase.REPLY && current != null && current.responding) {
      return; // a client that is gone shows when it is written to
    }
    if (phase == Phase.HEAD && headBegun) {
      refuse(
          ProtocolError.Kind.HEAD_TIMEOUT, "The request's header section did not arrive in time.");
    } else {
      close();
    }
  }

  private void close() {
    var _ = channel.close();
  }

  private void readsTooSlowly() {
    LOG.info("{} reads too slowly and is cut off", peer.address());
    reset();
  }

  /** Closes so that the client cannot take what it has for a whole response. */
  private void reset() {
    if (channel.isOpen()) {
      try {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
      } catch (ChannelException e) {
        LOG.debug("{} had closed its connection: {}", peer.address(), e.getMessage());
      }
      // Past TLS, which would end its stream in good order.
      channel.unsafe().close(channel.unsafe().voidPromise());
    }
  }

  /** From any thread: whether no request is under way, nor was for {@code nanos}. */
  boolean isIdleFor(long now, long nanos) {
    long since = idleSince;
    return since != BUSY && now - since >= nanos;
  }

  /** From any thread: closes unless a request is under way. */
  void closeIfIdle() {
    onLoop(() -> {
      if (phase == Phase.HEAD && !headBegun) {
        close();
      }
    });
  }

  /** From any thread. */
  void closeNow() {
    onLoop(this::reset);
  }

  private boolean onLoop(Runnable action) {
    try {
      channel.eventLoop().execute(action);
      return true;
    } catch (RejectedExecutionException e) {
      return false; // the server has shut down, and its connections are gone
    }
  }

  /** The request being served, and its exchange's way to this connection. */
  private final class Current implements Exchange.Link {
    private final RequestHead head;
    private final @Nullable BodyPipe pipe;
    private final @Nullable BodyDecoder decoder;
    private final Exchange exchange;
    private final String id = server.ids().next();
    private Tasks.@Nullable Task task;
    private boolean responding;
    private volatile boolean continueUnsent;

    Current(RequestHead head) {
      this.head = head;
      this.continueUnsent = head.expectsContinue();
      BodyPipe body =
          head.hasBody()
              ? new BodyPipe(server.pipes(), head.contentLength(), this::askForBody)
              : null;
      this.pipe = body;
      this.decoder = body == null ? null : BodyDecoder.of(head, channel.alloc());
      HttpRequest request =
          new HttpRequest(
              id,
              head.method(),
              head.target(),
              head.headers(),
              body == null ? BodyStream.of(new byte[0]) : body,
              head.contentLength(),
              peer);
      this.exchange = new Exchange(server.exchanges(), this, request, head);
    }

    void start() {
      task = server.tasks().start("http-" + id, exchange);
    }

    boolean decode(ByteBuf in, boolean drop) {
      BodyDecoder d = decoder;
      BodyPipe p = pipe;
      if (d == null || p == null) {
        throw new IllegalStateException("a request without a body");
      }
      return d.decode(in, drop ? ByteBuf::release : p::offer);
    }

    boolean wantsBody() {
      return pipe != null && pipe.wantsMore();
    }

    void bodyEnded() {
      if (pipe != null) {
        pipe.end();
      }
    }

    void fail(RequestFailure failure) {
      if (pipe != null) {
        pipe.fail(failure);
      }
    }

    void clientGone() {
      exchange.clientGone(); // first, so that the task knows what the failure means
      fail(new RequestFailure.ClientGone("the client closed the connection within the body"));
      Tasks.Task running = task;
      if (running != null) {
        running.cancel();
      }
    }

    private void askForBody() {
      onLoop(() -> {
        if (phase == Phase.BODY && current == this) {
          if (continueUnsent) {
            continueUnsent = false;
            writes.write(Unpooled.wrappedBuffer(CONTINUE), () -> {}, () -> {});
          }
          receive();
        }
      });
    }

    // From here on called by the request's task.

    @Override
    public boolean mustClose() {
      return !head.persistent()
          || server.connections().isClosing()
          || continueUnsent
          || (pipe != null && !pipe.endsWithin(DRAIN_TO_KEEP_BYTES_MAX));
    }

    @Override
    public ByteBuf allocate(int bytes) {
      return channel.alloc().directBuffer(bytes);
    }

    @Override
    public void send(ByteBuf bytes, Runnable released) {
      send(bytes, released, () -> {});
    }

    @Override
    public void finish(ByteBuf last, Runnable released, boolean close) {
      send(last, released, () -> responseSent(close));
    }

    private void send(ByteBuf bytes, Runnable released, Runnable done) {
      if (!onLoop(() -> write(bytes, released, done))) {
        bytes.release();
        released.run();
      }
    }

    private void write(ByteBuf bytes, Runnable released, Runnable done) {
      responding = true;
      writes.write(bytes, released, done);
    }

    @Override
    public void cut() {
      onLoop(ConnectionHandler.this::reset);
    }
  }
}
