package garage.table.register;

import garage.common.codec.VersionedCodec;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.layout.Partition;
import garage.table.KeyLocks;
import garage.table.sync.MerkleIndex;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a family of registers holds, and what follows from a change. */
public interface RegisterSchema<V> {
  /** The name of its trees and endpoints, fixed for ever. */
  String name();

  /** The stored and transmitted form of a version. */
  VersionedCodec<V> codec();

  /** A version that says that nothing is there. */
  V tombstone();

  /** Whether {@code version} says so too, as deletions may. */
  default boolean isTombstone(@Nullable V version) {
    return tombstone().equals(version);
  }

  /** Whether {@code version} has a body stored beside the row. */
  boolean hasBody(V version);

  /** The partition of a key. */
  Partition partition(byte[] key);

  /** Whether scans show a key whose version this is; never a tombstone. */
  default boolean isListed(V version) {
    return !isTombstone(version);
  }

  /**
   * Locks what, beside the registers of {@code keys}, a change of them may touch: taken before they
   * are read, and released when the change is durable.
   */
  default KeyLocks.Held guard(List<byte[]> keys) {
    return () -> {};
  }

  /**
   * A change of the current version of a key on one replica.
   *
   * @param before null for nothing
   * @param beforeBallot at which it was accepted
   * @param beforeBody reads its body, if it has one
   * @param afterId the identity of the version that takes its place
   * @param afterBallot at which that was accepted
   */
  record Change<V>(
      byte[] key,
      @Nullable V before,
      Timestamp beforeId,
      Timestamp beforeBallot,
      Supplier<ByteBuffer> beforeBody,
      V after,
      Timestamp afterId,
      Timestamp afterBallot) {}

  /** Adds to {@code batch}, which makes a change, what must follow: counters, and queued work. */
  void onChange(Change<V> change, Batch batch);

  /**
   * Adds to {@code batch}, which drops {@code key} on this replica because it is not kept here any
   * more, what must follow: counters of what this node holds, and nothing that touches what the
   * version refers to.
   */
  default void onDrop(byte[] key, V before, Batch batch) {}

  /** The trees of a family of registers named {@code name}. */
  static Set<String> trees(String name) {
    Set<String> trees = new TreeSet<>(MerkleIndex.trees());
    trees.addAll(
        Set.of(name, bodyTree(name), collectTree(name), floorTree(name), promisedTree(name)));
    return trees;
  }

  /** The tree of the bodies. */
  static String bodyTree(String name) {
    return name + ":body";
  }

  /** The tree of the tombstones to collect. */
  static String collectTree(String name) {
    return name + ":collect";
  }

  /** The tree of the keys promised above their ballot, by partition. */
  static String promisedTree(String name) {
    return name + ":promised";
  }

  /** The tree of the partitions' floors, and of what this node is to them. */
  static String floorTree(String name) {
    return name + ":floor";
  }
}
