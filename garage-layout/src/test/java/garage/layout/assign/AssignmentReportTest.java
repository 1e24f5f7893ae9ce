package garage.layout.assign;

import static garage.layout.Sample.atLeast;
import static garage.layout.Sample.feasible;
import static garage.layout.Sample.gateway;
import static garage.layout.Sample.maximum;
import static garage.layout.Sample.node;
import static garage.layout.Sample.planned;
import static garage.layout.Sample.roles;
import static garage.layout.Sample.storage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.layout.LayoutParameters;
import garage.layout.LayoutVersion;
import garage.layout.NodeRole;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The report's words, line by line, in the files {@code report-*.txt} beside this class, and its
 * figures.
 */
final class AssignmentReportTest {
  @Test
  void firstLayoutOfASingleNode() throws IOException {
    assertReport("single-node", null, roles(storage("garage-dc", "10G")), maximum(1));
  }

  @Test
  void threeZonesWithTagsAndAGateway() throws IOException {
    assertReport(
        "three-zones",
        null,
        roles(
            storage("paris", "10G", "ssd", "rack1"),
            storage("berlin", "10G"),
            storage("tōkyō", "5G"),
            storage("tōkyō", "5G"),
            gateway("edge")),
        maximum(3));
  }

  @Test
  void aNodeIsReplaced() throws IOException {
    Map<NodeId, NodeRole> before =
        roles(storage("dc1", "1T"), storage("dc1", "1T"), storage("dc2", "2T"));
    LayoutVersion previous = planned(null, before, maximum(2));
    Map<NodeId, NodeRole> after = new TreeMap<>(before);
    after.remove(node(2));
    after.put(node(4), storage("dc1", "1T"));
    assertReport("replaced-node", previous, after, maximum(2));
  }

  @Test
  void aSmallZoneLimitsTheOthers() throws IOException {
    assertReport(
        "small-zone",
        null,
        roles(storage("dc1", "100G"), storage("dc2", "100G"), storage("dc3", "10G")),
        maximum(3));
  }

  @Test
  void aLargeNodeCannotBeUsed() throws IOException {
    assertReport(
        "large-node",
        null,
        roles(storage("dc1", "1G"), storage("dc1", "1G"), storage("dc1", "100G")),
        atLeast(1, 2));
  }

  @Test
  void capacitiesWithoutUnitAreNoticed() throws IOException {
    assertReport("missing-unit", null, roles(storage("dc1", "10000")), maximum(1));
  }

  @Test
  void figuresAgreeWithTheVersion() {
    Map<NodeId, NodeRole> before = roles(storage("dc1", "1G"), storage("dc2", "1G"));
    LayoutVersion previous = planned(null, before, maximum(2));
    Map<NodeId, NodeRole> after = new TreeMap<>(before);
    after.put(node(3), storage("dc2", "1G"));
    after.put(node(4), storage("dc1", "1G"));
    LayoutPlan.Feasible plan = feasible(LayoutPlanner.plan(previous, after, maximum(2)));
    AssignmentReport report = plan.report();
    // each zone keeps every partition once, now on two nodes of which each takes half
    assertEquals(256, report.copiesToTransfer());
    assertEquals(128, report.newPartitions(node(3)));
    assertEquals(0, report.newPartitions(node(1)));
    assertEquals(new ByteSize(1_000_000_000L / 128), plan.version().partitionSize());
    assertEquals(
        new ByteSize(256 * plan.version().partitionSize().bytes()), report.effectiveCapacity());
    assertEquals(1.0, report.usableShare());
    for (ZoneReport zone : report.zones()) {
      assertEquals(256, zone.partitions());
      assertEquals(256, zone.uniquePartitions());
      assertEquals(ByteSize.parse("2G"), zone.capacity());
    }
  }

  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    assertEquals(
        List.of("a    bbbb  c", "", "äää  b     cccccc", "x"),
        TextTable.format(
            List.of(
                List.of("a", "bbbb", "c"),
                List.of(),
                List.of("äää", "b", "cccccc"),
                List.of("x"))));
  }

  private static void assertReport(
      String name,
      @Nullable LayoutVersion previous,
      Map<NodeId, NodeRole> roles,
      LayoutParameters parameters)
      throws IOException {
    AssignmentReport report = feasible(LayoutPlanner.plan(previous, roles, parameters)).report();
    String file = "report-" + name + ".txt";
    try (InputStream in = AssignmentReportTest.class.getResourceAsStream(file)) {
      assertNotNull(in, () -> "no " + file + "; the report is\n" + text(report));
      String expected = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(expected, text(report), file);
    }
  }

  private static String text(AssignmentReport report) {
    return String.join("\n", report.lines()) + "\n";
  }
}
