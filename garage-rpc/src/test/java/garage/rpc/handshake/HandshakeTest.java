package garage.rpc.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Address;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.Mailbox;
import garage.common.env.Network;
import garage.common.env.Promise;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The proof of the cluster's secret, and those who have none. */
final class HandshakeTest {
  private static final ClusterSecret SECRET = ClusterSecret.parse("a1".repeat(32));
  private static final ClusterSecret OTHER = ClusterSecret.parse("a2".repeat(32));
  private static final String ACCEPTED = "accepted";

  private static Handshake handshake(SimNode node, ClusterSecret secret, String tag) {
    return new Handshake(secret, tag, node.clock(), node.random());
  }

  private static Handshake handshake(SimNode node, ClusterSecret secret) {
    return handshake(node, secret, "test");
  }

  private static String outcome(Runnable handshake) {
    try {
      handshake.run();
      return ACCEPTED;
    } catch (GarageException e) {
      return e.code() + ": " + e.getMessage();
    }
  }

  /** Listens at a node, runs its side of the handshake, and tells the outcome. */
  private static Promise<String> listen(SimNode node, Handshake handshake) {
    Promise<String> result = new Promise<>(node.clock());
    node.network()
        .listen(
            new Address("0.0.0.0", 3901),
            connection -> result.complete(outcome(() -> handshake.accept(connection))));
    return result;
  }

  private static Connection connect(SimNode from, Network network, SimNode to) {
    return network.connect(to.address(3901), soon(from));
  }

  private static Deadline soon(SimNode node) {
    return Deadline.after(node.clock(), Duration.ofMinutes(1));
  }

  private record Outcomes(String dialler, String listener) {}

  private static Outcomes run(Handshake[] both, SimNode a, SimNode b, Network network) {
    Promise<String> listener = listen(b, both[1]);
    Connection connection = connect(a, network, b);
    String dialler = outcome(() -> both[0].dial(connection));
    return new Outcomes(dialler, listener.await(soon(b)));
  }

  @Test
  void bothEndsAcceptWhoKnowsTheSecret() {
    Simulation.run(
        1,
        world -> {
          SimNode a = world.node("a");
          SimNode b = world.node("b");
          Handshake[] both = {handshake(a, SECRET), handshake(b, SECRET)};
          assertEquals(new Outcomes(ACCEPTED, ACCEPTED), run(both, a, b, a.network()));
        });
  }

  @Test
  void commandLineNeedsNoIdentityButTheSecret() {
    Simulation.run(
        2,
        world -> {
          SimNode a = world.node("a");
          SimNode b = world.node("b");
          Handshake[] both = {handshake(a, SECRET), handshake(b, SECRET)};
          assertEquals(new Outcomes(ACCEPTED, ACCEPTED), run(both, a, b, a.anonymousNetwork()));
        });
    Simulation.run(
        3,
        world -> {
          SimNode a = world.node("a");
          SimNode b = world.node("b");
          Handshake[] both = {handshake(a, OTHER), handshake(b, SECRET)};
          Outcomes outcomes = run(both, a, b, a.anonymousNetwork());
          assertTrue(outcomes.dialler.startsWith("DENIED"), outcomes::toString);
          assertTrue(outcomes.listener.startsWith("DENIED"), outcomes::toString);
        });
  }

  @Test
  void anotherSecretIsRefusedWithAReasonOnBothSides() {
    for (int seed = 0; seed < 20; seed++) {
      Simulation.run(
          seed,
          world -> {
            SimNode a = world.node("a");
            SimNode b = world.node("b");
            Handshake[] both = {handshake(a, OTHER), handshake(b, SECRET)};
            Outcomes outcomes = run(both, a, b, a.network());
            assertTrue(outcomes.dialler.startsWith("DENIED: refused"), outcomes::toString);
            assertTrue(outcomes.listener.contains("rpc_secret"), outcomes::toString);
          });
    }
  }

  @Test
  void anotherApplicationIsRefused() {
    Simulation.run(
        4,
        world -> {
          SimNode a = world.node("a");
          SimNode b = world.node("b");
          Handshake[] both = {handshake(a, SECRET, "other"), handshake(b, SECRET)};
          Outcomes outcomes = run(both, a, b, a.network());
          assertTrue(outcomes.dialler.contains("another application"), outcomes::toString);
          assertTrue(outcomes.listener.contains("'other'"), outcomes::toString);
        });
  }

  @Test
  void anotherVersionIsRefusedBeforeAnythingElseIsRead() {
    Simulation.run(
        5,
        world -> {
          SimNode a = world.node("a");
          SimNode b = world.node("b");
          Promise<String> listener = listen(b, handshake(b, SECRET));
          Connection connection = connect(a, a.network(), b);
          ByteBuffer future = ByteBuffer.allocate(40);
          future.put((byte) 1).putLong(HandshakeMessage.MAGIC).put((byte) 2).rewind();
          connection.send(future);
          ByteBuffer answer = connection.receive();
          assertEquals(new HandshakeMessage.Refused(Refusal.VERSION), parse(answer));
          connection.close();
          assertTrue(listener.await(soon(b)).contains("version 2"));
        });
  }

  private static HandshakeMessage parse(@Nullable ByteBuffer frame) {
    if (frame == null) {
      throw new AssertionError("the connection has ended");
    }
    return HandshakeMessage.parse(frame, Handshake.PROTOCOL_VERSION);
  }

  @Test
  void silentPeerIsGivenUp() {
    Simulation.run(
        6,
        world -> {
          SimNode a = world.node("a");
          SimNode b = world.node("b");
          Promise<String> listener = listen(b, handshake(b, SECRET));
          connect(a, a.network(), b);
          long start = b.clock().nanos();
          assertTrue(listener.await(soon(b)).startsWith("UNREACHABLE"));
          assertTrue(b.clock().nanos() - start < Duration.ofSeconds(9).toNanos());
        });
  }

  @Test
  void strangerThatSendsBackWhatItReceivesIsNotAccepted() {
    Simulation.run(
        7,
        world -> {
          SimNode victim = world.node("victim");
          SimNode mirror = world.node("mirror");
          mirror
              .network()
              .listen(
                  new Address("0.0.0.0", 3901),
                  connection -> {
                    for (ByteBuffer frame = connection.receive();
                        frame != null;
                        frame = connection.receive()) {
                      connection.send(frame);
                    }
                  });
          Connection connection = connect(victim, victim.network(), mirror);
          String outcome = outcome(() -> handshake(victim, SECRET).dial(connection));
          assertTrue(outcome.startsWith("DENIED"), outcome);
        });
  }

  /** Each of the two is told the stranger's identity by TLS, so no proof fits the other side. */
  @Test
  void strangerInTheMiddleThatPassesEverythingOnIsNotAccepted() {
    for (boolean anonymous : new boolean[] {false, true}) {
      Simulation.run(
          8,
          world -> {
            SimNode a = world.node("a");
            SimNode b = world.node("b");
            SimNode middle = world.node("middle");
            Promise<String> listener = listen(b, handshake(b, SECRET));
            middle.network().listen(new Address("0.0.0.0", 3901), near -> relay(middle, near, b));
            Connection connection =
                connect(a, anonymous ? a.anonymousNetwork() : a.network(), middle);
            String dialler = outcome(() -> handshake(a, SECRET).dial(connection));
            assertNotEquals(ACCEPTED, dialler);
            assertTrue(listener.await(soon(b)).startsWith("DENIED"));
          });
    }
  }

  private static void relay(SimNode middle, Connection near, SimNode target) {
    Connection far = connect(middle, middle.network(), target);
    middle.tasks().start("back", () -> copy(far, near));
    copy(near, far);
  }

  private static void copy(Connection from, Connection to) {
    for (ByteBuffer frame = from.receive(); frame != null; frame = from.receive()) {
      to.send(frame);
    }
    to.close();
  }

  /** A proof overheard is bound to both nonces. */
  @Test
  void proofOfAnotherHandshakeIsNotAccepted() {
    Simulation.run(
        9,
        world -> {
          SimNode a = world.node("a");
          SimNode b = world.node("b");
          Mailbox<Connection> accepted = new Mailbox<>(b.clock(), 2);
          b.network().listen(new Address("0.0.0.0", 3901), accepted::offer);
          Connection first = connect(a, a.network(), b);
          a.tasks().start("dial", () -> outcome(() -> handshake(a, SECRET).dial(first)));
          Connection overheard = taken(accepted, b);
          HandshakeMessage hello = parse(overheard.receive());
          overheard.send(new HandshakeMessage.Hello(1, "test", zero()).encode());
          HandshakeMessage proof = parse(overheard.receive());

          Promise<String> result = new Promise<>(b.clock());
          Connection second = connect(a, a.network(), b);
          Connection listening = taken(accepted, b);
          b.tasks()
              .start(
                  "accept",
                  () -> result.complete(outcome(() -> handshake(b, SECRET).accept(listening))));
          second.send(hello.encode());
          second.send(proof.encode());
          assertTrue(parse(second.receive()) instanceof HandshakeMessage.Hello);
          assertEquals(new HandshakeMessage.Refused(Refusal.PROOF), parse(second.receive()));
          second.close();
          assertTrue(result.await(soon(b)).startsWith("DENIED"));
        });
  }

  private static Connection taken(Mailbox<Connection> accepted, SimNode node) {
    Connection connection = accepted.take(soon(node));
    if (connection == null) {
      throw new AssertionError("no connection came");
    }
    return connection;
  }

  private static Bytes32 zero() {
    return new Bytes32(0, 0, 0, 0);
  }

  @Test
  void proofCoversEveryPartOfTheTranscript() {
    NodeId a = new NodeId(new Bytes32(1, 0, 0, 0));
    NodeId b = new NodeId(new Bytes32(2, 0, 0, 0));
    Bytes32 n = new Bytes32(0, 0, 0, 3);
    Bytes32 m = new Bytes32(0, 0, 0, 4);
    Transcript transcript = new Transcript("t", a, b, n, m);
    Bytes32 proof = transcript.proof(SECRET, Role.DIALLER);

    assertTrue(transcript.isProof(SECRET, Role.DIALLER, proof));
    assertFalse(transcript.isProof(SECRET, Role.LISTENER, proof));
    assertFalse(transcript.isProof(OTHER, Role.DIALLER, proof));
    Transcript[] others = {
      new Transcript("u", a, b, n, m),
      new Transcript("t", null, b, n, m),
      new Transcript("t", b, b, n, m),
      new Transcript("t", a, a, n, m),
      new Transcript("t", a, b, m, m),
      new Transcript("t", a, b, n, n),
      new Transcript("t", b, a, m, n),
    };
    for (Transcript other : others) {
      assertFalse(other.isProof(SECRET, Role.DIALLER, proof), other::toString);
    }
  }

  @Test
  void secretIsNeverShown() {
    assertFalse(SECRET.toString().contains("a1a1"));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ClusterSecret.parse("abcxyz"));
    assertFalse(e.toString().contains("abcxyz"));
  }
}
