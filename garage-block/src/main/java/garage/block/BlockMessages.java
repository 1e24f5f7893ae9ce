package garage.block;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.rpc.Endpoint;
import java.util.List;

/** What nodes say to each other about blocks. */
final class BlockMessages {
  /** Hashes in one message: 128 KiB. */
  static final int HASHES_MAX = 4096;

  /** Bytes read by one call, so that the answering node needs little memory. */
  static final int READ_BYTES_MAX = 1 << 20;

  static final Endpoint<Put, Done> PUT = new Endpoint<>("block/put", Put.CODEC, Done.CODEC);
  static final Endpoint<Refer, Done> REFER = new Endpoint<>("block/ref", Refer.CODEC, Done.CODEC);
  static final Endpoint<Read, Done> READ = new Endpoint<>("block/read", Read.CODEC, Done.CODEC);

  private BlockMessages() {}

  /** Store the attached plain bytes, with a reference. */
  record Put(Hash hash, Uuid dataId) {
    private static final VersionedCodec<Put> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) -> out.value(v.hash, Codec.HASH).value(v.dataId, Codec.UUID),
                in -> new Put(in.value(Codec.HASH), in.value(Codec.UUID))));
  }

  /** Add references, or take them back. */
  record Refer(boolean add, Uuid dataId, List<Hash> hashes) {
    private static final VersionedCodec<Refer> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) -> out.bool(v.add).value(v.dataId, Codec.UUID).list(v.hashes, Codec.HASH),
                in -> new Refer(in.bool(), in.value(Codec.UUID), in.list(Codec.HASH))));

    Refer {
      hashes = List.copyOf(hashes);
      if (hashes.size() > HASHES_MAX) {
        throw new GarageException.InvalidInput("more than " + HASHES_MAX + " blocks in a message");
      }
    }
  }

  /** Attach the plain bytes {@code [from, to)} to the answer. */
  record Read(Hash hash, int from, int to) {
    private static final VersionedCodec<Read> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, v) -> out.value(v.hash, Codec.HASH).varint(v.from).varint(v.to),
                in -> new Read(in.value(Codec.HASH), in.varint32(), in.varint32())));

    Read {
      if (from < 0 || to <= from || to - from > READ_BYTES_MAX) {
        throw new GarageException.InvalidInput("not a range to read: " + from + " to " + to);
      }
    }
  }

  /** It is done. */
  record Done() {
    private static final VersionedCodec<Done> CODEC =
        VersionedCodec.first(Codec.of((out, v) -> {}, in -> new Done()));
  }
}
