package garage.http.netty;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.http.Certificates;
import garage.http.HttpHandler;
import garage.http.HttpServerSettings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An HTTP/1.1 server at one address, from its start to {@link #close}. */
public final class NettyHttpServer implements AutoCloseable {
  /** Connections the kernel completes before they are accepted. */
  private static final int BACKLOG = 1024;

  /** The first read of a connection: most heads, and a small body with them. */
  private static final int RECEIVE_BUFFER_BYTES_INITIAL = 8 * 1024;

  private static final int RECEIVE_BUFFER_BYTES_MIN = 512;

  /**
   * What the kernel takes beyond what is on its way to the client: enough to keep the way full, and
   * little enough that a slow client's progress shows within seconds, and that thousands of them do
   * not fill the kernel's memory.
   */
  private static final long UNSENT_BYTES_MAX = 256 * 1024;

  /** For the event loops' own end, after the connections' . */
  private static final long LOOPS_END_SECONDS_MAX = 5;

  private static final Logger LOG = LoggerFactory.getLogger(NettyHttpServer.class);

  private final ServerContext context;
  private final EventLoopGroup loops;
  private final Channel listener;

  private NettyHttpServer(ServerContext context, EventLoopGroup loops, Channel listener) {
    this.context = context;
    this.loops = loops;
    this.listener = listener;
  }

  /**
   * Listens and serves.
   *
   * @throws GarageException.Unreachable if the address cannot be listened on
   * @throws GarageException.InvalidInput if the certificate cannot be used
   */
  public static NettyHttpServer start(
      HttpServerSettings settings,
      HttpHandler handler,
      Clock clock,
      Tasks tasks,
      RandomSource random) {
    ServerContext context = ServerContext.of(settings, handler, clock, tasks, random);
    ServerBootstrap bootstrap = bootstrap(context);
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            settings.ioThreads(), new DefaultThreadFactory("garage-http", true), io);
    if (epoll) {
      bootstrap.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_BYTES_MAX);
    }
    ChannelFuture bound =
        bootstrap
            .group(loops)
            .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .bind(socketAddress(settings.bind()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      var _ = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      Throwable cause = bound.cause();
      String reason = cause == null ? "unknown" : String.valueOf(cause.getMessage());
      throw new GarageException.Unreachable("cannot listen on " + settings.bind() + ": " + reason);
    }
    return new NettyHttpServer(context, loops, bound.channel());
  }

  private static ServerBootstrap bootstrap(ServerContext context) {
    int largest = context.settings().limits().receiveBufferBytes();
    AdaptiveRecvByteBufAllocator receive =
        new AdaptiveRecvByteBufAllocator(
            Math.min(RECEIVE_BUFFER_BYTES_MIN, largest),
            Math.min(RECEIVE_BUFFER_BYTES_INITIAL, largest),
            largest);
    receive.maxMessagesPerRead(1); // each receive is asked for
    Certificates certificates = context.settings().certificates();
    @Nullable ServerTls tls =
        certificates == null
            ? null
            : new ServerTls(certificates, context.settings().timeouts().head().toMillis());
    return new ServerBootstrap()
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, receive)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                if (tls != null) {
                  channel.pipeline().addLast(tls.handler(channel.alloc()));
                }
                channel.pipeline().addLast(new ConnectionHandler(context, channel));
              }
            });
  }

  /** {@code ::} is all addresses, those of version 4 alone where there are no others. */
  private static InetSocketAddress socketAddress(Address address) {
    return address.host().equals("::")
        ? new InetSocketAddress(address.port())
        : new InetSocketAddress(address.host(), address.port());
  }

  /** Where it listens, with the port that was chosen if the settings left it open. */
  public Address address() {
    int port = listener instanceof ServerSocketChannel server ? server.localAddress().getPort() : 0;
    return new Address(context.settings().bind().host(), port);
  }

  /** Connections open now. */
  public int connections() {
    return context.connections().count();
  }

  /** Body bytes received and not yet read by handlers, over all connections. */
  public long receivedBytesHeld() {
    return context.pipes().budget().held();
  }

  /** Bytes of responses that wait for their clients to take them, over all connections. */
  public long sendBytesHeld() {
    return context.exchanges().budget().held();
  }

  /** Bytes of unfinished heads and of requests sent ahead, over all connections. */
  long unfinishedBytesHeld() {
    return context.heads().held();
  }

  /**
   * Accepts no more, lets the requests under way finish within the shutdown timeout, and then ends
   * what is left.
   */
  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    Connections connections = context.connections();
    connections.beginClosing();
    Deadline grace = Deadline.after(context.clock(), context.settings().timeouts().shutdown());
    if (!connections.awaitClosed(grace)) {
      LOG.warn("{} connections are cut off at shutdown", connections.count());
      connections.closeAll();
      connections.awaitClosed(
          Deadline.after(context.clock(), Duration.ofSeconds(LOOPS_END_SECONDS_MAX)));
    }
    loops.shutdownGracefully(0, LOOPS_END_SECONDS_MAX, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
