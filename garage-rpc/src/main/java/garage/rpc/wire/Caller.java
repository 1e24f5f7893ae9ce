package garage.rpc.wire;

import garage.common.env.Clock;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.Promise;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.rpc.Priority;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The dialling end of a connection: sends requests and waits for their answers. Calls may be made
 * by any number of tasks at once.
 *
 * <p>A call that is given up stays known, and counts against the limit of calls under way, until
 * the other end has confirmed its end: so frames that were on their way are never mistaken for
 * errors, and a peer that stops answering cannot be sent ever more.
 */
public final class Caller implements AutoCloseable {
  private final Line line;
  private final Clock clock;
  private final Set<Pending> calls = new LinkedHashSet<>();
  private final Map<Long, Pending> opened = new HashMap<>();
  private final int[] underWay = new int[Frame.PRIORITIES.size()];
  private final Allowance allowance = new Allowance(WireLimits.CREDIT_BYTES);
  private long lastId;

  private Caller(Connection connection, Clock clock) {
    this.line = new Line(connection, clock, WireLimits.CREDIT_FIRST_BYTES);
    this.clock = clock;
  }

  /**
   * Takes over an authenticated connection.
   *
   * @param onEnd run once, when the connection has ended and every call on it has failed
   */
  public static Caller start(
      Connection connection, Clock clock, Tasks tasks, Consumer<Caller> onEnd) {
    Caller caller = new Caller(connection, clock);
    caller.line.startSending(tasks);
    tasks.start(
        "rpc-receive from " + caller.line.peer(),
        () -> {
          try {
            caller.line.receiveAll(caller::handle);
          } finally {
            caller.failAll();
            onEnd.accept(caller);
          }
        });
    return caller;
  }

  /** The connection. */
  public Connection connection() {
    return line.connection;
  }

  /** When the last frame came in, in nanoseconds of the clock. */
  public long heardNanos() {
    return line.heardNanos();
  }

  /** Whether the connection has ended, or is about to. */
  public boolean isEnded() {
    return line.gate.locked(line::isClosed);
  }

  /** Ends the connection; calls under way fail. */
  @Override
  public void close() {
    line.close();
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @throws GarageException what the other end threw, or {@link GarageException.Unreachable} if the
   *     connection ends, {@link GarageException.TimedOut}, {@link GarageException.Cancelled}
   */
  public Message call(String endpoint, Message request, Priority priority, Deadline deadline) {
    Pending pending = new Pending(endpoint, request, priority, deadline);
    add(pending);
    try {
      return pending.promise.await(deadline);
    } catch (GarageException.TimedOut | GarageException.Cancelled e) {
      line.gate.update(() -> abandon(pending));
      throw e;
    }
  }

  private void add(Pending pending) {
    int lane = Frame.number(pending.priority);
    int max = WireLimits.callsMax(pending.priority);
    line.gate.lock();
    try {
      if (!line.gate.await(() -> line.isClosed() || underWay[lane] < max, pending.deadline)) {
        throw new GarageException.TimedOut("too many calls under way to " + line.peer());
      }
      if (line.isClosed()) {
        throw lost();
      }
      underWay[lane]++;
      calls.add(pending);
      line.queue.add(pending);
      line.gate.signal();
    } finally {
      line.gate.unlock();
    }
  }

  private void abandon(Pending pending) {
    if (!calls.contains(pending)) {
      return; // it has ended meanwhile
    }
    if (line.queue.withdraw(pending) == SendQueue.Withdrawn.UNOPENED) {
      forget(pending);
    } else {
      line.queue.addControl(new Frame.Cancel(pending.id));
    }
  }

  private void handle(Frame frame) {
    line.gate.update(() -> {
      switch (frame) {
        case Frame.Answer answer -> begin(answer);
        case Frame.Data data -> pending(data.id()).add(data.chunk());
        case Frame.Failed failed -> fail(failed);
        case Frame.Credit credit -> line.queue.credit(credit.priority(), credit.bytes());
        case Frame.Lent lent -> line.queue.lend(lent.priority(), lent.bytes());
        case Frame.Call call -> throw unexpected(call);
        case Frame.Cancel cancel -> throw unexpected(cancel);
      }
    });
  }

  private static GarageException.Corrupt unexpected(Frame frame) {
    return new GarageException.Corrupt(
        "not for the calling end: " + frame.getClass().getSimpleName());
  }

  private Pending pending(long id) {
    Pending pending = opened.get(id);
    if (pending == null) {
      throw new GarageException.Corrupt("an answer to no call: " + id);
    }
    return pending;
  }

  private void begin(Frame.Answer answer) {
    Pending pending = pending(answer.id());
    if (!pending.sent) {
      throw new GarageException.Corrupt("an answer before the end of its request");
    }
    if (pending.assembly != null) {
      throw new GarageException.Corrupt("a second answer");
    }
    int length = Assembly.length(answer.valueBytes(), answer.attachmentBytes());
    pending.creditBytes = allowance.take(pending.priority, length);
    pending.assembly = new Assembly(answer.valueBytes(), answer.attachmentBytes(), answer.chunk());
    pending.completeIfWhole();
  }

  private void fail(Frame.Failed failed) {
    Pending pending = pending(failed.id());
    if (!pending.sent && line.queue.withdraw(pending) == SendQueue.Withdrawn.OPENED) {
      line.queue.addControl(new Frame.Cancel(pending.id));
    }
    forget(pending);
    pending.promise.fail(GarageException.of(failed.code(), failed.message()));
  }

  private void forget(Pending pending) {
    calls.remove(pending);
    opened.remove(pending.id);
    underWay[Frame.number(pending.priority)]--;
    if (pending.creditBytes > 0) {
      allowance.release(pending.priority, pending.creditBytes);
      line.queue.returnCredit(pending.priority, pending.creditBytes);
    }
  }

  private void failAll() {
    List<Pending> failed = new ArrayList<>();
    line.gate.update(() -> {
      failed.addAll(calls);
      calls.clear();
      opened.clear();
    });
    failed.forEach(pending -> pending.promise.fail(lost()));
  }

  private GarageException lost() {
    return new GarageException.Unreachable("no connection with " + line.peer());
  }

  /** A call under way. */
  private final class Pending implements Outgoing {
    final String endpoint;
    final Message request;
    final Priority priority;
    final Deadline deadline;
    final Promise<Message> promise = new Promise<>(clock);
    long id;
    boolean sent;
    int creditBytes;
    @Nullable Assembly assembly;

    Pending(String endpoint, Message request, Priority priority, Deadline deadline) {
      this.endpoint = endpoint;
      this.request = request;
      this.priority = priority;
      this.deadline = deadline;
    }

    @Override
    public Priority priority() {
      return priority;
    }

    @Override
    public Message message() {
      return request;
    }

    @Override
    public Frame open() {
      id = ++lastId;
      opened.put(id, this);
      long millis = Math.max(1, deadline.remaining(clock).toMillis());
      return new Frame.Call(
          id,
          priority,
          endpoint,
          Math.min(millis, WireLimits.REMAINING_MILLIS_MAX),
          request.value().remaining(),
          request.attachment().remaining(),
          Frame.NO_CHUNK);
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public void sent() {
      sent = true;
    }

    void add(ByteBuffer chunk) {
      if (assembly == null) {
        throw new GarageException.Corrupt("an answer without its beginning");
      }
      assembly.add(chunk);
      completeIfWhole();
    }

    void completeIfWhole() {
      if (assembly != null && assembly.isComplete()) {
        forget(this);
        promise.complete(assembly.message());
      }
    }
  }
}
