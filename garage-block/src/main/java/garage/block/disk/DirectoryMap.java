package garage.block.disk;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import java.util.List;

/**
 * Which data directories hold which blocks: pure data, persisted. Blocks fall into 1024
 * sub-partitions by their third and fourth byte (the first is the cluster's partition, of which a
 * node has only some); each has one directory where new blocks go and others where older ones may
 * still be.
 *
 * @param directories all known directories
 * @param places one for each sub-partition
 */
record DirectoryMap(List<Entry> directories, List<Place> places) {
  static final int SUB_PARTITIONS = 1024;

  static final VersionedCodec<DirectoryMap> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, v) -> out.list(v.directories, Entry.CODEC).list(v.places, Place.CODEC),
              in -> new DirectoryMap(in.list(Entry.CODEC), in.list(Place.CODEC))));

  DirectoryMap {
    directories = List.copyOf(directories);
    places = List.copyOf(places);
    Invariant.check(places.size() == SUB_PARTITIONS, "one place a sub-partition", places.size());
  }

  /** The sub-partition of a block. */
  static int subPartition(Hash hash) {
    return (int) (hash.value().first() >>> 32) & (SUB_PARTITIONS - 1);
  }

  /** Where a block is or would be. */
  Place place(Hash hash) {
    return places.get(subPartition(hash));
  }

  /**
   * A directory.
   *
   * @param token what its marker file holds
   * @param marked whether the marker file is known to be there
   */
  record Entry(String name, Uuid token, boolean marked) {
    static final Codec<Entry> CODEC =
        Codec.of(
            (out, v) -> out.string(v.name).value(v.token, Codec.UUID).bool(v.marked),
            in -> new Entry(in.string(), in.value(Codec.UUID), in.bool()));

    Entry asMarked() {
      return new Entry(name, token, true);
    }
  }

  /** Indices into the directories: where new blocks go, and where older ones may be. */
  record Place(int primary, List<Integer> secondaries) {
    static final Codec<Place> CODEC =
        Codec.of(
            (out, v) -> out.varint(v.primary).list(v.secondaries, Codec.VARINT32),
            in -> new Place(in.varint32(), in.list(Codec.VARINT32)));

    Place {
      secondaries = List.copyOf(secondaries);
      Invariant.check(!secondaries.contains(primary), "a primary is no secondary", primary);
    }
  }
}
