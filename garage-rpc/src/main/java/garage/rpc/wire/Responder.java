package garage.rpc.wire;

import garage.common.env.Clock;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.Tasks;
import garage.common.error.ErrorCode;
import garage.common.error.GarageException;
import garage.rpc.Priority;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The accepting end of a connection: receives requests, has each answered on a task of its own, and
 * sends the answers. Every request gets exactly one end, an answer or a failure, also when it was
 * cancelled.
 *
 * <p>Memory: requests are bounded by the number of calls under way and the credit for long ones
 * (given back when the handler is done). Answers wait for credit of a slow peer, so a handler is
 * started only while the answers waiting, and those expected of the handlers running (each as large
 * as the largest of late), stay below {@link WireLimits#ANSWER_BYTES_MAX}. Each priority has its
 * own account: repair cannot keep a client's request from being handled.
 */
public final class Responder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Responder.class);

  private final Line line;
  private final Dispatcher dispatcher;
  private final Clock clock;
  private final Tasks tasks;
  private final CreditPool pool;
  private final Map<Long, Served> calls = new HashMap<>();
  private final List<Lane> lanes = Frame.PRIORITIES.stream().map(Lane::new).toList();
  private final Allowance allowance = new Allowance(WireLimits.CREDIT_FIRST_BYTES);
  private long lastId;

  /** Takes over an authenticated connection; peers are lent credit out of {@code pool}. */
  public Responder(
      Connection connection, Dispatcher dispatcher, Clock clock, Tasks tasks, CreditPool pool) {
    this.line = new Line(connection, clock, WireLimits.CREDIT_BYTES);
    this.pool = pool;
    this.dispatcher = dispatcher;
    this.clock = clock;
    this.tasks = tasks;
  }

  /** Serves until the connection ends; then handlers still running are cancelled. */
  public void run() {
    CreditPool.Loan loan = line.connection.remoteId() == null ? CreditPool.NO_LOAN : pool.lend();
    line.gate.update(() -> loan.bytes().forEach(this::lend));
    line.startSending(tasks);
    try {
      line.receiveAll(this::handle);
    } finally {
      cancelAll();
      pool.giveBack(loan);
    }
  }

  private void lend(Priority priority, int bytes) {
    allowance.raise(priority, bytes);
    line.queue.addControl(new Frame.Lent(priority, bytes));
  }

  /** The connection. */
  public Connection connection() {
    return line.connection;
  }

  /** When the last frame came in, in nanoseconds of the clock. */
  public long heardNanos() {
    return line.heardNanos();
  }

  /** Ends the connection. */
  @Override
  public void close() {
    line.close();
  }

  private void handle(Frame frame) {
    line.gate.update(() -> {
      switch (frame) {
        case Frame.Call call -> begin(call);
        case Frame.Data data -> add(data);
        case Frame.Cancel cancel -> cancel(cancel.id());
        case Frame.Credit credit -> line.queue.credit(credit.priority(), credit.bytes());
        case Frame.Lent lent -> throw unexpected(lent);
        case Frame.Answer answer -> throw unexpected(answer);
        case Frame.Failed failed -> throw unexpected(failed);
      }
    });
  }

  private static GarageException.Corrupt unexpected(Frame frame) {
    return new GarageException.Corrupt(
        "not for the answering end: " + frame.getClass().getSimpleName());
  }

  private void begin(Frame.Call call) {
    Lane lane = lane(call.priority());
    if (call.id() <= lastId) {
      throw new GarageException.Corrupt("a call's id was used before: " + call.id());
    }
    if (lane.underWay >= WireLimits.callsMax(call.priority())) {
      throw new GarageException.Corrupt("too many calls under way");
    }
    int length = Assembly.length(call.valueBytes(), call.attachmentBytes());
    int credit = allowance.take(call.priority(), length);
    Assembly request = new Assembly(call.valueBytes(), call.attachmentBytes(), call.chunk());
    Deadline deadline = Deadline.after(clock, Duration.ofMillis(call.remainingMillis()));
    Served served = new Served(call, deadline, request, credit);
    lastId = call.id();
    lane.underWay++;
    calls.put(call.id(), served);
    readyIfWhole(served);
  }

  private void add(Frame.Data data) {
    Served served = calls.get(data.id());
    if (served == null || served.state != State.RECEIVING) {
      throw new GarageException.Corrupt("bytes of no request: " + data.id());
    }
    served.request().add(data.chunk());
    readyIfWhole(served);
  }

  private void readyIfWhole(Served served) {
    if (served.request().isComplete()) {
      served.state = State.READY;
      lane(served.priority).ready.add(served);
      dispatch(lane(served.priority));
    }
  }

  private void cancel(long id) {
    if (id > lastId) {
      throw new GarageException.Corrupt("a call is cancelled that was not made: " + id);
    }
    Served served = calls.get(id);
    if (served == null) {
      return; // its end is on the way
    }
    switch (served.state) {
      case RECEIVING, READY -> {
        lane(served.priority).ready.remove(served);
        releaseRequest(served);
        end(served, ErrorCode.CANCELLED, "cancelled by the caller");
      }
      case RUNNING -> served.cancel();
      case ANSWERING -> {
        if (line.queue.withdraw(served) != SendQueue.Withdrawn.ABSENT) {
          lane(served.priority).answerBytes -= served.message().length();
          end(served, ErrorCode.CANCELLED, "cancelled by the caller");
          dispatch(lane(served.priority));
        }
      }
    }
  }

  private void dispatch(Lane lane) {
    while (!lane.ready.isEmpty() && lane.mayStart() && !line.isClosed()) {
      Served served = lane.ready.remove();
      served.state = State.RUNNING;
      lane.running++;
      served.task = tasks.start("rpc " + served.endpoint, () -> serve(served));
    }
  }

  private void serve(Served served) {
    Outcome outcome = new Outcome(null, ErrorCode.INTERNAL, "the handler failed");
    try {
      outcome = outcome(served);
    } finally {
      Outcome last = outcome;
      line.gate.update(() -> finish(served, last));
    }
  }

  private Outcome outcome(Served served) {
    if (served.deadline.expired(clock)) {
      return new Outcome(null, ErrorCode.TIMED_OUT, "the call's time was over before it began");
    }
    try {
      Message request = served.request().message();
      Message answer =
          dispatcher.dispatch(
              served.endpoint, line.connection.remoteId(), request, served.deadline);
      return new Outcome(answer, ErrorCode.INTERNAL, "");
    } catch (GarageException e) {
      if (e instanceof GarageException.Internal) {
        LOG.warn("A call of {} failed", served.endpoint, e);
      }
      return new Outcome(null, e.code(), String.valueOf(e.getMessage()));
    } catch (RuntimeException e) { // the top frame of this call: a bug ends it, and nothing else
      LOG.error("A call of {} failed", served.endpoint, e);
      return new Outcome(null, ErrorCode.INTERNAL, e.toString());
    }
  }

  private void finish(Served served, Outcome outcome) {
    Lane lane = lane(served.priority);
    lane.running--;
    releaseRequest(served);
    Message answer = outcome.answer;
    if (line.isClosed()) {
      return;
    }
    if (answer == null) {
      end(served, outcome.code, outcome.failure);
    } else if (served.cancelled) {
      end(served, ErrorCode.CANCELLED, "cancelled by the caller");
    } else {
      served.answer = answer;
      served.state = State.ANSWERING;
      lane.answered(answer.length());
      line.queue.add(served);
    }
    dispatch(lane);
  }

  private void releaseRequest(Served served) {
    served.request = null;
    if (served.creditBytes > 0) {
      allowance.release(served.priority, served.creditBytes);
      line.queue.returnCredit(served.priority, served.creditBytes);
    }
  }

  private void end(Served served, ErrorCode code, String message) {
    int length = Math.min(message.length(), WireLimits.FAILURE_CHARS_MAX);
    line.queue.addControl(new Frame.Failed(served.id, code, message.substring(0, length)));
    calls.remove(served.id);
    lane(served.priority).underWay--;
  }

  private void cancelAll() {
    List<Served> left = new ArrayList<>();
    line.gate.update(() -> {
      left.addAll(calls.values());
      calls.clear();
    });
    left.forEach(Served::cancel);
  }

  private Lane lane(Priority priority) {
    return lanes.get(Frame.number(priority));
  }

  private record Outcome(@Nullable Message answer, ErrorCode code, String failure) {}

  private enum State {
    RECEIVING,
    READY,
    RUNNING,
    ANSWERING
  }

  /** The calls of one priority. */
  private static final class Lane {
    final Priority priority;
    final ArrayDeque<Served> ready = new ArrayDeque<>();
    int underWay;
    int running;
    long answerBytes;
    long expectedBytes;

    Lane(Priority priority) {
      this.priority = priority;
    }

    boolean mayStart() {
      if (running >= WireLimits.handlersMax(priority)) {
        return false;
      }
      long expected = answerBytes + (running + 1) * expectedBytes;
      return expected <= WireLimits.ANSWER_BYTES_MAX || (running == 0 && answerBytes == 0);
    }

    void answered(int length) {
      answerBytes += length;
      expectedBytes = Math.max(length, expectedBytes - expectedBytes / 64);
    }
  }

  /** A call received. */
  private final class Served implements Outgoing {
    final long id;
    final Priority priority;
    final String endpoint;
    final Deadline deadline;
    final int creditBytes;
    @Nullable Assembly request;
    State state = State.RECEIVING;
    boolean cancelled;
    Tasks.@Nullable Task task;
    @Nullable Message answer;

    Served(Frame.Call call, Deadline deadline, Assembly request, int creditBytes) {
      this.id = call.id();
      this.priority = call.priority();
      this.endpoint = call.endpoint();
      this.deadline = deadline;
      this.request = request;
      this.creditBytes = creditBytes;
    }

    Assembly request() {
      Assembly present = request;
      if (present == null) {
        throw new IllegalStateException("a request is let go of when it has been handled");
      }
      return present;
    }

    void cancel() {
      cancelled = true;
      if (task != null) {
        task.cancel();
      }
    }

    @Override
    public Priority priority() {
      return priority;
    }

    @Override
    public Message message() {
      Message message = answer;
      if (message == null) {
        throw new IllegalStateException("a call is answered before its answer is sent");
      }
      return message;
    }

    @Override
    public Frame open() {
      ByteBuffer value = message().value();
      return new Frame.Answer(
          id, value.remaining(), message().attachment().remaining(), Frame.NO_CHUNK);
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public void sent() {
      Lane lane = lane(priority);
      calls.remove(id);
      lane.underWay--;
      lane.answerBytes -= message().length();
      dispatch(lane);
    }
  }
}
