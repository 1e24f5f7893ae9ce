package garage.layout;

import garage.common.codec.Codec;
import garage.common.error.GarageException;

/** How many nodes keep each partition, and how many of them make a quorum. */
public record ReplicationFactor(int copies) implements Comparable<ReplicationFactor> {
  /** More copies only cost: nine survive the loss of any four nodes. */
  public static final int COPIES_MAX = 9;

  public static final Codec<ReplicationFactor> CODEC =
      Codec.of((out, factor) -> out.u8(factor.copies), in -> new ReplicationFactor(in.u8()));

  /**
   * @throws GarageException.InvalidInput with a message for the user
   */
  public ReplicationFactor {
    if (copies < 1 || copies > COPIES_MAX) {
      throw new GarageException.InvalidInput(
          "the replication factor is between 1 and %d, not %d".formatted(COPIES_MAX, copies));
    }
  }

  /** How many replicas must answer a read. */
  public int readQuorum(ConsistencyMode mode) {
    return switch (mode) {
      case CONSISTENT -> (copies + 1) / 2;
      case DEGRADED, DANGEROUS -> 1;
    };
  }

  /**
   * How many replicas must confirm a write. Together with the consistent read quorum it exceeds the
   * number of copies, so that every read meets every acknowledged write.
   */
  public int writeQuorum(ConsistencyMode mode) {
    return switch (mode) {
      case CONSISTENT, DEGRADED -> copies + 1 - readQuorum(ConsistencyMode.CONSISTENT);
      case DANGEROUS -> 1;
    };
  }

  @Override
  public int compareTo(ReplicationFactor other) {
    return Integer.compare(copies, other.copies);
  }

  @Override
  public String toString() {
    return Integer.toString(copies);
  }
}
