package garage.block;

import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import java.util.Comparator;

/** That some data needs a block. */
record BlockReference(Hash hash, Uuid dataId) implements Comparable<BlockReference> {
  private static final Comparator<BlockReference> ORDER =
      Comparator.comparing(BlockReference::hash).thenComparing(BlockReference::dataId);

  /** The key of its row. */
  byte[] key() {
    return new Writer(64).bytes32(hash.value()).bytes32(dataId.value()).toBytes();
  }

  static BlockReference ofKey(byte[] key) {
    Reader in = new Reader(key);
    BlockReference reference = new BlockReference(new Hash(in.bytes32()), new Uuid(in.bytes32()));
    in.end();
    return reference;
  }

  @Override
  public int compareTo(BlockReference other) {
    return ORDER.compare(this, other);
  }
}
