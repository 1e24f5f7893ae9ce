package garage.table.sync;

import garage.common.codec.Codec;

/**
 * A row on its way from one replica to another; its table alone reads it.
 *
 * @param key where it lies in the store
 * @param state what it holds
 * @param body the bytes beside it; empty if there are none
 */
public record RowCopy(byte[] key, byte[] state, byte[] body) {
  static final Codec<RowCopy> CODEC =
      Codec.of(
          (out, r) -> out.bytes(r.key).bytes(r.state).bytes(r.body),
          in -> new RowCopy(in.bytes(), in.bytes(), in.bytes()));

  /** What it adds to a message. */
  public int bytes() {
    return key.length + state.length + body.length;
  }
}
