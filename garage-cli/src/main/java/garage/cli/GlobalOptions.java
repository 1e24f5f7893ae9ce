package garage.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options before the command: where the configuration, the node and the secrets are. */
public final class GlobalOptions {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "PATH",
      description = "Configuration file (GARAGE_CONFIG_FILE, /etc/garage.toml)")
  @Nullable String config;

  @Option(
      names = {"-h", "--rpc-host"},
      paramLabel = "ID@HOST:PORT",
      description = "Node to ask, instead of this machine's (GARAGE_RPC_HOST)")
  @Nullable String rpcHost;

  @Option(
      names = {"-s", "--rpc-secret"},
      paramLabel = "HEX",
      description = "The cluster's secret (GARAGE_RPC_SECRET)")
  @Nullable String rpcSecret;

  @Option(names = "--rpc-secret-file", paramLabel = "PATH", description = "File it is in")
  @Nullable String rpcSecretFile;

  @Option(names = "--admin-token", paramLabel = "TOKEN", description = "For server: admin API")
  @Nullable String adminToken;

  @Option(names = "--admin-token-file", paramLabel = "PATH", description = "File it is in")
  @Nullable String adminTokenFile;

  @Option(names = "--metrics-token", paramLabel = "TOKEN", description = "For server: /metrics")
  @Nullable String metricsToken;

  @Option(names = "--metrics-token-file", paramLabel = "PATH", description = "File it is in")
  @Nullable String metricsTokenFile;

  @Option(
      names = "--allow-world-readable-secrets",
      paramLabel = "BOOL",
      arity = "0..1",
      fallbackValue = "true",
      description = "Accept secret files that others may access")
  @Nullable String allowWorldReadableSecrets;

  /** The options that were given, by their long names without dashes. */
  public Map<String, String> given() {
    Map<String, String> given = new LinkedHashMap<>();
    put(given, "config", config);
    put(given, "rpc-host", rpcHost);
    put(given, "rpc-secret", rpcSecret);
    put(given, "rpc-secret-file", rpcSecretFile);
    put(given, "admin-token", adminToken);
    put(given, "admin-token-file", adminTokenFile);
    put(given, "metrics-token", metricsToken);
    put(given, "metrics-token-file", metricsTokenFile);
    put(given, "allow-world-readable-secrets", allowWorldReadableSecrets);
    return given;
  }

  private static void put(Map<String, String> given, String option, @Nullable String value) {
    if (value != null) {
      given.put(option, value);
    }
  }
}
