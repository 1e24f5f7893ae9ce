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
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A command line's connection to one node; calls go one after another. */
public final class RpcClient implements AutoCloseable {
  private final JdkConnection connection;
  private final Clock clock;
  private final SingleCall calls;

  private RpcClient(JdkConnection connection, Clock clock) {
    this.connection = connection;
    this.clock = clock;
    this.calls = new SingleCall(connection, clock);
  }

  /**
   * Connects to a node and proves the secret to it.
   *
   * @param expected who must be there; null for any node of the cluster
   * @throws GarageException.Denied if another node is there, or it refuses the secret
   * @throws GarageException.Unreachable or {@link GarageException.TimedOut} if nobody answers
   */
  public static RpcClient connect(
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
