package garage.http.netty;

import garage.common.error.GarageException;
import garage.http.Certificates;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS of one server, 1.2 and 1.3, by BoringSSL where it is there and by the JDK elsewhere. When the
 * certificate has changed, new connections get the new one, and those that are open go on as they
 * are. A new certificate that is of no use is reported and the old one kept.
 */
final class ServerTls {
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);

  private final Certificates certificates;
  private final long handshakeMillis;
  private final ReentrantLock lock = new ReentrantLock();

  // Under the lock.
  private Certificates.Pem pem;
  private SslContext context;

  /**
   * TLS by what {@code certificates} say now and later; a client that does not finish its handshake
   * in time is cut off.
   *
   * @throws GarageException.InvalidInput if what they say now is of no use
   */
  ServerTls(Certificates certificates, long handshakeMillis) {
    this.certificates = certificates;
    this.handshakeMillis = handshakeMillis;
    this.pem = certificates.current();
    this.context = build(pem);
  }

  /** The handler of a new connection. */
  SslHandler handler(ByteBufAllocator allocator) {
    SslHandler handler = present().newHandler(allocator);
    handler.setHandshakeTimeout(handshakeMillis, TimeUnit.MILLISECONDS);
    return handler;
  }

  private SslContext present() {
    Certificates.Pem now = certificates.current();
    lock.lock();
    try {
      if (!now.equals(pem)) {
        pem = now; // tried once
        context = build(now);
        LOG.info("new connections get the new certificate");
      }
    } catch (GarageException.InvalidInput e) {
      LOG.warn("the old certificate is kept: {}", e.getMessage());
    } finally {
      lock.unlock();
    }
    return context;
  }

  private static SslContext build(Certificates.Pem pem) {
    try {
      return SslContextBuilder.forServer(
              new ByteArrayInputStream(pem.chain()), new ByteArrayInputStream(pem.key()))
          .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
          .protocols(PROTOCOLS)
          .build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new GarageException.InvalidInput(
          "the TLS certificate or its key cannot be used: " + e.getMessage());
    }
  }
}
