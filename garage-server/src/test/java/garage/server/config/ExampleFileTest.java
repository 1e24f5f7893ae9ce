package garage.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.system.SystemHostFiles;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code config/garage.toml}: it loads, says the defaults, and leaves no key out. */
class ExampleFileTest {
  private static final String PATH = "../config/garage.toml";

  @Test
  void itLoadsWithoutAWarning() {
    GarageConfig config =
        new ConfigLoader(new SystemHostFiles(), ConfigOverrides.NONE).load(PATH, false);

    assertEquals(List.of(), config.warnings());
    assertEquals("/var/lib/garage/meta", config.metadata().directory());
  }

  @Test
  void whatItSetsIsTheDefault() {
    GarageConfig example =
        new ConfigLoader(new SystemHostFiles(), ConfigOverrides.NONE).load(PATH, false);
    FakeFiles least =
        new FakeFiles()
            .with(
                "least.toml",
                """
                metadata_dir = "/var/lib/garage/meta"
                data_dir = "/var/lib/garage/data"
                replication_factor = 1
                rpc_bind_addr = "[::]:3901"
                rpc_secret = "%s"
                [s3_api]
                api_bind_addr = "[::]:3900"
                s3_region = "garage"
                [s3_web]
                bind_addr = "[::]:3903"
                root_domain = ".web.example.org"
                [admin]
                api_bind_addr = "[::]:3902"
                """
                    .formatted("00".repeat(32)));

    assertEquals(new ConfigLoader(least, ConfigOverrides.NONE).load("least.toml", false), example);
  }

  @Test
  void everyKnownKeyIsInIt() {
    String text = new String(new SystemHostFiles().read(PATH), StandardCharsets.UTF_8);

    for (KnownKey key : KnownKeys.ALL) {
      assertTrue(shows(text, key), key.name() + " is not in config/garage.toml");
    }
  }

  private static boolean shows(String text, KnownKey key) {
    String name = key.name();
    String last = name.substring(name.lastIndexOf('.') + 1);
    boolean byFullName = Pattern.compile("\\b" + Pattern.quote(name) + "\\b").matcher(text).find();
    boolean assigned = Pattern.compile("(?m)^(# )?" + last + " = ").matcher(text).find();
    return byFullName || assigned;
  }
}
