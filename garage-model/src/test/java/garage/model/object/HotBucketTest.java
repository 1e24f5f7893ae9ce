package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.id.ByteSize;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.layout.LayoutHistory;
import garage.layout.LayoutVersion;
import garage.layout.NodeRole;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.layout.assign.LayoutPlanner;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bucket that everybody uses is the work of all nodes: its objects are spread by their keys. */
class HotBucketTest {
  private static final int OBJECTS = 100_000;
  private static final int COPIES = 3;
  private static final Uuid BUCKET = new Uuid(new Bytes32(1, 2, 3, 4));

  @ParameterizedTest
  @CsvSource({"3, 3", "4, 4", "6, 3", "6, 6", "9, 3"})
  void oneBucketIsSpreadEvenlyOverAllNodes(int nodes, int zones) {
    LayoutVersion layout = layout(nodes, zones);
    Map<NodeId, Integer> held = new TreeMap<>();
    for (int i = 0; i < OBJECTS; i++) {
      ObjectKey key = new ObjectKey(BUCKET, "warehouse/events/part-%05d.parquet".formatted(i));
      for (NodeId node : layout.nodesOf(ObjectKey.partition(key.storeKey()))) {
        held.merge(node, 1, Integer::sum);
      }
    }
    assertEquals(nodes, held.size());
    double even = (double) OBJECTS * COPIES / nodes;
    held.forEach((node, count) ->
        assertTrue(Math.abs(count - even) <= even / 10, node + " has " + count + ", not " + even));
  }

  private static LayoutVersion layout(int nodes, int zones) {
    LayoutHistory history = LayoutHistory.initial(new ReplicationFactor(COPIES));
    for (int i = 0; i < nodes; i++) {
      NodeId node = new NodeId(new Bytes32(i + 1, 0, 0, 0));
      NodeRole role = NodeRole.storage(new Zone("z" + i % zones), ByteSize.parse("1T"), List.of());
      history = history.stage(new Timestamp(i + 1, 0, 0), node, role);
    }
    return LayoutPlanner.apply(history, 1).history().current();
  }
}
