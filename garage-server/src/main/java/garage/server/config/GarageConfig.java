package garage.server.config;

import garage.block.BlockSettings;
import garage.common.env.Address;
import garage.common.id.ByteSize;
import garage.layout.ConsistencyMode;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.model.acl.ObjectOwnership;
import garage.rpc.handshake.ClusterSecret;
import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.RpcSettings;
import garage.s3api.call.S3Settings;
import garage.server.discovery.DiscoverySettings;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything a node is configured by, checked.
 *
 * @param web null for a node that serves no web sites
 * @param warnings lines for the log: accepted settings without effect
 */
public record GarageConfig(
    Metadata metadata,
    Data data,
    Replication replication,
    Rpc rpc,
    S3 s3,
    @Nullable Web web,
    Lifecycle lifecycle,
    Admin admin,
    List<String> warnings) {
  public GarageConfig {
    warnings = List.copyOf(warnings);
  }

  /** Of a node that serves no web sites, and has days as they are. */
  public GarageConfig(
      Metadata metadata,
      Data data,
      Replication replication,
      Rpc rpc,
      S3 s3,
      Admin admin,
      List<String> warnings) {
    this(metadata, data, replication, rpc, s3, null, Lifecycle.DEFAULT, admin, warnings);
  }

  /** With another mesh. */
  public GarageConfig with(Rpc other) {
    return new GarageConfig(
        metadata, data, replication, other, s3, web, lifecycle, admin, warnings);
  }

  /** With no more memory for blocks than a heap of {@code bytes} has room for. */
  public GarageConfig within(long bytes) {
    Data less =
        new Data(data.locations, data.blocks.within(bytes), data.inlineThreshold, data.scrub);
    return new GarageConfig(metadata, less, replication, rpc, s3, web, lifecycle, admin, warnings);
  }

  /**
   * The metadata store.
   *
   * @param fsync whether a batch is synced before it is acknowledged
   * @param snapshotsDirectory null: in {@code directory}
   * @param autoSnapshotInterval how often one is taken; null: only when it is asked for
   */
  public record Metadata(
      String directory,
      boolean fsync,
      @Nullable String snapshotsDirectory,
      @Nullable Duration autoSnapshotInterval) {
    /** With snapshots only when they are asked for. */
    public Metadata(String directory, boolean fsync) {
      this(directory, fsync, null, null);
    }
  }

  /**
   * Objects' bytes.
   *
   * @param inlineThreshold objects up to this size are kept with the metadata
   * @param scrub whether every block is verified once a month without being asked
   */
  public record Data(
      List<DataLocation> locations, BlockSettings blocks, ByteSize inlineThreshold, boolean scrub) {
    public Data {
      locations = List.copyOf(locations);
    }
  }

  /**
   * How often everything is stored, what may be given up for it, and which part this node takes.
   *
   * @param wanted the role that nodes give this one by themselves; null: an operator does
   */
  public record Replication(
      ReplicationFactor factor, ConsistencyMode consistency, @Nullable WantedRole wanted) {
    /** With roles given by an operator. */
    public Replication(ReplicationFactor factor, ConsistencyMode consistency) {
      this(factor, consistency, null);
    }
  }

  /**
   * A role in a cluster that lays itself out.
   *
   * @param capacity null: the size of the data directories' file systems
   */
  public record WantedRole(Zone zone, @Nullable ByteSize capacity) {}

  /**
   * How nodes reach each other, where that is not told by addresses alone.
   *
   * @param bindOutgoing whether connections leave from the address that is listened on
   * @param publicSubnet where this node's public address is, if it has to be found out; null:
   *     anywhere
   */
  public record Reach(
      boolean bindOutgoing, @Nullable Subnet publicSubnet, DiscoverySettings discovery) {
    static final Reach DEFAULT = new Reach(false, null, DiscoverySettings.NONE);
  }

  /**
   * The mesh of nodes.
   *
   * @param publicAddress where peers reach this node; null: where its connections come from
   * @param suspectAfter silence after which a peer counts as failed
   */
  public record Rpc(
      Address bindAddress,
      @Nullable Address publicAddress,
      ClusterSecret secret,
      List<PeerAddress> bootstrapPeers,
      Duration suspectAfter,
      Reach reach) {
    public Rpc {
      bootstrapPeers = List.copyOf(bootstrapPeers);
    }

    /** Without anything that goes beyond addresses. */
    public Rpc(
        Address bindAddress,
        @Nullable Address publicAddress,
        ClusterSecret secret,
        List<PeerAddress> bootstrapPeers,
        Duration suspectAfter) {
      this(bindAddress, publicAddress, secret, bootstrapPeers, suspectAfter, Reach.DEFAULT);
    }

    /** With the public address that was found out. */
    public Rpc reachedAt(Address address) {
      return new Rpc(bindAddress, address, secret, bootstrapPeers, suspectAfter, reach);
    }

    /** As the mesh takes them, for a machine of this name. */
    public RpcSettings settings(String hostname) {
      return new RpcSettings(
          secret, bindAddress, publicAddress, bootstrapPeers, hostname, suspectAfter);
    }
  }

  /**
   * The S3 front end.
   *
   * @param bindAddress null for a node that serves none
   * @param rootDomain buckets are also found as sub-domains of this one; null for paths alone
   * @param tls null for plain HTTP
   * @param ownership who owns the objects of buckets that do not say it themselves
   * @param partBytesMin what a part of an upload has at least that is not the last; no file sets it
   */
  public record S3(
      @Nullable Address bindAddress,
      String region,
      @Nullable String rootDomain,
      @Nullable Tls tls,
      ObjectOwnership ownership,
      long partBytesMin) {
    /** With parts as AWS has them. */
    public S3(
        @Nullable Address bindAddress,
        String region,
        @Nullable String rootDomain,
        @Nullable Tls tls,
        ObjectOwnership ownership) {
      this(bindAddress, region, rootDomain, tls, ownership, S3Settings.PART_BYTES_MIN);
    }

    /** With objects that belong to their bucket's owner. */
    public S3(
        @Nullable Address bindAddress,
        String region,
        @Nullable String rootDomain,
        @Nullable Tls tls) {
      this(bindAddress, region, rootDomain, tls, ObjectOwnership.BUCKET_OWNER_ENFORCED);
    }
  }

  /**
   * The front end of web sites.
   *
   * @param rootDomain buckets are the sites below it, besides those of their own names
   * @param countsHosts whether metrics tell the sites apart
   * @param tls null for plain HTTP
   */
  public record Web(
      Address bindAddress, String rootDomain, boolean countsHosts, @Nullable Tls tls) {}

  /**
   * When objects expire.
   *
   * @param day what the worker that deletes them takes for a day
   * @param localMidnight whether midnight is the machine's, not that in Greenwich
   */
  public record Lifecycle(Duration day, boolean localMidnight) {
    /** The days of the world. */
    public static final Lifecycle DEFAULT = new Lifecycle(Duration.ofDays(1), false);
  }

  /**
   * TLS of a front end.
   *
   * @param certificateFile the path of the certificate and its chain, in PEM
   * @param keyFile the path of the private key, in PEM
   */
  public record Tls(String certificateFile, String keyFile) {}

  /** The admin front end; a null token opens nothing, null for TLS is plain HTTP. */
  public record Admin(
      @Nullable Address bindAddress,
      @Nullable Tls tls,
      @Nullable Secret adminToken,
      @Nullable Secret metricsToken,
      boolean metricsRequireToken) {}
}
