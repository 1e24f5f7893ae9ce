package garage.table.sync;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.time.Timestamp;
import java.util.ArrayList;
import java.util.List;

/** What a replica answers to a {@link SyncMessage}. */
sealed interface SyncReply {
  VersionedCodec<SyncReply> CODEC =
      VersionedCodec.first(Codec.of(SyncReply::write, SyncReply::read));

  Codec<MerkleIndex.Leaf> LEAF =
      Codec.of(
          (out, leaf) -> out.bytes(leaf.rowKey()).i64(leaf.digest()),
          in -> new MerkleIndex.Leaf(in.bytes(), in.i64()));

  /** The roots, in the order they were asked for. */
  record Roots(List<Hash> roots) implements SyncReply {
    public Roots {
      roots = List.copyOf(roots);
    }
  }

  /** The sums, slot by slot. */
  record Sums(Timestamp floor, long[] sums) implements SyncReply {}

  /**
   * Leaves in the order of slots and keys.
   *
   * @param complete whether these are all; otherwise more follow behind the last
   */
  record Leaves(List<MerkleIndex.Leaf> leaves, boolean complete) implements SyncReply {
    public Leaves {
      leaves = List.copyOf(leaves);
    }
  }

  /**
   * Rows; those asked for and not among them did not fit, or are gone. {@code at} precedes them.
   */
  record Rows(Timestamp at, List<RowCopy> rows) implements SyncReply {
    public Rows {
      rows = List.copyOf(rows);
    }
  }

  /** The keys of the rows that were not taken. */
  record Refused(List<byte[]> keys) implements SyncReply {
    public Refused {
      keys = List.copyOf(keys);
    }
  }

  /** Yes or no. */
  record Settled(boolean yes) implements SyncReply {}

  private static void write(Writer out, SyncReply reply) {
    switch (reply) {
      case Roots(List<Hash> roots) -> out.u8(1).list(roots, Codec.HASH);
      case Sums(Timestamp floor, long[] sums) -> {
        out.u8(2).value(floor, Timestamp.CODEC).varint(sums.length);
        for (long sum : sums) {
          out.i64(sum);
        }
      }
      case Leaves(List<MerkleIndex.Leaf> leaves, boolean complete) ->
          out.u8(3).list(leaves, LEAF).bool(complete);
      case Rows(Timestamp at, List<RowCopy> rows) ->
          out.u8(4).value(at, Timestamp.CODEC).list(rows, RowCopy.CODEC);
      case Refused(List<byte[]> keys) -> out.u8(5).list(keys, Codec.BYTES);
      case Settled(boolean yes) -> out.u8(6).bool(yes);
    }
  }

  private static SyncReply read(Reader in) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new Roots(in.list(Codec.HASH));
      case 2 -> new Sums(in.value(Timestamp.CODEC), sums(in));
      case 3 -> new Leaves(in.list(LEAF), in.bool());
      case 4 -> new Rows(in.value(Timestamp.CODEC), in.list(RowCopy.CODEC));
      case 5 -> new Refused(new ArrayList<>(in.list(Codec.BYTES)));
      case 6 -> new Settled(in.bool());
      default -> throw new GarageException.Corrupt("unknown sync reply " + kind);
    };
  }

  private static long[] sums(Reader in) {
    if (in.varint32() != MerkleIndex.SLOTS) {
      throw new GarageException.Corrupt("sums of another number of slots");
    }
    long[] sums = new long[MerkleIndex.SLOTS];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = in.i64();
    }
    return sums;
  }
}
