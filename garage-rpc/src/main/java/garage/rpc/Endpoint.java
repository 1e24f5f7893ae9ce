package garage.rpc;

import garage.common.codec.VersionedCodec;

/**
 * A kind of call: its name on the wire, fixed for ever, and the form of its request and answer.
 *
 * @param <Q> the request
 * @param <R> the answer
 */
public record Endpoint<Q, R>(String name, VersionedCodec<Q> request, VersionedCodec<R> response) {}
