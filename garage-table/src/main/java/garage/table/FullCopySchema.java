package garage.table;

import garage.common.codec.VersionedCodec;
import garage.common.crdt.Crdt;
import garage.layout.Partition;
import java.util.function.Function;

/** A table of which every node has a copy: the partition of its rows means nothing. */
public record FullCopySchema<E extends Crdt<E>>(
    String name,
    VersionedCodec<E> codec,
    Function<E, byte[]> partitionKeyOf,
    Function<E, byte[]> sortKeyOf)
    implements TableSchema<E> {
  @Override
  public byte[] partitionKey(E entry) {
    return partitionKeyOf.apply(entry);
  }

  @Override
  public byte[] sortKey(E entry) {
    return sortKeyOf.apply(entry);
  }

  @Override
  public Partition partition(byte[] partitionKey) {
    return Partition.of(0);
  }

  @Override
  public E merge(E one, E other) {
    return one.merge(other);
  }
}
