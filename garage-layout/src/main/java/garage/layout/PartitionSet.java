package garage.layout;

import garage.common.codec.Codec;
import java.util.List;
import java.util.function.Predicate;

/** Some of the partitions: four words of 64 bits, partition 0 the lowest bit of the first. */
public record PartitionSet(long first, long second, long third, long fourth) {
  /** None of them. */
  public static final PartitionSet NONE = new PartitionSet(0, 0, 0, 0);

  /** 32 bytes. */
  public static final Codec<PartitionSet> CODEC =
      Codec.of(
          (out, set) -> out.i64(set.first).i64(set.second).i64(set.third).i64(set.fourth),
          in -> new PartitionSet(in.i64(), in.i64(), in.i64(), in.i64()));

  /** Those that satisfy {@code which}. */
  public static PartitionSet of(Predicate<Partition> which) {
    long[] words = new long[4];
    for (Partition partition : Partition.all()) {
      if (which.test(partition)) {
        words[partition.number() >>> 6] |= 1L << (partition.number() & 63);
      }
    }
    return new PartitionSet(words[0], words[1], words[2], words[3]);
  }

  /** Whether {@code partition} is one of them. */
  public boolean contains(Partition partition) {
    long word =
        switch (partition.number() >>> 6) {
          case 0 -> first;
          case 1 -> second;
          case 2 -> third;
          default -> fourth;
        };
    return (word >>> (partition.number() & 63) & 1) == 1;
  }

  /** They themselves, in ascending order. */
  public List<Partition> all() {
    return Partition.all().stream().filter(this::contains).toList();
  }

  /** How many they are. */
  public int size() {
    return Long.bitCount(first)
        + Long.bitCount(second)
        + Long.bitCount(third)
        + Long.bitCount(fourth);
  }

  /** Those in both. */
  public PartitionSet and(PartitionSet other) {
    return new PartitionSet(
        first & other.first, second & other.second, third & other.third, fourth & other.fourth);
  }
}
