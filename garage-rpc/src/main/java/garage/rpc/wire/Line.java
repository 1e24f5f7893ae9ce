package garage.rpc.wire;

import garage.common.env.Clock;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What both ends of a connection share: the lock that guards all state of the connection, the queue
 * of what is to be sent, the task that sends it, and the loop that receives.
 */
final class Line {
  private static final Logger LOG = LoggerFactory.getLogger(Line.class);

  /** Guards the queue and the state of the owner. */
  final Gate gate;

  final SendQueue queue;
  final Connection connection;
  private final Clock clock;
  private boolean closed;
  private volatile long heardNanos;

  /** {@code firstCredit}: what the other end allows from the beginning. */
  Line(Connection connection, Clock clock, int firstCredit) {
    this.queue = new SendQueue(firstCredit);
    this.connection = connection;
    this.clock = clock;
    this.gate = new Gate(clock);
    this.heardNanos = clock.nanos();
  }

  /** When the last frame came in. */
  long heardNanos() {
    return heardNanos;
  }

  /** Whether it is over; asked under the lock. */
  boolean isClosed() {
    return closed;
  }

  /** The other end, as logs name it. */
  String peer() {
    var id = connection.remoteId();
    return (id == null ? "a command line" : id.shortHex()) + " at " + connection.remoteAddress();
  }

  /** Starts the task that sends what is queued. */
  void startSending(Tasks tasks) {
    tasks.start("rpc-send to " + peer(), this::sendAll);
  }

  /** Hands every frame to {@code handler} until the connection ends or one is not acceptable. */
  void receiveAll(Consumer<Frame> handler) {
    try {
      for (ByteBuffer bytes = connection.receive(); bytes != null; bytes = connection.receive()) {
        heardNanos = clock.nanos();
        handler.accept(Frame.parse(bytes));
      }
    } catch (GarageException.Corrupt e) {
      LOG.warn("Closing the connection with {}: {}", peer(), e.getMessage());
    } catch (GarageException.Cancelled e) {
      LOG.debug("Stopped receiving from {}", peer());
    } finally {
      close();
    }
  }

  /** Ends the connection and both loops. */
  void close() {
    gate.update(() -> closed = true);
    connection.close();
  }

  private void sendAll() {
    try {
      for (ByteBuffer[] parts = next(); parts != null; parts = next()) {
        connection.send(parts);
      }
    } catch (GarageException.Unreachable | GarageException.Cancelled e) {
      LOG.debug("Stopped sending to {}: {}", peer(), e.getMessage());
    } finally {
      close();
    }
  }

  private ByteBuffer @Nullable [] next() {
    gate.lock();
    try {
      gate.await(() -> closed || queue.isReady(), Deadline.NEVER);
      return closed ? null : queue.next();
    } finally {
      gate.unlock();
    }
  }
}
