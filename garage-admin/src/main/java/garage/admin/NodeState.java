package garage.admin;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Disk;

/**
 * What a node says of itself.
 *
 * @param version of the program
 * @param runtime it runs on
 * @param dbEngine of its metadata
 * @param data of the file system with the most room for blocks
 */
public record NodeState(
    String version, String runtime, String dbEngine, Disk.Space data, Disk.Space metadata) {
  private static final Codec<Disk.Space> SPACE =
      Codec.of(
          (out, space) -> out.varint(space.available()).varint(space.total()),
          in -> new Disk.Space(in.varint(), in.varint()));

  static final VersionedCodec<NodeState> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, state) ->
                  out.string(state.version)
                      .string(state.runtime)
                      .string(state.dbEngine)
                      .value(state.data, SPACE)
                      .value(state.metadata, SPACE),
              in ->
                  new NodeState(
                      in.string(), in.string(), in.string(), in.value(SPACE), in.value(SPACE))));
}
