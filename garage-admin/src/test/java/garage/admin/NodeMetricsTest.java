package garage.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.admin.api.LayoutRequest;
import garage.admin.api.RoleChange;
import garage.common.metrics.Metrics;
import garage.common.metrics.MetricsText;
import garage.testkit.env.Simulation;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The figures that are read from a node, under the names that dashboards know. */
class NodeMetricsTest {
  @Test
  void everyLineIsOneThatPrometheusReadsAndNoneComesTwice() {
    Simulation.run(
        1,
        simulation -> {
          TestNode node = new TestNode(simulation, 1);
          String id = node.self().toString();
          node.ask(
              new LayoutRequest.UpdateClusterLayout(
                  List.of(RoleChange.assign(id, "dc1", List.of(), 1_000_000L)), null));
          node.ask(new LayoutRequest.ApplyClusterLayout(1));
          Metrics metrics = new Metrics();
          new NodeMetrics(node.name, 1, node.counts(), node.workers, node.cluster)
              .joinTo(metrics, List.of(new NodeMetrics.Gauge("more", "More", () -> 5)));
          MetricsText text = new MetricsText();
          metrics.writeTo(text);
          for (String expected :
              List.of(
                  "garage_build_info{version=\"9.9\"} 1",
                  "garage_replication_factor 1",
                  "cluster_healthy 1",
                  "cluster_partitions_all_ok 256",
                  "garage_local_disk_avail{volume=\"data\"} 30",
                  "garage_local_disk_total{volume=\"metadata\"} 2",
                  "table_size{table_name=\"bucket\"} 0",
                  "more 5",
                  "cluster_layout_node_connected{id=\""
                      + id
                      + "\",role_zone=\"dc1\",role_capacity=\"1000000\",role_gateway=\"0\"} 1")) {
            assertTrue(text.toString().contains("\n" + expected + "\n"), expected + "\n" + text);
          }
          List<String> lines = text.toString().lines().toList();
          for (String line : lines) {
            assertTrue(line.matches("# (HELP|TYPE) .+|[a-z_]+(\\{.*})? [0-9.]+"), line);
          }
          assertEquals(lines.size(), lines.stream().distinct().count());
        });
  }
}
