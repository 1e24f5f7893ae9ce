package garage.server.config;

import garage.common.env.Address;
import garage.common.id.ByteSize;
import garage.layout.ConsistencyMode;
import garage.layout.ReplicationFactor;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Everything a node is configured by, checked.
 *
 * @param warnings lines for the log: accepted settings without effect
 */
public record GarageConfig(
    Metadata metadata,
    Data data,
    Replication replication,
    Rpc rpc,
    S3 s3,
    Admin admin,
    List<String> warnings) {
  public GarageConfig {
    warnings = List.copyOf(warnings);
  }

  /**
   * The metadata store.
   *
   * @param fsync whether a batch is synced before it is acknowledged
   */
  public record Metadata(String directory, boolean fsync) {}

  /**
   * Objects' bytes.
   *
   * @param fsync whether a block is synced before it is acknowledged
   * @param inlineThreshold objects up to this size are kept with the metadata
   * @param ramBufferMax memory for blocks on their way to disk, to peers and to clients
   * @param compressionLevel of zstd; empty for none
   */
  public record Data(
      List<DataDirectory> directories,
      boolean fsync,
      ByteSize blockSize,
      ByteSize inlineThreshold,
      ByteSize ramBufferMax,
      OptionalInt compressionLevel) {
    public Data {
      directories = List.copyOf(directories);
    }
  }

  /** How often everything is stored, and what may be given up for it. */
  public record Replication(ReplicationFactor factor, ConsistencyMode consistency) {}

  /**
   * The mesh of nodes.
   *
   * @param publicAddress where peers reach this node; null to tell them the bound port alone
   */
  public record Rpc(
      Address bindAddress,
      @Nullable Address publicAddress,
      Secret secret,
      List<PeerAddress> bootstrapPeers,
      Duration pingTimeout,
      Duration callTimeout) {
    public Rpc {
      bootstrapPeers = List.copyOf(bootstrapPeers);
    }
  }

  /**
   * The S3 front end.
   *
   * @param bindAddress null for a node that serves none
   * @param rootDomain buckets are also found as sub-domains of this one; null for paths alone
   * @param allowPunycode whether bucket names may start with {@code xn--}
   */
  public record S3(
      @Nullable Address bindAddress,
      String region,
      @Nullable String rootDomain,
      boolean allowPunycode) {}

  /** The admin front end; a null token opens nothing. */
  public record Admin(
      @Nullable Address bindAddress,
      @Nullable Secret adminToken,
      @Nullable Secret metricsToken,
      boolean metricsRequireToken) {}
}
