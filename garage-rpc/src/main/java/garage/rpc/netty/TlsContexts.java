package garage.rpc.netty;

import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.handshake.NodeIdentity;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS as a node uses it. Any self-signed certificate over a P-256 key is accepted, and TLS itself
 * makes its bearer prove the private key (RFC 8446, 4.4.3); the key's hash is who that is. Whether
 * such a node is welcome is decided above, by the cluster's secret.
 */
record TlsContexts(SslContext client, SslContext server) {
  private static final String[] PROTOCOLS = {"TLSv1.3"};

  static TlsContexts of(NodeIdentity identity, boolean nativeEngine) {
    SslProvider provider =
        nativeEngine && OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
    try {
      SslContext client =
          SslContextBuilder.forClient()
              .sslProvider(provider)
              .protocols(PROTOCOLS)
              .keyManager(identity.privateKey(), identity.certificate())
              .trustManager(new AnyNode())
              .endpointIdentificationAlgorithm(null)
              .build();
      SslContext server =
          SslContextBuilder.forServer(identity.privateKey(), identity.certificate())
              .sslProvider(provider)
              .protocols(PROTOCOLS)
              .clientAuth(ClientAuth.OPTIONAL)
              .trustManager(new AnyNode())
              .build();
      return new TlsContexts(client, server);
    } catch (SSLException e) {
      throw new GarageException.Internal("TLS cannot be set up", e);
    }
  }

  /** Frees what a native engine holds. */
  void release() {
    ReferenceCountUtil.release(client);
    ReferenceCountUtil.release(server);
  }

  /** Who is at the other end; null if it showed no certificate. */
  static @Nullable NodeId peer(SSLSession session) {
    try {
      return NodeIdentity.idOf(session.getPeerCertificates()[0].getPublicKey());
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
  }

  /** Accepts one certificate over a key that nodes use, whoever signed it. */
  private static final class AnyNode extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }

    private static void check(X509Certificate[] chain) throws CertificateException {
      if (chain.length != 1) {
        throw new CertificateException("a node shows one certificate, not " + chain.length);
      }
      try {
        NodeIdentity.idOf(chain[0].getPublicKey());
      } catch (GarageException.Denied e) {
        throw new CertificateException(e.getMessage(), e);
      }
    }
  }
}
