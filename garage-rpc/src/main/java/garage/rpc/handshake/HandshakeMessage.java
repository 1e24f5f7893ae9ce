package garage.rpc.handshake;

import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import java.nio.ByteBuffer;

/**
 * The messages of the handshake, each one frame: dialler's {@link Hello}, listener's {@link Hello}
 * or {@link Refused}, dialler's {@link Proof}, listener's {@link Proof} or {@link Refused}. The
 * first ten bytes of a hello never change, so that any two versions understand each other's no.
 */
sealed interface HandshakeMessage {
  /** The first bytes of a hello: {@code GARAGRPC}. */
  long MAGIC = 0x4741524147525043L;

  /** The longest application and cluster tag, in characters. */
  int TAG_CHARS_MAX = 128;

  int HELLO = 1;
  int PROOF = 2;
  int REFUSED = 3;

  /** Opens the handshake. */
  record Hello(int version, String tag, Bytes32 nonce) implements HandshakeMessage {}

  /** Shows knowledge of the secret. */
  record Proof(Bytes32 mac) implements HandshakeMessage {}

  /** Ends the handshake. */
  record Refused(Refusal refusal) implements HandshakeMessage {}

  /** The message as a frame. */
  default ByteBuffer encode() {
    Writer out = new Writer(256);
    switch (this) {
      case Hello hello ->
          out.u8(HELLO).i64(MAGIC).u8(hello.version).string(hello.tag).bytes32(hello.nonce);
      case Proof proof -> out.u8(PROOF).bytes32(proof.mac);
      case Refused refused -> out.u8(REFUSED).u8(refused.refusal.number());
    }
    return ByteBuffer.wrap(out.toBytes());
  }

  /**
   * Reads a frame. Of a hello of another version only the version is read.
   *
   * @throws GarageException.Corrupt if it is none of the messages
   */
  static HandshakeMessage parse(ByteBuffer frame, int version) {
    Reader in = new Reader(frame);
    int type = in.u8();
    HandshakeMessage message =
        switch (type) {
          case HELLO -> hello(in, version);
          case PROOF -> new Proof(in.bytes32());
          case REFUSED -> new Refused(refusal(in.u8()));
          default -> throw new GarageException.Corrupt("not a message of the handshake: " + type);
        };
    if (!(message instanceof Hello hello) || hello.version == version) {
      in.end();
    }
    return message;
  }

  private static Hello hello(Reader in, int ownVersion) {
    if (in.i64() != MAGIC) {
      throw new GarageException.Corrupt("not a node of this system");
    }
    int version = in.u8();
    if (version != ownVersion) {
      return new Hello(version, "", new Bytes32(0, 0, 0, 0));
    }
    String tag = in.string();
    if (tag.length() > TAG_CHARS_MAX) {
      throw new GarageException.Corrupt("a tag of " + tag.length() + " characters");
    }
    return new Hello(version, tag, in.bytes32());
  }

  private static Refusal refusal(int number) {
    for (Refusal refusal : Refusal.values()) {
      if (refusal.number() == number) {
        return refusal;
      }
    }
    return Refusal.PROOF;
  }
}
