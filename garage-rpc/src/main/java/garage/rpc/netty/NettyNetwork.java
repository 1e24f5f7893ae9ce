package garage.rpc.netty;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.Network;
import garage.common.env.Promise;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.rpc.handshake.NodeIdentity;
import garage.rpc.wire.WireLimits;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections over TCP and TLS 1.3, each frame after its length. Event loops only move bytes;
 * whoever sends or receives waits on a task of its own.
 */
public final class NettyNetwork implements Network, AutoCloseable {
  /** Accepted connections of one listener, those of strangers before their refusal included. */
  private static final int ACCEPTED_MAX = 2048;

  /** Longer waits for a TCP connection are not worth it: the address is tried again later. */
  private static final int CONNECT_MILLIS_MAX = 5000;

  private static final long TLS_HANDSHAKE_MILLIS_MAX = 8000;
  private static final int BACKLOG = 256;
  private static final Logger LOG = LoggerFactory.getLogger(NettyNetwork.class);

  private final NodeIdentity identity;
  private final NettySettings settings;
  private final Clock clock;
  private final Tasks tasks;
  private final TlsContexts tls;
  private final boolean epoll;
  private final EventLoopGroup loops;

  public NettyNetwork(NodeIdentity identity, NettySettings settings, Clock clock, Tasks tasks) {
    this.identity = identity;
    this.settings = settings;
    this.clock = clock;
    this.tasks = tasks;
    this.tls = TlsContexts.of(identity, settings.nativeEngines());
    this.epoll = settings.nativeEngines() && Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    this.loops =
        new MultiThreadIoEventLoopGroup(
            settings.eventLoops(), new DefaultThreadFactory("rpc-io", true), io);
  }

  @Override
  public Listener listen(Address address, Consumer<Connection> onConnection) {
    AtomicInteger accepted = new AtomicInteger();
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel, accepted, onConnection);
                  }
                });
    InetSocketAddress local =
        address.host().equals("::") // all addresses, those of version 4 alone where no others are
            ? new InetSocketAddress(address.port())
            : resolved(address);
    ChannelFuture bound = bootstrap.bind(local).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new GarageException.Unreachable(
          "cannot listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
    }
    return new NettyListener(bound.channel(), address);
  }

  private void accept(Channel channel, AtomicInteger accepted, Consumer<Connection> onConnection) {
    if (accepted.incrementAndGet() > ACCEPTED_MAX) {
      accepted.decrementAndGet();
      LOG.warn("Refused a connection of {}: there are {}", channel, ACCEPTED_MAX);
      var _ = channel.close();
      return;
    }
    var _ = channel.closeFuture().addListener(closed -> accepted.decrementAndGet());
    secure(
        channel,
        tls.server(),
        connection -> tasks.start("rpc-accept", () -> onConnection.accept(connection)),
        failure -> LOG.debug("{} from {}", failure.getMessage(), channel.remoteAddress()));
  }

  @Override
  public Connection connect(Address address, Deadline deadline) {
    InetSocketAddress target = resolved(address);
    Promise<NettyConnection> promise = new Promise<>(clock);
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops)
            .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS_MAX)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    secure(channel, tls.client(), promise::complete, promise::fail);
                  }
                });
    SocketAddress local =
        settings.outgoingHost() == null ? null : resolved(new Address(settings.outgoingHost(), 0));
    ChannelFuture connected = bootstrap.connect(target, local);
    var _ =
        connected.addListener(done -> {
          if (!done.isSuccess()) {
            promise.fail(
                new GarageException.Unreachable(
                    address + ": " + done.cause().getMessage(), done.cause()));
          }
        });
    boolean opened = false;
    try {
      Connection connection = promise.await(deadline);
      opened = true;
      return connection;
    } finally {
      if (!opened) {
        var _ = connected.channel().close();
      }
    }
  }

  private void secure(
      Channel channel,
      SslContext context,
      Consumer<NettyConnection> onReady,
      Consumer<GarageException> onFailure) {
    SslHandler handler = context.newHandler(channel.alloc());
    handler.setHandshakeTimeoutMillis(TLS_HANDSHAKE_MILLIS_MAX);
    int length = WireLimits.FRAME_LENGTH_BYTES;
    channel
        .pipeline()
        .addLast(handler)
        .addLast(
            new LengthFieldBasedFrameDecoder(
                Connection.FRAME_BYTES_MAX + length, 0, length, 0, length))
        .addLast(new TlsWait(handler, identity.id(), clock, onReady, onFailure));
  }

  @Override
  public List<Address> resolve(Address name) {
    try {
      return List.of(InetAddress.getAllByName(name.host())).stream()
          .map(address -> new Address(address.getHostAddress(), name.port()))
          .toList();
    } catch (UnknownHostException e) {
      return List.of();
    }
  }

  /** Ends every connection and stops the threads. */
  @Override
  public void close() {
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    tls.release();
  }

  private static InetSocketAddress resolved(Address address) {
    InetSocketAddress resolved = new InetSocketAddress(address.host(), address.port());
    if (resolved.isUnresolved()) {
      throw new GarageException.Unreachable("there is no host '" + address.host() + "'");
    }
    return resolved;
  }

  private Class<? extends ServerChannel> serverChannel() {
    return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /** A bound port. */
  private record NettyListener(Channel channel, Address asked) implements Listener {
    @Override
    public Address address() {
      return channel.localAddress() instanceof InetSocketAddress inet
          ? new Address(asked.host(), inet.getPort())
          : asked;
    }

    @Override
    public void close() {
      var _ = channel.close().awaitUninterruptibly();
    }
  }
}
