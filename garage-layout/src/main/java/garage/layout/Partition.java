package garage.layout;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import java.util.List;
import java.util.stream.IntStream;

/** One of the {@value #COUNT} parts of the hash space; its rows and blocks live on one node set. */
public record Partition(int number) implements Comparable<Partition> {
  /** The number of partitions: one per value of the first byte of a hash. */
  public static final int COUNT = 256;

  /** One byte. */
  public static final Codec<Partition> CODEC =
      Codec.of((out, partition) -> out.u8(partition.number), in -> new Partition(in.u8()));

  private static final List<Partition> ALL =
      IntStream.range(0, COUNT).mapToObj(Partition::new).toList();

  public Partition {
    Invariant.check(number >= 0 && number < COUNT, "not a partition", number);
  }

  /** The partition of what is placed by {@code hash}. */
  public static Partition of(Hash hash) {
    return ALL.get(hash.value().firstByte());
  }

  /** The partition of {@code number}. */
  public static Partition of(int number) {
    if (number < 0 || number >= COUNT) {
      throw new GarageException.InvalidInput(
          "partition " + number + " is not one of 0 to " + (COUNT - 1));
    }
    return ALL.get(number);
  }

  /** Every partition, in order. */
  public static List<Partition> all() {
    return ALL;
  }

  @Override
  public int compareTo(Partition other) {
    return Integer.compare(number, other.number);
  }

  @Override
  public String toString() {
    return Integer.toString(number);
  }
}
