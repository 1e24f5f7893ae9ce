package garage.server.config;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the command line and the environment say instead of the file, by option name; the command
 * line wins. Never printed, since it may hold secrets.
 */
public final class ConfigOverrides {
  /** Nothing is overridden. */
  public static final ConfigOverrides NONE = new ConfigOverrides(Map.of());

  private static final Map<String, String> VARIABLES =
      Map.ofEntries(
          Map.entry("GARAGE_CONFIG_FILE", "config"),
          Map.entry("GARAGE_RPC_HOST", "rpc-host"),
          Map.entry("GARAGE_RPC_SECRET", "rpc-secret"),
          Map.entry("GARAGE_RPC_SECRET_FILE", "rpc-secret-file"),
          Map.entry("GARAGE_ADMIN_TOKEN", "admin-token"),
          Map.entry("GARAGE_ADMIN_TOKEN_FILE", "admin-token-file"),
          Map.entry("GARAGE_METRICS_TOKEN", "metrics-token"),
          Map.entry("GARAGE_METRICS_TOKEN_FILE", "metrics-token-file"),
          Map.entry("GARAGE_ALLOW_WORLD_READABLE_SECRETS", "allow-world-readable-secrets"));

  private final Map<String, String> values;

  private ConfigOverrides(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  /** What the environment says; an empty variable says nothing. */
  public static ConfigOverrides ofEnvironment(Map<String, String> environment) {
    Map<String, String> values = new HashMap<>();
    VARIABLES.forEach((variable, option) -> {
      String value = environment.getOrDefault(variable, "");
      if (!value.isEmpty()) {
        values.put(option, value);
      }
    });
    return new ConfigOverrides(values);
  }

  /** These and one more of the command line; a null value adds nothing. */
  public ConfigOverrides with(String option, @Nullable String value) {
    if (value == null) {
      return this;
    }
    Map<String, String> more = new HashMap<>(values);
    more.put(option, value);
    return new ConfigOverrides(more);
  }

  /** The value of {@code config}, {@code rpc-host}, {@code rpc-secret} and so on. */
  public @Nullable String get(String option) {
    return values.get(option);
  }
}
