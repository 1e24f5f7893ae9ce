package garage.rpc.jdk;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.Endpoint;
import garage.rpc.Payload;
import garage.rpc.handshake.ClusterSecret;
import garage.rpc.handshake.Handshake;
import garage.rpc.wire.Message;
import garage.rpc.wire.SingleCall;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A command line's connection to one node; calls go one after another. */
public final class RpcClient implements AutoCloseable {
  /** Times that a node which is there, but too busy to finish its part, is tried. */
  private static final int ATTEMPTS_MAX = 3;

  /** Between two of them. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final JdkConnection connection;
  private final Clock clock;
  private final SingleCall calls;

  private RpcClient(JdkConnection connection, Clock clock) {
    this.connection = connection;
    this.clock = clock;
    this.calls = new SingleCall(connection, clock);
  }

  /**
   * Connects to a node and proves the secret to it. Where a connection is lost or silent before
   * that is done, another is tried; where none can be opened, nobody is there.
   *
   * @param attemptMax how long one connection may take
   * @throws GarageException.Denied if another node is there, or it refuses the secret
   * @throws GarageException.Unreachable or {@link GarageException.TimedOut} if nobody answers
   */
  public static RpcClient connect(
      Target target, Clock clock, RandomSource random, Duration attemptMax) {
    for (int attempt = 1; ; attempt++) {
      try {
        return connectOnce(target, clock, random, Deadline.after(clock, attemptMax));
      } catch (GarageException.Unreachable | GarageException.TimedOut e) {
        if (attempt == ATTEMPTS_MAX || isNobodyThere(e)) {
          throw e;
        }
        clock.sleep(PAUSE);
      }
    }
  }

  private static boolean isNobodyThere(GarageException e) {
    return e.getCause() instanceof ConnectException
        || e.getCause() instanceof NoRouteToHostException
        || e.getCause() instanceof UnknownHostException;
  }

  private static RpcClient connectOnce(
      Target target, Clock clock, RandomSource random, Deadline deadline) {
    JdkConnection connection = new JdkNetwork(clock).connect(target.address, deadline);
    if (target.expected != null && !target.expected.equals(connection.remoteId())) {
      connection.close();
      throw new GarageException.Denied(
          "at %s is node %s, not %s"
              .formatted(target.address, connection.remoteId(), target.expected));
    }
    Handshake.ofCluster(target.secret, clock, random).dial(connection);
    return new RpcClient(connection, clock);
  }

  /**
   * Where to connect to.
   *
   * @param expected null for any node
   */
  public record Target(Address address, @Nullable NodeId expected, ClusterSecret secret) {}

  /** The node at the other end. */
  public NodeId node() {
    return connection.remoteId();
  }

  /** Calls the node; throws what it threw. */
  public <Q, R> R call(Endpoint<Q, R> endpoint, Q request, Deadline deadline) {
    long millis = Math.max(1, deadline.remaining(clock).toMillis());
    connection.receiveTimeMax((int) Math.min(millis, Integer.MAX_VALUE));
    Message message =
        new Message(
            ByteBuffer.wrap(endpoint.request().encode(request)), Payload.of(request).attachment());
    return endpoint.response().decode(calls.call(endpoint.name(), message, deadline).value());
  }

  @Override
  public void close() {
    connection.close();
  }
}
