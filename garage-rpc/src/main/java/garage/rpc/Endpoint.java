package garage.rpc;

import garage.common.codec.VersionedCodec;

/**
 * A kind of call: its name on the wire, fixed for ever, and the form of its request and answer.
 *
 * @param <Q> the request
 * @param <R> the answer
 * @param repeatable whether a call that lost its connection may be made again, though the peer may
 *     have carried it out
 */
public record Endpoint<Q, R>(
    String name, VersionedCodec<Q> request, VersionedCodec<R> response, boolean repeatable) {
  /** A call that does no harm if it is carried out twice, as between replicas. */
  public Endpoint(String name, VersionedCodec<Q> request, VersionedCodec<R> response) {
    this(name, request, response, true);
  }

  /** The same, never made again by itself. */
  public Endpoint<Q, R> once() {
    return new Endpoint<>(name, request, response, false);
  }
}
