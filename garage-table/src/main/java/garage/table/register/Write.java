package garage.table.register;

import garage.common.time.Timestamp;
import java.nio.ByteBuffer;

/**
 * What a writer asks replicas to hold, and by which id it is known.
 *
 * @param guarded whether closed doors keep it out, as they do what its success is told for
 */
record Write<V>(byte[] key, Timestamp id, V version, ByteBuffer body, boolean guarded) {
  RegisterMessage<V> prepare(long epoch, Timestamp ballot) {
    return new RegisterMessage.Prepare<>(epoch, key, ballot, id, guarded);
  }

  RegisterMessage<V> accept(long epoch, Timestamp ballot) {
    return new RegisterMessage.Accept<>(epoch, key, ballot, id, version, guarded);
  }

  Write<V> of(V other) {
    return new Write<>(key, id, other, body, guarded);
  }

  /** The same, of which nobody knows yet. */
  Write<V> begunAt(Timestamp ballot) {
    return new Write<>(key, ballot, version, body, guarded);
  }
}
