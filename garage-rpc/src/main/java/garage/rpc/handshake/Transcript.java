package garage.rpc.handshake;

import garage.common.codec.Writer;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What both ends of one handshake know: who they are, by the keys the connection authenticated, and
 * both fresh nonces. A proof covers all of it and the role of who proves, so it is worth nothing on
 * another connection, to another peer, or sent back.
 *
 * @param dialler null for a command line, which has no identity
 */
record Transcript(
    String tag,
    @Nullable NodeId dialler,
    NodeId listener,
    Bytes32 diallerNonce,
    Bytes32 listenerNonce) {
  private static final byte[] LABEL =
      "garage rpc handshake, proof of the cluster's secret\0".getBytes(StandardCharsets.UTF_8);
  private static final String ALGORITHM = "HmacSHA256";

  /** What {@code role} has to send. */
  Bytes32 proof(ClusterSecret secret, Role role) {
    Writer out = new Writer(256).raw(LABEL).u8(role.number()).string(tag);
    out.bytes32(dialler == null ? new Bytes32(0, 0, 0, 0) : dialler.value());
    out.bytes32(listener.value()).bytes32(diallerNonce).bytes32(listenerNonce);
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.value().toBytes(), ALGORITHM));
      return Bytes32.of(mac.doFinal(out.toBytes()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  /** Whether {@code proof} is what {@code role} has to send; takes the same time for any answer. */
  boolean isProof(ClusterSecret secret, Role role, Bytes32 proof) {
    return MessageDigest.isEqual(proof(secret, role).toBytes(), proof.toBytes());
  }
}
