package garage.rpc.peering;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Address;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import java.util.List;

/**
 * A peer as it is told to others and kept over a restart.
 *
 * @param addresses best first
 * @param lastSeenMillis since the Unix epoch; 0 if never
 */
record KnownPeer(NodeId id, List<Address> addresses, long lastSeenMillis) {
  static final Codec<Address> ADDRESS =
      Codec.of(
          (out, a) -> out.string(a.host()).varint(a.port()),
          in -> {
            try {
              return new Address(in.string(), in.varint32());
            } catch (IllegalArgumentException e) {
              throw new GarageException.Corrupt("not an address", e);
            }
          });

  static final Codec<KnownPeer> CODEC =
      Codec.of(
          (out, peer) ->
              out.value(peer.id, Codec.NODE_ID)
                  .list(peer.addresses, ADDRESS)
                  .varint(peer.lastSeenMillis),
          in -> new KnownPeer(in.value(Codec.NODE_ID), in.list(ADDRESS), in.varint()));

  /** A list of them, in a file or a message. */
  static final VersionedCodec<List<KnownPeer>> LIST =
      VersionedCodec.first(Codec.of((out, l) -> out.list(l, CODEC), in -> in.list(CODEC)));

  KnownPeer {
    addresses =
        List.copyOf(addresses.subList(0, Math.min(addresses.size(), MeshLimits.ADDRESSES_MAX)));
  }

  /** As if it had been seen at {@code millis}, if it was not since. */
  KnownPeer seenSince(long millis) {
    return new KnownPeer(id, addresses, Math.max(lastSeenMillis, millis));
  }
}
