package garage.common.env;

import java.util.List;
import java.util.function.Consumer;

/**
 * Connections between nodes that carry whole frames, in order, encrypted and with both ends' keys
 * authenticated. Knowledge of the cluster's secret is proved above this seam, in frames.
 */
public interface Network {
  /**
   * Accepts connections on {@code address} until the listener is closed; each is given to {@code
   * onConnection} on a task of its own.
   *
   * @throws garage.common.error.GarageException.Unreachable if the address cannot be bound
   */
  Listener listen(Address address, Consumer<Connection> onConnection);

  /**
   * Opens a connection.
   *
   * @throws garage.common.error.GarageException.Unreachable if refused or the handshake failed
   * @throws garage.common.error.GarageException.TimedOut at {@code deadline}
   */
  Connection connect(Address address, Deadline deadline);

  /** All addresses the name stands for now, empty if none; a literal address is its own answer. */
  List<Address> resolve(Address name);

  /** An open port. */
  interface Listener extends AutoCloseable {
    /** The bound address, with the real port where 0 was asked for. */
    Address address();

    /** Stops accepting; open connections stay. */
    @Override
    void close();
  }
}
