package garage.simulator.cluster;

import garage.block.BlockSettings;
import garage.block.disk.SpaceReserve;
import garage.common.env.Address;
import garage.common.id.ByteSize;
import garage.common.id.Bytes32;
import garage.layout.ConsistencyMode;
import garage.layout.ReplicationFactor;
import garage.model.acl.ObjectOwnership;
import garage.rpc.handshake.ClusterSecret;
import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.RpcSettings;
import garage.server.config.DataLocation;
import garage.server.config.GarageConfig;
import garage.server.config.Secret;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/**
 * The shape of a simulated cluster. Blocks and inline objects are small, so that objects of a few
 * KiB take every path.
 *
 * @param machines how many there are, 1 to 9
 * @param copies the replication factor at first
 * @param members how many of them, the first ones, have a role at first
 * @param directories how many directories for blocks a machine has at first
 * @param dayMillis how long a day of lifecycles is
 * @param compressed whether blocks are compressed
 */
public record ClusterSettings(
    int machines, int copies, int members, int directories, long dayMillis, boolean compressed) {
  /** The size of a block, in bytes. */
  public static final int BLOCK_BYTES = 4 << 10;

  /** The largest object kept with its metadata, in bytes. */
  public static final int INLINE_BYTES = 1 << 10;

  /** What a part of an upload has at least that is not the last, in bytes. */
  public static final int PART_BYTES_MIN = 2 << 10;

  /** The memory for blocks on their way, in bytes. */
  public static final int MEMORY_BYTES = 64 * BLOCK_BYTES;

  private static final int COMPRESSION_LEVEL = 1;
  private static final Duration DAY = Duration.ofDays(1);

  static final String ADMIN_TOKEN = "simulated";
  static final String REGION = "garage";
  private static final int RPC_PORT = 3901;
  private static final Duration COLLECT_DELAY = Duration.ofMinutes(10);

  public ClusterSettings {
    if (machines < 1 || machines > 9 || copies > members || members > machines) {
      throw new IllegalArgumentException(
          machines + " machines, " + copies + " copies, " + members + " members");
    }
  }

  /** With one directory each, and days as they are. */
  public ClusterSettings(int machines, int copies, int members) {
    this(machines, copies, members, 1, DAY.toMillis(), false);
  }

  /** A cluster in which every machine has a role. */
  public ClusterSettings(int machines, int copies) {
    this(machines, copies, machines);
  }

  static String machineName(int number) {
    return "n" + number;
  }

  GarageConfig config() {
    List<PeerAddress> peers =
        java.util.stream.IntStream.rangeClosed(1, machines)
            .mapToObj(i -> new PeerAddress(null, new Address(machineName(i), RPC_PORT)))
            .toList();
    BlockSettings blocks =
        new BlockSettings(
            new ByteSize(BLOCK_BYTES),
            compressed ? OptionalInt.of(COMPRESSION_LEVEL) : OptionalInt.empty(),
            true,
            new ByteSize(MEMORY_BYTES),
            COLLECT_DELAY,
            SpaceReserve.of(new ByteSize(1 << 20)));
    return new GarageConfig(
        new GarageConfig.Metadata("meta", true),
        new GarageConfig.Data(
            List.of(new DataLocation("data", null, false)),
            blocks,
            new ByteSize(INLINE_BYTES),
            true),
        new GarageConfig.Replication(new ReplicationFactor(copies), ConsistencyMode.CONSISTENT),
        new GarageConfig.Rpc(
            new Address("0.0.0.0", RPC_PORT),
            null,
            new ClusterSecret(new Bytes32(1, 2, 3, 4)),
            peers,
            RpcSettings.SUSPECT_AFTER),
        new GarageConfig.S3(
            null, REGION, null, null, ObjectOwnership.BUCKET_OWNER_ENFORCED, PART_BYTES_MIN),
        null,
        new GarageConfig.Lifecycle(Duration.ofMillis(dayMillis), false),
        new GarageConfig.Admin(null, null, new Secret(ADMIN_TOKEN), null, false),
        List.of());
  }
}
