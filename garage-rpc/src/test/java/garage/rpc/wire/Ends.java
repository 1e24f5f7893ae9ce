package garage.rpc.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import garage.common.env.Address;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.Mailbox;
import garage.common.error.GarageException;
import garage.rpc.Priority;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A calling node and an answering node with one connection, in a simulation. */
final class Ends {
  final Simulation world;
  final SimNode near;
  final SimNode far;
  final Connection nearConnection;
  final Connection farConnection;

  Ends(Simulation world) {
    this.world = world;
    near = world.node("near");
    far = world.node("far");
    Mailbox<Connection> accepted = new Mailbox<>(world.clock(), 1);
    far.network().listen(new Address("0.0.0.0", 3901), accepted::offer);
    nearConnection = near.network().connect(far.address(3901), soon());
    Connection other = accepted.take(Deadline.after(world.clock(), Duration.ofMinutes(1)));
    if (other == null) {
      throw new AssertionError("no connection");
    }
    farConnection = other;
  }

  /** A real caller on the near end. */
  Caller caller() {
    return Caller.start(nearConnection, near.clock(), near.tasks(), ended -> {});
  }

  /** Serves on the far end. */
  Responder serve(Dispatcher dispatcher) {
    Responder responder =
        new Responder(farConnection, dispatcher, far.clock(), far.tasks(), new CreditPool());
    far.tasks().start("serve", responder::run);
    return responder;
  }

  Deadline soon() {
    return after(Duration.ofMinutes(1));
  }

  Deadline after(Duration duration) {
    return Deadline.after(near.clock(), duration);
  }

  /** A request of this many bytes beside its value. */
  static Message message(String value, int attachmentBytes) {
    byte[] attachment = new byte[attachmentBytes];
    for (int i = 0; i < attachmentBytes; i++) {
      attachment[i] = (byte) (i * 31 + value.length());
    }
    return new Message(ByteBuffer.wrap(value.getBytes(UTF_8)), ByteBuffer.wrap(attachment));
  }

  static String text(Message message) {
    return UTF_8.decode(message.value().duplicate()).toString();
  }

  /** Waits for a call in a task of its own; what it throws is returned. */
  static String outcome(Caller caller, String endpoint, Priority priority, Deadline deadline) {
    try {
      return text(caller.call(endpoint, message("x", 0), priority, deadline));
    } catch (GarageException e) {
      return e.code().name();
    }
  }
}
