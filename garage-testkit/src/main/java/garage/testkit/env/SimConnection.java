package garage.testkit.env;

import garage.common.env.Address;
import garage.common.env.Connection;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One end of a simulated connection. */
final class SimConnection implements Connection {
  /** How often a close loses what was sent before, as a reset does. */
  private static final double LOSSY_CLOSES = 0.25;

  private final SimNetwork net;
  private final Party local;
  private final Party remote;
  private final Address remoteAddress;
  private final String label;
  private final ArrayDeque<byte[]> inbox = new ArrayDeque<>();
  private final WaitQueue receivers = new WaitQueue();
  private final WaitQueue senders = new WaitQueue();
  private @Nullable SimConnection peer;
  private @Nullable Wire out;

  /** The other end sends nothing more. */
  private boolean ended;

  /** This end is gone. */
  private boolean closed;

  /** A process and the identity it proved. */
  record Party(SimNode node, Incarnation process, @Nullable NodeId id) {}

  SimConnection(SimNetwork net, Party local, Party remote, Address remoteAddress) {
    this.net = net;
    this.local = local;
    this.remote = remote;
    this.remoteAddress = remoteAddress;
    this.label = local.node.name() + " " + remoteAddress + " ";
  }

  /** What the trace calls it. */
  String label() {
    return label;
  }

  void join(SimConnection other) {
    peer = other;
    out = new Wire(net, this, other);
  }

  private SimConnection peer() {
    return Objects.requireNonNull(peer);
  }

  private Wire out() {
    return Objects.requireNonNull(out);
  }

  @Override
  public @Nullable NodeId localId() {
    return local.id;
  }

  @Override
  public @Nullable NodeId remoteId() {
    return remote.id;
  }

  @Override
  public Address remoteAddress() {
    return remoteAddress;
  }

  @Override
  public void send(ByteBuffer... parts) {
    local.process.enter();
    byte[] frame = join(parts);
    Scheduler scheduler = net.scheduler();
    scheduler.await(senders, () -> isOver() || out().hasRoom(frame.length), Scheduler.NEVER);
    local.process.enter();
    if (isOver()) {
      throw new GarageException.Unreachable("the connection to " + remoteAddress + " is closed");
    }
    for (ByteBuffer part : parts) {
      part.position(part.limit());
    }
    net.trace("send", this, frame.length);
    if (net.random().chance(net.faultsBetween(host(), remote.node).resets())) {
      reset();
    } else {
      out().send(frame);
    }
  }

  private static byte[] join(ByteBuffer... parts) {
    int length = 0;
    for (ByteBuffer part : parts) {
      length += part.remaining();
    }
    if (length > FRAME_BYTES_MAX) {
      throw new IllegalArgumentException("a frame of " + length + " bytes");
    }
    ByteBuffer frame = ByteBuffer.allocate(length);
    for (ByteBuffer part : parts) {
      frame.put(part.duplicate());
    }
    return frame.array();
  }

  @Override
  public @Nullable ByteBuffer receive() {
    local.process.enter();
    net.scheduler().await(receivers, () -> !inbox.isEmpty() || isOver(), Scheduler.NEVER);
    local.process.enter();
    byte[] frame = inbox.poll();
    if (frame == null) {
      return null;
    }
    peer().out().taken(frame.length);
    return ByteBuffer.wrap(frame);
  }

  @Override
  public void close() {
    if (!local.process.isDead() && !net.scheduler().isReaping()) {
      leave(net.random().chance(LOSSY_CLOSES));
    }
  }

  /** Ends this end and tells the other one. */
  void leave(boolean losing) {
    if (!closed) {
      net.trace("close", this, 0);
      if (losing) {
        out().clear();
      }
      drop();
      if (ended) {
        net.forget(this);
      } else {
        out().end();
      }
    }
  }

  /** Ends this end as if it had never been: nobody is told. */
  void vanish() {
    out().clear();
    drop();
    net.forget(this);
  }

  /** Ends both ends, as far as the other one can be reached. */
  void reset() {
    net.trace("reset", this, 0);
    vanish();
    answerWithReset();
  }

  /** The kernel has tried for too long to get something across. */
  void giveUp() {
    reset();
  }

  private void drop() {
    closed = true;
    inbox.clear();
    receivers.wakeAll();
    senders.wakeAll();
  }

  /** The other end has been told that this one is gone. */
  void endArrived() {
    net.forget(this);
  }

  /** A frame has come; an end that is gone answers with a reset. */
  void arrived(byte[] frame) {
    if (closed) {
      answerWithReset();
    } else {
      net.trace("arrive", this, frame.length);
      inbox.add(frame);
      receivers.wakeAll();
    }
  }

  /** Nobody sends a reset again that did not get through. */
  private void answerWithReset() {
    if (net.isOpen(host(), remote.node)) {
      long delay = net.delay(net.faultsBetween(host(), remote.node));
      net.scheduler().after(delay, () -> resetArrives());
    }
  }

  private void resetArrives() {
    if (net.isOpen(host(), remote.node)) {
      peer().vanish();
    }
  }

  /** The other end has closed. */
  void ended() {
    net.trace("ended", this, 0);
    ended = true;
    out().clear();
    receivers.wakeAll();
    senders.wakeAll();
  }

  private boolean isOver() {
    return closed || ended;
  }

  void wakeSenders() {
    senders.wakeAll();
  }

  void changed() {
    out().changed();
  }

  SimNode host() {
    return local.node;
  }

  SimNode remoteHost() {
    return remote.node;
  }

  Incarnation process() {
    return local.process;
  }
}
