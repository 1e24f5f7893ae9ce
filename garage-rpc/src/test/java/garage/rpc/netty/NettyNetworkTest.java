package garage.rpc.netty;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Tasks;
import garage.common.env.system.SystemClock;
import garage.common.env.system.SystemTasks;
import garage.rpc.handshake.NodeIdentity;
import garage.rpc.jdk.JdkNetwork;
import garage.testkit.env.NetworkContract;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;

/** The production networks, over real TLS on loopback, against the contract of the seam. */
final class NettyNetworkTest {
  /** BoringSSL and epoll, where this machine has them. */
  @Nested
  final class NativeEngines extends NetworkContract {
    @Override
    protected void run(Consumer<Nodes> body) {
      runWith(true, body);
    }
  }

  /** The JDK's engine and NIO. */
  @Nested
  final class JdkEngines extends NetworkContract {
    @Override
    protected void run(Consumer<Nodes> body) {
      runWith(false, body);
    }
  }

  private static void runWith(boolean nativeEngines, Consumer<NetworkContract.Nodes> body) {
    Clock clock = new SystemClock();
    Tasks tasks = new SystemTasks();
    NodeIdentity left = NodeIdentity.create();
    NodeIdentity right = NodeIdentity.create();
    try (NettyNetwork leftNetwork = network(left, nativeEngines, clock, tasks);
        NettyNetwork rightNetwork = network(right, nativeEngines, clock, tasks)) {
      body.accept(
          new NetworkContract.Nodes(
              leftNetwork,
              left.id(),
              rightNetwork,
              right.id(),
              new JdkNetwork(clock),
              new Address("127.0.0.1", 0),
              clock,
              tasks));
    }
  }

  private static NettyNetwork network(
      NodeIdentity identity, boolean nativeEngines, Clock clock, Tasks tasks) {
    return new NettyNetwork(identity, new NettySettings(1, nativeEngines, null), clock, tasks);
  }
}
