package garage.model.object;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.hash.Digests;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.layout.Partition;
import garage.table.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * A row of a block list: one block of one run of bytes. A row of its own, so that a list of any
 * length costs each block the same.
 *
 * @param dataId the run of bytes
 * @param offset where in it the block begins
 * @param hash the block
 * @param size how many bytes of the run it holds; as stored, it may be longer, if it is encrypted
 * @param deleted whether the run was given back; once true, true for ever
 * @param owner what the run is for, in the row of its first block: so that whoever finds a block,
 *     or a run that seems to be left over, can tell of what it is; else null
 */
public record DataBlock(
    Uuid dataId, long offset, Hash hash, int size, boolean deleted, @Nullable DataOwner owner) {
  private static final VersionedCodec<DataBlock> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, b) ->
                  out.value(b.dataId, Codec.UUID)
                      .varint(b.offset)
                      .value(b.hash, Codec.HASH)
                      .varint(b.size)
                      .bool(b.deleted)
                      .optional(b.owner, DataOwner.FIELDS),
              in ->
                  new DataBlock(
                      in.value(Codec.UUID),
                      in.varint(),
                      in.value(Codec.HASH),
                      in.varint32(),
                      in.bool(),
                      in.optional(DataOwner.FIELDS))));

  /** A block of a run. */
  public static DataBlock of(Uuid dataId, long offset, Hash hash, int size) {
    return new DataBlock(dataId, offset, hash, size, false, null);
  }

  /** Where the block ends. */
  public long end() {
    return offset + size;
  }

  DataBlock asDeleted() {
    return new DataBlock(dataId, offset, hash, size, true, owner);
  }

  DataBlock of(@Nullable DataOwner newOwner) {
    return new DataBlock(dataId, offset, hash, size, deleted, newOwner);
  }

  static byte[] sortKey(long offset) {
    return new Writer(8).i64(offset).toBytes();
  }

  /** The table of all block lists. */
  static final class Schema implements TableSchema<DataBlock> {
    static final String NAME = "block_list";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public VersionedCodec<DataBlock> codec() {
      return CODEC;
    }

    @Override
    public byte[] partitionKey(DataBlock block) {
      return block.dataId.toBytes();
    }

    @Override
    public byte[] sortKey(DataBlock block) {
      return DataBlock.sortKey(block.offset);
    }

    @Override
    public Partition partition(byte[] partitionKey) {
      return Partition.of(Digests.sha256(partitionKey));
    }

    @Override
    public boolean isTombstone(DataBlock block) {
      return block.deleted;
    }

    @Override
    public DataBlock merge(DataBlock one, DataBlock other) {
      return one.deleted ? one : other;
    }
  }
}
