package garage.block;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.layout.Partition;
import garage.layout.PartitionSet;
import garage.rpc.Endpoint;
import java.util.List;

/** What replicas say to each other to have the same references and the blocks they need. */
final class SyncMessages {
  /** Reference rows in one message: 65 bytes each. */
  static final int ROWS_MAX = 2048;

  private static final int KEY_BYTES_MAX = 64;

  static final Endpoint<Together, Equal> EQUAL =
      new Endpoint<>("block/equal", Together.CODEC, Equal.CODEC);
  static final Endpoint<Compare, Differing> COMPARE =
      new Endpoint<>("block/compare", Compare.CODEC, Differing.CODEC);
  static final Endpoint<Exchange, Exchanged> EXCHANGE =
      new Endpoint<>("block/exchange", Exchange.CODEC, Exchanged.CODEC);
  static final Endpoint<Bury, BlockMessages.Done> BURY =
      new Endpoint<>("block/bury", Bury.CODEC, BlockMessages.Done.CODEC);
  static final Endpoint<Confirm, Confirmed> CONFIRM =
      new Endpoint<>("block/confirm", Confirm.CODEC, Confirmed.CODEC);

  private static final Codec<Long> ROOT = Codec.of((out, root) -> out.i64(root), Reader::i64);

  private SyncMessages() {}

  /**
   * Of which of these partitions are our rows the same?
   *
   * @param roots of the sums of each, in the order of the partitions
   */
  record Together(long epoch, PartitionSet partitions, List<Long> roots) {
    private static final VersionedCodec<Together> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) ->
                    out.varint(v.epoch).value(v.partitions, PartitionSet.CODEC).list(v.roots, ROOT),
                in -> new Together(in.varint(), in.value(PartitionSet.CODEC), in.list(ROOT))));

    Together {
      roots = List.copyOf(roots);
      if (roots.size() != partitions.size()) {
        throw new GarageException.InvalidInput("as many roots as partitions are to be compared");
      }
    }
  }

  /** Of these. */
  record Equal(PartitionSet partitions) {
    private static final VersionedCodec<Equal> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) -> out.value(v.partitions, PartitionSet.CODEC),
                in -> new Equal(in.value(PartitionSet.CODEC))));
  }

  /** In which buckets of the partition do our rows differ? */
  record Compare(long epoch, Partition partition, byte[] sums) {
    private static final VersionedCodec<Compare> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) -> out.varint(v.epoch).value(v.partition, Partition.CODEC).bytes(v.sums),
                in -> new Compare(in.varint(), in.value(Partition.CODEC), in.bytes())));
  }

  /** In these. */
  record Differing(List<Integer> buckets) {
    private static final VersionedCodec<Differing> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) -> out.list(v.buckets, Codec.VARINT32),
                in -> new Differing(in.list(Codec.VARINT32))));

    Differing {
      buckets = List.copyOf(buckets);
      for (int bucket : buckets) {
        if (bucket < 0 || bucket >= ReferenceSums.BUCKETS) {
          throw new GarageException.Corrupt("no bucket " + bucket);
        }
      }
    }
  }

  /**
   * Learn these rows, and send those of yours that say more.
   *
   * @param after exclusive
   * @param to inclusive
   * @param rows all rows of the sender between the two
   */
  record Exchange(long epoch, byte[] after, byte[] to, List<ReferenceRow> rows) {
    private static final VersionedCodec<Exchange> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) ->
                    out.varint(v.epoch).bytes(v.after).bytes(v.to).list(v.rows, ReferenceRow.CODEC),
                in ->
                    new Exchange(
                        in.varint(), in.bytes(), in.bytes(), in.list(ReferenceRow.CODEC))));

    Exchange {
      rows = List.copyOf(rows);
      checkCount(rows);
      if (after.length > KEY_BYTES_MAX || to.length > KEY_BYTES_MAX) {
        throw new GarageException.InvalidInput("the key of a reference has 64 bytes");
      }
    }
  }

  /** Learnt; up to {@code reached}, inclusive, these rows say more. */
  record Exchanged(byte[] reached, List<ReferenceRow> rows) {
    private static final VersionedCodec<Exchanged> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) -> out.bytes(v.reached).list(v.rows, ReferenceRow.CODEC),
                in -> new Exchanged(in.bytes(), in.list(ReferenceRow.CODEC))));

    Exchanged {
      rows = List.copyOf(rows);
      checkCount(rows);
    }
  }

  /** Know that these references are released; or, once all replicas do, forget them. */
  record Bury(long epoch, boolean forget, List<ReferenceRow> rows) {
    private static final VersionedCodec<Bury> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) -> out.varint(v.epoch).bool(v.forget).list(v.rows, ReferenceRow.CODEC),
                in -> new Bury(in.varint(), in.bool(), in.list(ReferenceRow.CODEC))));

    Bury {
      rows = List.copyOf(rows);
      checkCount(rows);
    }
  }

  /** May I, who has left the partition, give up these blocks? */
  record Confirm(long epoch, Partition partition, List<Hash> hashes) {
    private static final VersionedCodec<Confirm> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) ->
                    out.varint(v.epoch)
                        .value(v.partition, Partition.CODEC)
                        .list(v.hashes, Codec.HASH),
                in -> new Confirm(in.varint(), in.value(Partition.CODEC), in.list(Codec.HASH))));

    Confirm {
      hashes = List.copyOf(hashes);
      BlockMessages.checkCount(hashes.size());
    }
  }

  /**
   * Whether the answering node has found its references equal to all other replicas', and which of
   * the blocks it needs and does not have.
   */
  record Confirmed(boolean settled, List<Hash> lacking) {
    private static final VersionedCodec<Confirmed> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) -> out.bool(v.settled).list(v.lacking, Codec.HASH),
                in -> new Confirmed(in.bool(), in.list(Codec.HASH))));

    Confirmed {
      lacking = List.copyOf(lacking);
    }
  }

  private static void checkCount(List<ReferenceRow> rows) {
    if (rows.size() > ROWS_MAX) {
      throw new GarageException.InvalidInput("more than " + ROWS_MAX + " references in a message");
    }
  }
}
