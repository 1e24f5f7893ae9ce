package garage.rpc.peering;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.Network;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.handshake.Handshake;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Opens connections that both ends have proved the secret on. */
final class Dialler {
  private final Network network;
  private final Handshake handshake;
  private final Clock clock;

  Dialler(Network network, Handshake handshake, Clock clock) {
    this.network = network;
    this.handshake = handshake;
    this.clock = clock;
  }

  /**
   * Dials an address.
   *
   * @param expected who must answer; null for any node
   * @throws GarageException.Denied if it is another node, or either refuses the other
   * @throws GarageException.Unreachable or {@link GarageException.TimedOut} if nobody answers
   */
  Connection dial(Address address, @Nullable NodeId expected, Deadline deadline) {
    Deadline limit = deadline.earlier(Deadline.after(clock, MeshLimits.DIAL_TIME_MAX));
    Connection connection = network.connect(address, limit);
    NodeId found = connection.remoteId();
    if (expected != null && !expected.equals(found)) {
      connection.close();
      throw new GarageException.Denied("there is node %s, not %s".formatted(found, expected));
    }
    handshake.dial(connection);
    return connection;
  }

  /** The wait after {@code attempts} rounds in vain, of which up to a half is left to chance. */
  static Duration backoff(int attempts, int permille) {
    long longest =
        Math.min(
            MeshLimits.BACKOFF_MAX.toMillis(),
            MeshLimits.BACKOFF_MIN.toMillis() << Math.min(attempts, 16));
    return Duration.ofMillis(longest / 2 + longest * permille / 2000);
  }
}
