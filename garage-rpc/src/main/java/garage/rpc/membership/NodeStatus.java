package garage.rpc.membership;

import garage.common.codec.Codec;
import garage.common.env.Disk;

/**
 * What a node says of itself every few seconds.
 *
 * @param version of the program
 * @param data the file systems of the data directories together
 * @param metadata the file system of the metadata directory
 */
public record NodeStatus(String hostname, String version, Disk.Space data, Disk.Space metadata) {
  private static final Codec<Disk.Space> SPACE =
      Codec.of(
          (out, space) -> out.varint(space.available()).varint(space.total()),
          in -> new Disk.Space(in.varint(), in.varint()));

  static final Codec<NodeStatus> CODEC =
      Codec.of(
          (out, status) ->
              out.string(status.hostname)
                  .string(status.version)
                  .value(status.data, SPACE)
                  .value(status.metadata, SPACE),
          in -> new NodeStatus(in.string(), in.string(), in.value(SPACE), in.value(SPACE)));
}
