package garage.server.command;

import garage.admin.api.AdminClient;
import garage.admin.rpc.AdminRpc;
import garage.cli.CliEnvironment;
import garage.cli.GlobalOptions;
import garage.cli.LocalNode;
import garage.common.env.Clock;
import garage.common.env.HostFiles;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.handshake.NodeIdentity;
import garage.rpc.jdk.RpcClient;
import garage.server.config.CommandConfig;
import garage.server.config.ConfigLoader;
import garage.server.config.ConfigOverrides;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the commands find on this machine: its configuration file, and through it its node. */
public final class MachineEnvironment implements CliEnvironment {
  /** A node that is there answers in milliseconds, on a machine that has time for it. */
  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);

  private final HostFiles files;
  private final Clock clock;
  private final RandomSource random;
  private final Map<String, String> variables;

  /** {@code variables} are the process's environment. */
  public MachineEnvironment(
      HostFiles files, Clock clock, RandomSource random, Map<String, String> variables) {
    this.files = files;
    this.clock = clock;
    this.random = random;
    this.variables = Map.copyOf(variables);
  }

  /** What the command line and the environment say, the command line first. */
  public ConfigOverrides overrides(GlobalOptions options) {
    ConfigOverrides overrides = ConfigOverrides.ofEnvironment(variables);
    for (Map.Entry<String, String> option : options.given().entrySet()) {
      overrides = overrides.with(option.getKey(), option.getValue());
    }
    return overrides;
  }

  /** Loads the configuration that these options tell. */
  public ConfigLoader loader(GlobalOptions options) {
    return new ConfigLoader(files, overrides(options));
  }

  @Override
  public AdminClient connect(GlobalOptions options) {
    CommandConfig config = loader(options).loadForCommand();
    RpcClient.Target target =
        new RpcClient.Target(config.address(), expected(config), config.rpcSecret());
    try {
      return AdminRpc.client(RpcClient.connect(target, clock, random, CONNECT_MAX), clock);
    } catch (GarageException.Unreachable | GarageException.TimedOut e) {
      throw new GarageException.Unreachable(
          "no node answers at " + config.address() + " (" + e.getMessage() + "): is it running?",
          e);
    }
  }

  @Override
  public LocalNode localNode(GlobalOptions options) {
    CommandConfig config = loader(options).loadForCommand();
    if (config.metadataDir() == null) {
      throw new GarageException.InvalidInput("this needs the configuration file: name it with -c");
    }
    return new LocalNode(
        ownId(config.metadataDir()).toString(),
        config.rpcPublicAddress() == null ? null : config.rpcPublicAddress().toString());
  }

  @Override
  public Clock clock() {
    return clock;
  }

  private @Nullable NodeId expected(CommandConfig config) {
    if (config.rpcHost() != null) {
      return config.rpcHost().id();
    }
    return config.metadataDir() == null ? null : ownId(config.metadataDir());
  }

  private NodeId ownId(String metadataDir) {
    String path = metadataDir + "/" + NodeIdentity.CERTIFICATE_FILE;
    if (!files.exists(path)) {
      throw new GarageException.Missing(
          "this machine's node has no identity yet (" + path + "): start it with `garage server`");
    }
    try {
      return NodeIdentity.idOf(
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(files.read(path)))
              .getPublicKey());
    } catch (CertificateException e) {
      throw new GarageException.Corrupt(path + " is damaged", e);
    }
  }
}
