package garage.rpc.wire;

import garage.common.env.Clock;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.rpc.Priority;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Calls one after another on a connection of their own, in the calling thread and without tasks:
 * for a command line.
 */
public final class SingleCall {
  private final Connection connection;
  private final Clock clock;
  private final SendQueue queue = new SendQueue(WireLimits.CREDIT_FIRST_BYTES);
  private final Allowance allowance = new Allowance(WireLimits.CREDIT_BYTES);
  private long lastId;

  public SingleCall(Connection connection, Clock clock) {
    this.connection = connection;
    this.clock = clock;
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @throws GarageException what the other end threw, or {@link GarageException.Unreachable}
   */
  public Message call(String endpoint, Message request, Deadline deadline) {
    queue.add(new Request(endpoint, request, deadline));
    flush();
    Assembly answer = null;
    int taken = 0;
    while (answer == null || !answer.isComplete()) {
      switch (receive()) {
        case Frame.Answer begun -> {
          int length = Assembly.length(begun.valueBytes(), begun.attachmentBytes());
          taken = allowance.take(Priority.CLIENT, length);
          answer = new Assembly(begun.valueBytes(), begun.attachmentBytes(), begun.chunk());
        }
        case Frame.Data data -> begun(answer).add(data.chunk());
        case Frame.Failed failed -> throw GarageException.of(failed.code(), failed.message());
        case Frame.Credit credit -> queue.credit(credit.priority(), credit.bytes());
        case Frame.Lent lent -> queue.lend(lent.priority(), lent.bytes());
        case Frame.Call call -> throw unexpected(call);
        case Frame.Cancel cancel -> throw unexpected(cancel);
      }
    }
    giveBack(taken);
    return answer.message();
  }

  private void giveBack(int bytes) {
    if (bytes > 0) {
      allowance.release(Priority.CLIENT, bytes);
      queue.returnCredit(Priority.CLIENT, bytes);
      flush();
    }
  }

  private void flush() {
    for (ByteBuffer[] parts = queue.next(); parts != null; parts = queue.next()) {
      connection.send(parts);
    }
  }

  private Frame receive() {
    ByteBuffer frame = connection.receive();
    if (frame == null) {
      throw new GarageException.Unreachable("the node closed the connection");
    }
    return Frame.parse(frame);
  }

  private static Assembly begun(@Nullable Assembly answer) {
    if (answer == null) {
      throw new GarageException.Corrupt("an answer without its beginning");
    }
    return answer;
  }

  private static GarageException unexpected(Frame frame) {
    return new GarageException.Corrupt("not for a caller: " + frame);
  }

  private final class Request implements Outgoing {
    private final String endpoint;
    private final Message message;
    private final Deadline deadline;

    Request(String endpoint, Message message, Deadline deadline) {
      this.endpoint = endpoint;
      this.message = message;
      this.deadline = deadline;
    }

    @Override
    public Priority priority() {
      return Priority.CLIENT;
    }

    @Override
    public Message message() {
      return message;
    }

    @Override
    public Frame open() {
      lastId++;
      long millis = Math.max(1, deadline.remaining(clock).toMillis());
      return new Frame.Call(
          lastId,
          Priority.CLIENT,
          endpoint,
          Math.min(millis, WireLimits.REMAINING_MILLIS_MAX),
          message.value().remaining(),
          message.attachment().remaining(),
          Frame.NO_CHUNK);
    }

    @Override
    public long id() {
      return lastId;
    }

    @Override
    public void sent() {}
  }
}
