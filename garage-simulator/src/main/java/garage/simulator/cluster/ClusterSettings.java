package garage.simulator.cluster;

import garage.block.BlockSettings;
import garage.block.disk.SpaceReserve;
import garage.common.env.Address;
import garage.common.id.ByteSize;
import garage.common.id.Bytes32;
import garage.layout.ConsistencyMode;
import garage.layout.ReplicationFactor;
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
 */
public record ClusterSettings(int machines, int copies, int members) {
  /** The size of a block, in bytes. */
  public static final int BLOCK_BYTES = 4 << 10;

  /** The largest object kept with its metadata, in bytes. */
  public static final int INLINE_BYTES = 1 << 10;

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
            OptionalInt.empty(),
            true,
            new ByteSize(64L * BLOCK_BYTES),
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
        new GarageConfig.S3(null, REGION, null, null),
        new GarageConfig.Admin(null, null, new Secret(ADMIN_TOKEN), null, false),
        List.of());
  }
}
