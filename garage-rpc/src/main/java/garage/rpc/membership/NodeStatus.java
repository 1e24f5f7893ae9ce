package garage.rpc.membership;

import garage.common.codec.Codec;
import garage.common.env.Disk;
import garage.layout.NodeRole;
import org.jspecify.annotations.Nullable;

/**
 * What a node says of itself every few seconds.
 *
 * @param version of the program
 * @param data the file systems of the data directories together
 * @param metadata the file system of the metadata directory
 * @param wanted the role it would take if the layout has none for it; null if it waits for an
 *     operator to give it one
 */
public record NodeStatus(
    String hostname,
    String version,
    Disk.Space data,
    Disk.Space metadata,
    @Nullable NodeRole wanted) {
  /** Of a node that waits to be given a role. */
  public NodeStatus(String hostname, String version, Disk.Space data, Disk.Space metadata) {
    this(hostname, version, data, metadata, null);
  }

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
                  .value(status.metadata, SPACE)
                  .optional(status.wanted, NodeRole.CODEC),
          in ->
              new NodeStatus(
                  in.string(),
                  in.string(),
                  in.value(SPACE),
                  in.value(SPACE),
                  in.optional(NodeRole.CODEC)));
}
