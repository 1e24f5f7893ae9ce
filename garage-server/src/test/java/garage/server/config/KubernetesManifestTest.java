package garage.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.system.SystemHostFiles;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code config/kubernetes/garage.yaml}: what it says to nodes fits what it says of them. */
class KubernetesManifestTest {
  private static final String MANIFEST =
      new String(
          new SystemHostFiles().read("../config/kubernetes/garage.yaml"), StandardCharsets.UTF_8);

  @Test
  void itsConfigurationLoadsWithoutAWarningAndLaysItselfOut() {
    GarageConfig config = config();

    assertEquals(List.of(), config.warnings());
    assertNotNull(config.replication().wanted(), "auto_layout");
  }

  @Test
  void everyPortAndNameOfItsConfigurationIsThere() {
    GarageConfig config = config();
    String peer = config.rpc().bootstrapPeers().getFirst().address().toString();

    for (String port : ports()) {
      assertTrue(MANIFEST.contains("containerPort: " + port), port);
      assertTrue(MANIFEST.contains(", port: " + port + "}"), port);
    }
    assertEquals("garage-nodes:" + config.rpc().bindAddress().port(), peer);
    assertTrue(MANIFEST.contains("name: garage-nodes\nspec:\n  clusterIP: None"));
    assertTrue(MANIFEST.contains("serviceName: garage-nodes"));
    assertTrue(MANIFEST.contains("mountPath: /var/lib/garage}"));
  }

  @Test
  void noNodeWaitsForAnotherToBeReady() {
    assertTrue(
        MANIFEST.contains("podManagementPolicy: Parallel"), "no layout before all are there");
    assertTrue(MANIFEST.contains("publishNotReadyAddresses: true"), "nor anybody ready");
  }

  private static List<String> ports() {
    return Pattern.compile("(?m)^ *(?:rpc|api)_bind_addr = \"\\[::]:(\\d+)\"$")
        .matcher(toml())
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  private static GarageConfig config() {
    FakeFiles files = new FakeFiles().with("garage.toml", toml());
    ConfigOverrides secret =
        ConfigOverrides.ofEnvironment(Map.of("GARAGE_RPC_SECRET", "00".repeat(32)));
    return new ConfigLoader(files, secret).load("garage.toml", false);
  }

  /** The text of the key {@code garage.toml}, as far as it is indented. */
  private static String toml() {
    String rest = MANIFEST.substring(MANIFEST.indexOf("garage.toml: |\n") + 15);
    return rest.substring(0, rest.indexOf("\n---")).indent(-4);
  }
}
