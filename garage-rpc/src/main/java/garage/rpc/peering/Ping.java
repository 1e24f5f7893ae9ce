package garage.rpc.peering;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.id.Hash;
import garage.rpc.Endpoint;
import java.util.List;

/**
 * Sent every second on a connection.
 *
 * @param host where the sender is reached; empty for where its connections come from
 * @param port the sender's port; 0 if it cannot be dialled
 * @param peers the hash of all that the sender would tell of peers
 * @param seenAt the host that the receiver's connections come from; empty if there are none
 */
record Ping(String host, int port, String hostname, Hash peers, String seenAt) {
  static final Codec<Ping> CODEC =
      Codec.of(
          (out, p) ->
              out.string(p.host)
                  .varint(p.port)
                  .string(p.hostname)
                  .value(p.peers, Codec.HASH)
                  .string(p.seenAt),
          in ->
              new Ping(
                  in.string(),
                  in.varint32() & 0xffff,
                  in.string(),
                  in.value(Codec.HASH),
                  in.string()));

  /** Answered with the other end's own. */
  static final Endpoint<Ping, Ping> ENDPOINT =
      new Endpoint<>("mesh/ping", VersionedCodec.first(CODEC), VersionedCodec.first(CODEC));

  /** The caller's peers against the answering node's. */
  static final Endpoint<List<KnownPeer>, List<KnownPeer>> EXCHANGE =
      new Endpoint<>("mesh/peers", KnownPeer.LIST, KnownPeer.LIST);
}
