package garage.rpc.handshake;

import garage.common.env.Clock;
import garage.common.env.Connection;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The proof, in the first frames of a connection, that both ends know the cluster's secret. The
 * connection below has authenticated the keys of both ends (or of the listener alone, for a command
 * line) but admits anybody; this is what keeps strangers out.
 *
 * <p>The dialler proves first, so a stranger who dials learns only that it was refused. A listener
 * that is a stranger learns an HMAC under a key of 32 random bytes, bound to its own identity and
 * nonce: nothing it could use or search. Somebody in the middle has an identity of its own on
 * either side, so the proof it would pass on is for the wrong identities.
 */
public final class Handshake {
  /** Of the handshake and of the frames after it. */
  public static final int PROTOCOL_VERSION = 1;

  /** How long both ends together may take. */
  public static final Duration TIME_MAX = Duration.ofSeconds(8);

  /** What a refused peer may still send before it has read that it is. */
  private static final int FRAMES_AFTER_REFUSAL_MAX = 4;

  private static final String TAG = "garage-java";

  private final ClusterSecret secret;
  private final String tag;
  private final Clock clock;
  private final RandomSource random;

  /** The handshake between nodes of this application. */
  public static Handshake ofCluster(ClusterSecret secret, Clock clock, RandomSource random) {
    return new Handshake(secret, TAG, clock, random);
  }

  /** {@code tag} is what must be equal on both ends beside the version. */
  Handshake(ClusterSecret secret, String tag, Clock clock, RandomSource random) {
    if (tag.length() > HandshakeMessage.TAG_CHARS_MAX) {
      throw new IllegalArgumentException("the tag is too long: " + tag);
    }
    this.secret = secret;
    this.tag = tag;
    this.clock = clock;
    this.random = random;
  }

  /**
   * The dialling end's part. On failure the connection is closed.
   *
   * @throws GarageException.Denied with the reason, if either end refuses the other
   * @throws GarageException.Unreachable if the connection ends, or takes too long
   */
  public void dial(Connection connection) {
    bounded(connection, this::dialSteps);
  }

  /** The accepting end's part; see {@link #dial}. */
  public void accept(Connection connection) {
    bounded(connection, this::acceptSteps);
  }

  private void dialSteps(Connection connection) {
    Bytes32 nonce = Bytes32.of(random.bytes(Bytes32.LENGTH));
    send(connection, new HandshakeMessage.Hello(PROTOCOL_VERSION, tag, nonce));
    HandshakeMessage.Hello hello = hello(connection);
    Transcript transcript =
        new Transcript(
            tag, connection.localId(), identified(connection.remoteId()), nonce, hello.nonce());
    send(connection, new HandshakeMessage.Proof(transcript.proof(secret, Role.DIALLER)));
    if (!transcript.isProof(secret, Role.LISTENER, proof(connection))) {
      throw new GarageException.Denied("the peer does not know this cluster's rpc_secret");
    }
  }

  private void acceptSteps(Connection connection) {
    HandshakeMessage.Hello hello = hello(connection);
    Bytes32 nonce = Bytes32.of(random.bytes(Bytes32.LENGTH));
    send(connection, new HandshakeMessage.Hello(PROTOCOL_VERSION, tag, nonce));
    Transcript transcript =
        new Transcript(
            tag, connection.remoteId(), identified(connection.localId()), hello.nonce(), nonce);
    if (!transcript.isProof(secret, Role.DIALLER, proof(connection))) {
      throw refuse(connection, Refusal.PROOF, "it does not know this cluster's rpc_secret");
    }
    send(connection, new HandshakeMessage.Proof(transcript.proof(secret, Role.LISTENER)));
  }

  private HandshakeMessage.Hello hello(Connection connection) {
    if (!(receive(connection) instanceof HandshakeMessage.Hello hello)) {
      throw new GarageException.Corrupt("the handshake begins with a hello");
    }
    if (hello.version() != PROTOCOL_VERSION) {
      throw refuse(
          connection,
          Refusal.VERSION,
          "it speaks version %d of the protocol, this node version %d"
              .formatted(hello.version(), PROTOCOL_VERSION));
    }
    if (!hello.tag().equals(tag)) {
      throw refuse(
          connection,
          Refusal.CLUSTER,
          "it belongs to '%s', this node to '%s'".formatted(hello.tag(), tag));
    }
    return hello;
  }

  private static Bytes32 proof(Connection connection) {
    if (!(receive(connection) instanceof HandshakeMessage.Proof proof)) {
      throw new GarageException.Corrupt("a hello is followed by a proof");
    }
    return proof.mac();
  }

  private static HandshakeMessage receive(Connection connection) {
    ByteBuffer frame = connection.receive();
    if (frame == null) {
      throw new GarageException.Unreachable("the connection ended during the handshake");
    }
    HandshakeMessage message = HandshakeMessage.parse(frame, PROTOCOL_VERSION);
    if (message instanceof HandshakeMessage.Refused refused) {
      throw new GarageException.Denied(refused.refusal().reason());
    }
    return message;
  }

  private static void send(Connection connection, HandshakeMessage message) {
    connection.send(message.encode());
  }

  private static GarageException refuse(Connection connection, Refusal refusal, String detail) {
    send(connection, new HandshakeMessage.Refused(refusal));
    // A close may overtake what was sent: the peer closes once it has read the refusal.
    for (int i = 0; i < FRAMES_AFTER_REFUSAL_MAX && connection.receive() != null; i++) {}
    return new GarageException.Denied("refused: " + detail);
  }

  private static NodeId identified(@Nullable NodeId id) {
    if (id == null) {
      throw new GarageException.Denied("the accepting end has no identity");
    }
    return id;
  }

  private void bounded(Connection connection, Steps steps) {
    Clock.Timer timer = clock.schedule(TIME_MAX, connection::close);
    boolean done = false;
    try {
      steps.run(connection);
      done = true;
    } finally {
      timer.cancel();
      if (!done) {
        connection.close();
      }
    }
  }

  private interface Steps {
    void run(Connection connection);
  }
}
