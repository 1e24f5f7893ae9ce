package garage.rpc.jdk;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.Network;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.handshake.NodeIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Connects only, and without an identity: what a command line needs. */
public final class JdkNetwork implements Network {
  private final Clock clock;

  public JdkNetwork(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Listener listen(Address address, Consumer<Connection> onConnection) {
    throw new GarageException.Unreachable("a command line does not listen");
  }

  @Override
  public JdkConnection connect(Address address, Deadline deadline) {
    Socket plain = new Socket();
    boolean done = false;
    try {
      plain.connect(new InetSocketAddress(address.host(), address.port()), millis(deadline));
      plain.setTcpNoDelay(true);
      plain.setSoTimeout(millis(deadline));
      JdkConnection connection = secure(plain, address);
      done = true;
      return connection;
    } catch (SocketTimeoutException e) {
      throw new GarageException.TimedOut(address + " does not answer");
    } catch (UnknownHostException e) {
      throw new GarageException.Unreachable("there is no host '" + address.host() + "'", e);
    } catch (IOException e) {
      throw new GarageException.Unreachable(address + ": " + e.getMessage(), e);
    } finally {
      if (!done) {
        closeQuietly(plain);
      }
    }
  }

  private static JdkConnection secure(Socket plain, Address address) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context().getSocketFactory().createSocket(plain, address.host(), address.port(), true);
    socket.setEnabledProtocols(new String[] {"TLSv1.3"});
    socket.startHandshake();
    NodeId id = NodeIdentity.idOf(socket.getSession().getPeerCertificates()[0].getPublicKey());
    return new JdkConnection(socket, id, address);
  }

  private static SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(null, new TrustManager[] {new AnyNode()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS 1.3", e);
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // nothing was open
    }
  }

  private int millis(Deadline deadline) {
    long left = deadline.remaining(clock).toMillis();
    if (left == 0) {
      throw new GarageException.TimedOut("no time to connect");
    }
    return (int) Math.min(left, Integer.MAX_VALUE);
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

  /** Accepts whoever it is: TLS proves the key, and the caller compares its id. */
  private static final class AnyNode implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      throw new IllegalStateException("a command line accepts no connections");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      NodeIdentity.idOf(chain[0].getPublicKey());
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
