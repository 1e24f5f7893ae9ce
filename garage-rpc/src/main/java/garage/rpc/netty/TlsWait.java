package garage.rpc.netty;

import garage.common.env.Clock;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.function.Consumer;

/** Waits for the TLS handshake, then puts a {@link NettyConnection} in its own place. */
final class TlsWait extends ChannelInboundHandlerAdapter {
  private final SslHandler tls;
  private final NodeId localId;
  private final Clock clock;
  private final Consumer<NettyConnection> onReady;
  private final Consumer<GarageException> onFailure;

  TlsWait(
      SslHandler tls,
      NodeId localId,
      Clock clock,
      Consumer<NettyConnection> onReady,
      Consumer<GarageException> onFailure) {
    this.tls = tls;
    this.localId = localId;
    this.clock = clock;
    this.onReady = onReady;
    this.onFailure = onFailure;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (!(event instanceof SslHandshakeCompletionEvent done)) {
      context.fireUserEventTriggered(event);
      return;
    }
    if (!done.isSuccess()) {
      onFailure.accept(
          new GarageException.Unreachable("no TLS with the peer: " + done.cause(), done.cause()));
      var _ = context.close();
      return;
    }
    NodeId remoteId = TlsContexts.peer(tls.engine().getSession());
    NettyConnection connection = new NettyConnection(context.channel(), localId, remoteId, clock);
    context.pipeline().replace(this, "connection", connection);
    onReady.accept(connection);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    onFailure.accept(new GarageException.Unreachable("the connection ended before it was secure"));
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = context.close();
  }
}
