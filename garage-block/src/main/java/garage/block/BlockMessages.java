package garage.block;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.rpc.Endpoint;
import java.util.List;

/** What nodes say to each other about blocks; each request begins with its sender's epoch. */
final class BlockMessages {
  /** Hashes in one message: 128 KiB. */
  static final int HASHES_MAX = 4096;

  /** Bytes read by one call, so that the answering node needs little memory. */
  static final int READ_BYTES_MAX = 1 << 20;

  static final Endpoint<Put, Done> PUT = new Endpoint<>("block/put", Put.CODEC, Done.CODEC);
  static final Endpoint<Refer, Done> REFER = new Endpoint<>("block/ref", Refer.CODEC, Done.CODEC);
  static final Endpoint<Read, Part> READ = new Endpoint<>("block/read", Read.CODEC, Part.CODEC);

  private BlockMessages() {}

  /** Store the attached plain bytes, with a reference. */
  record Put(long epoch, Hash hash, Uuid dataId) {
    private static final VersionedCodec<Put> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) ->
                    out.varint(v.epoch).value(v.hash, Codec.HASH).value(v.dataId, Codec.UUID),
                in -> new Put(in.varint(), in.value(Codec.HASH), in.value(Codec.UUID))));
  }

  /** Add references, or take them back. */
  record Refer(long epoch, boolean add, Uuid dataId, List<Hash> hashes) {
    private static final VersionedCodec<Refer> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) ->
                    out.varint(v.epoch)
                        .bool(v.add)
                        .value(v.dataId, Codec.UUID)
                        .list(v.hashes, Codec.HASH),
                in ->
                    new Refer(in.varint(), in.bool(), in.value(Codec.UUID), in.list(Codec.HASH))));

    Refer {
      hashes = List.copyOf(hashes);
      checkCount(hashes.size());
    }
  }

  /** Fails if a message names too many blocks. */
  static void checkCount(int hashes) {
    if (hashes > HASHES_MAX) {
      throw new GarageException.InvalidInput("more than " + HASHES_MAX + " blocks in a message");
    }
  }

  /**
   * Attach the plain bytes {@code [from, to)} to the answer.
   *
   * @param clipped whether {@code to} may be beyond the block's end, which the asker does not know
   */
  record Read(long epoch, Hash hash, int from, int to, boolean clipped) {
    private static final VersionedCodec<Read> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) ->
                    out.varint(v.epoch)
                        .value(v.hash, Codec.HASH)
                        .varint(v.from)
                        .varint(v.to)
                        .bool(v.clipped),
                in ->
                    new Read(
                        in.varint(),
                        in.value(Codec.HASH),
                        in.varint32(),
                        in.varint32(),
                        in.bool())));

    Read {
      if (from < 0 || to <= from || to - from > READ_BYTES_MAX) {
        throw new GarageException.InvalidInput("not a range to read: " + from + " to " + to);
      }
    }
  }

  /**
   * The attached bytes are what was asked for.
   *
   * @param plainLength the length of the whole block
   * @param crc the CRC32C of the bytes, computed from memory that was verified
   */
  record Part(int plainLength, int crc) {
    private static final VersionedCodec<Part> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) -> out.varint(v.plainLength).i32(v.crc),
                in -> new Part(in.varint32(), in.i32())));
  }

  /** It is done. */
  record Done() {
    static final VersionedCodec<Done> CODEC =
        VersionedCodec.first(Codec.of((out, v) -> {}, in -> new Done()));
  }
}
