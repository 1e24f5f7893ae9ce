package garage.testkit.env;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.Mailbox;
import garage.common.env.Network;
import garage.common.env.Promise;
import garage.common.env.Tasks;
import garage.common.env.Tasks.Task;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What every {@link Network} does. */
public abstract class NetworkContract {
  private static final Duration LONG = Duration.ofMinutes(1);

  /** More than any implementation may buffer: 32 MiB. */
  private static final int MANY_FRAMES = 512;

  private static final byte[] PATTERN = pattern();

  /** Runs {@code body} as a task, with two nodes that trust each other. */
  protected abstract void run(Consumer<Nodes> body);

  /**
   * Two nodes.
   *
   * @param left proves {@code leftId}
   * @param right proves {@code rightId}
   * @param anonymous a network without identity, on the left node
   * @param bind an address of the right node with port 0
   * @param clock of the left node
   * @param tasks of the left node
   */
  public record Nodes(
      Network left,
      NodeId leftId,
      Network right,
      NodeId rightId,
      Network anonymous,
      Address bind,
      Clock clock,
      Tasks tasks) {
    Deadline soon() {
      return Deadline.after(clock, LONG);
    }
  }

  /** A connection's two ends, and the listener between. */
  private record Pair(Connection near, Connection far, Network.Listener listener)
      implements AutoCloseable {
    static Pair of(Nodes nodes, Network client) {
      Mailbox<Connection> accepted = new Mailbox<>(nodes.clock, 1);
      Network.Listener listener = nodes.right.listen(nodes.bind, accepted::offer);
      Connection near = client.connect(listener.address(), nodes.soon());
      Connection far = accepted.take(nodes.soon());
      return new Pair(near, Objects.requireNonNull(far), listener);
    }

    @Override
    public void close() {
      near.close();
      far.close();
      listener.close();
    }
  }

  private static ByteBuffer frame(int number, int length) {
    return ByteBuffer.wrap(PATTERN, number & 0xff, length).slice();
  }

  private static byte[] pattern() {
    byte[] bytes = new byte[Connection.FRAME_BYTES_MAX + 256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 7 + i / 256);
    }
    return bytes;
  }

  @Test
  void framesArriveWholeAndInOrderBothWays() {
    run(nodes -> {
      try (Pair pair = Pair.of(nodes, nodes.left)) {
        int[] lengths = {0, 1, 2, 1000, Connection.FRAME_BYTES_MAX, 3, 65_535, 0, 7};
        for (int i = 0; i < lengths.length; i++) {
          pair.near.send(frame(i, lengths[i]));
          pair.far.send(frame(i + 100, lengths[i]));
        }
        for (int i = 0; i < lengths.length; i++) {
          assertEquals(frame(i, lengths[i]), pair.far.receive(), "frame " + i);
          assertEquals(frame(i + 100, lengths[i]), pair.near.receive(), "frame " + i);
        }
      }
    });
  }

  @Test
  void frameIsJoinedFromItsPartsWhichAreConsumed() {
    run(nodes -> {
      try (Pair pair = Pair.of(nodes, nodes.left)) {
        ByteBuffer one = ByteBuffer.wrap(new byte[] {9, 1, 2, 9}, 1, 2);
        ByteBuffer two = ByteBuffer.allocateDirect(1).put(0, (byte) 3);
        pair.near.send(one, two);
        assertFalse(one.hasRemaining());
        assertFalse(two.hasRemaining());
        one.put(1, (byte) 77); // consumed: changing it later changes nothing
        assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), pair.far.receive());
      }
    });
  }

  @Test
  void bothEndsKnowWhoTheyAre() {
    run(nodes -> {
      try (Pair pair = Pair.of(nodes, nodes.left)) {
        assertEquals(nodes.leftId, pair.near.localId());
        assertEquals(nodes.rightId, pair.near.remoteId());
        assertEquals(nodes.rightId, pair.far.localId());
        assertEquals(nodes.leftId, pair.far.remoteId());
        assertEquals(pair.listener.address().port(), pair.near.remoteAddress().port());
        assertNotEquals(0, pair.far.remoteAddress().port());
      }
    });
  }

  @Test
  void clientWithoutIdentityKnowsTheServersAndHasNone() {
    run(nodes -> {
      try (Pair pair = Pair.of(nodes, nodes.anonymous)) {
        assertNull(pair.near.localId());
        assertEquals(nodes.rightId, pair.near.remoteId());
        assertNull(pair.far.remoteId());
        pair.near.send(frame(1, 10));
        assertEquals(frame(1, 10), pair.far.receive());
      }
    });
  }

  @Test
  void receiveIsNullOnceTheOtherEndHasClosed() {
    run(nodes -> {
      try (Pair pair = Pair.of(nodes, nodes.left)) {
        pair.near.close();
        assertNull(pair.far.receive());
        assertNull(pair.far.receive());
        assertNull(pair.near.receive());
        assertThrows(GarageException.Unreachable.class, () -> pair.near.send(frame(0, 1)));
        assertThrows(GarageException.Unreachable.class, () -> pair.far.send(frame(0, 1)));
        pair.near.close();
      }
    });
  }

  @Test
  void closingWakesAReceiverOfTheSameEnd() {
    run(nodes -> {
      try (Pair pair = Pair.of(nodes, nodes.left)) {
        Promise<Boolean> ended = new Promise<>(nodes.clock);
        nodes.tasks.start("receiver", () -> ended.complete(pair.near.receive() == null));
        pair.near.close();
        assertTrue(ended.await(nodes.soon()));
      }
    });
  }

  @Test
  void senderWaitsForASlowReceiverAndLosesNothing() {
    run(nodes -> {
      try (Pair pair = Pair.of(nodes, nodes.left)) {
        AtomicInteger sent = new AtomicInteger();
        Task sender =
            nodes.tasks.start(
                "sender",
                () -> {
                  for (int i = 0; i < MANY_FRAMES; i++) {
                    pair.near.send(frame(i, Connection.FRAME_BYTES_MAX));
                    sent.incrementAndGet();
                  }
                });
        nodes.clock.sleep(Duration.ofMillis(100));
        assertTrue(sent.get() < MANY_FRAMES, "32 MiB were buffered");
        for (int i = 0; i < MANY_FRAMES; i++) {
          assertEquals(frame(i, Connection.FRAME_BYTES_MAX), pair.far.receive());
        }
        sender.join();
        assertEquals(MANY_FRAMES, sent.get());
      }
    });
  }

  @Test
  void closingWakesASenderThatWaits() {
    run(nodes -> {
      try (Pair pair = Pair.of(nodes, nodes.left)) {
        Promise<GarageException> failure = new Promise<>(nodes.clock);
        nodes.tasks.start(
            "sender", () -> failure.complete(ClockContract.failureOf(() -> flood(pair.near))));
        nodes.clock.sleep(Duration.ofMillis(20));
        pair.near.close();
        assertInstanceOf(GarageException.Unreachable.class, failure.await(nodes.soon()));
      }
    });
  }

  private static void flood(Connection connection) {
    while (true) {
      connection.send(frame(0, Connection.FRAME_BYTES_MAX));
    }
  }

  @Test
  void cancelledReceiverAndSenderLeaveTheConnectionOpen() {
    run(nodes -> {
      try (Pair pair = Pair.of(nodes, nodes.left)) {
        Promise<GarageException> receiving = new Promise<>(nodes.clock);
        Task receiver =
            nodes.tasks.start(
                "receiver", () -> receiving.complete(ClockContract.failureOf(pair.near::receive)));
        receiver.cancel();
        assertInstanceOf(GarageException.Cancelled.class, receiving.await(nodes.soon()));
        pair.far.send(frame(5, 50));
        assertEquals(frame(5, 50), pair.near.receive());
        Promise<GarageException> sending = new Promise<>(nodes.clock);
        Task sender =
            nodes.tasks.start(
                "sender", () -> sending.complete(ClockContract.failureOf(() -> flood(pair.near))));
        nodes.clock.sleep(Duration.ofMillis(20));
        sender.cancel();
        assertInstanceOf(GarageException.Cancelled.class, sending.await(nodes.soon()));
        assertEquals(frame(0, Connection.FRAME_BYTES_MAX), pair.far.receive());
      }
    });
  }

  @Test
  void portWithoutListenerRefuses() {
    run(nodes -> {
      Network.Listener listener = nodes.right.listen(nodes.bind, Connection::close);
      Address address = listener.address();
      listener.close();
      listener.close();
      assertThrows(
          GarageException.Unreachable.class, () -> nodes.left.connect(address, nodes.soon()));
    });
  }

  @Test
  void closedListenerLeavesOpenConnectionsAlone() {
    run(nodes -> {
      try (Pair pair = Pair.of(nodes, nodes.left)) {
        pair.listener.close();
        pair.far.send(frame(1, 10));
        assertEquals(frame(1, 10), pair.near.receive());
      }
    });
  }

  @Test
  void addressIsBoundOnce() {
    run(nodes -> {
      try (Network.Listener first = nodes.right.listen(nodes.bind, Connection::close)) {
        assertNotEquals(0, first.address().port());
        assertThrows(
            GarageException.Unreachable.class,
            () -> nodes.right.listen(first.address(), Connection::close));
      }
    });
  }

  @Test
  void connectionThatKeepsItsTaskBusyHoldsUpNoOther() {
    run(nodes -> {
      Promise<Boolean> release = new Promise<>(nodes.clock);
      AtomicInteger accepted = new AtomicInteger();
      Consumer<Connection> slow =
          connection -> {
            accepted.incrementAndGet();
            release.await(nodes.soon());
            connection.send(frame(1, 1));
          };
      try (Network.Listener listener = nodes.right.listen(nodes.bind, slow);
          Connection one = nodes.left.connect(listener.address(), nodes.soon());
          Connection two = nodes.left.connect(listener.address(), nodes.soon())) {
        while (accepted.get() < 2) {
          nodes.clock.sleep(Duration.ofMillis(1));
        }
        release.complete(true);
        assertNotNull(one.receive());
        assertNotNull(two.receive());
      }
    });
  }

  @Test
  void literalAddressStandsForItselfAndAnUnknownNameForNothing() {
    run(nodes -> {
      Address v4 = new Address("192.0.2.7", 3901);
      Address v6 = new Address("2001:db8::7", 3901);
      assertEquals(List.of(v4), nodes.left.resolve(v4));
      assertEquals(1, nodes.left.resolve(v6).size());
      assertEquals(List.of(), nodes.left.resolve(new Address("no-such-host.invalid", 1)));
      assertFalse(nodes.left.resolve(new Address("localhost", 1)).isEmpty());
    });
  }
}
