package garage.admin;

import garage.admin.api.ClusterResponse;
import garage.common.metrics.Metrics;
import garage.common.metrics.MetricsText;
import garage.common.worker.WorkerRunner;
import garage.common.worker.WorkerStatus;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What is known of a node at the moment its metrics are read, under the names that dashboards of
 * upstream know. What is counted as it happens is in the {@link Metrics} of those who count it.
 */
public final class NodeMetrics {
  private final NodeSelf self;
  private final int replicationFactor;
  private final MetadataCounts metadata;
  private final WorkerRunner workers;
  private final Supplier<ClusterResponse.Health> health;
  private final Supplier<ClusterResponse.Status> status;

  /** {@code health} and {@code status} are those of the cluster. */
  public NodeMetrics(
      NodeSelf self,
      int replicationFactor,
      MetadataCounts metadata,
      WorkerRunner workers,
      ClusterOperations cluster) {
    this.self = self;
    this.replicationFactor = replicationFactor;
    this.metadata = metadata;
    this.workers = workers;
    this.health = cluster::health;
    this.status = cluster::status;
  }

  /** A number that is asked for when metrics are read. */
  public record Gauge(String name, String help, LongSupplier value) {}

  /** Adds all of it to {@code metrics}, and {@code more}. */
  public void joinTo(Metrics metrics, List<Gauge> more) {
    metrics.onRead(this::program);
    metrics.onRead(text -> cluster(text, health.get()));
    metrics.onRead(text -> nodes(text, status.get()));
    metrics.onRead(this::tables);
    metrics.onRead(this::work);
    metrics.onRead(text ->
        more.forEach(gauge -> text.gauge(gauge.name(), gauge.help(), gauge.value().getAsLong())));
  }

  private void program(MetricsText text) {
    text.begin("garage_build_info", "gauge", "Version of the program");
    text.sample("garage_build_info", MetricsText.label("version", self.version()), 1);
    text.gauge("garage_replication_factor", "Copies of everything", replicationFactor);
  }

  private static void cluster(MetricsText text, ClusterResponse.Health health) {
    boolean available = !health.status().equals("unavailable");
    boolean healthy = health.status().equals("healthy");
    text.gauge("cluster_healthy", "All storage nodes are up", healthy ? 1 : 0);
    text.gauge("cluster_available", "All requests can be answered", available ? 1 : 0);
    text.gauge("cluster_known_nodes", "Nodes ever seen", health.knownNodes());
    text.gauge("cluster_connected_nodes", "Nodes that are up", health.connectedNodes());
    text.gauge("cluster_storage_nodes", "Storage nodes of the layout", health.storageNodes());
    text.gauge("cluster_storage_nodes_ok", "Of them, those up", health.storageNodesOk());
    text.gauge("cluster_partitions", "Partitions", health.partitions());
    text.gauge("cluster_partitions_quorum", "With a quorum", health.partitionsQuorum());
    text.gauge("cluster_partitions_all_ok", "With all nodes", health.partitionsAllOk());
  }

  private void nodes(MetricsText text, ClusterResponse.Status cluster) {
    text.begin("cluster_layout_node_connected", "gauge", "Whether a node of the layout is up");
    for (ClusterResponse.Node node : cluster.nodes()) {
      if (node.role() != null) {
        text.sample("cluster_layout_node_connected", labels(node), node.isUp() ? 1 : 0);
      }
    }
    text.begin(
        "cluster_layout_node_disconnected_time",
        "gauge",
        "Seconds since a node of the layout was seen");
    for (ClusterResponse.Node node : cluster.nodes()) {
      if (node.role() != null) {
        Long ago = node.lastSeenSecsAgo();
        text.sample(
            "cluster_layout_node_disconnected_time",
            labels(node),
            node.isUp() || ago == null ? 0 : ago);
      }
    }
    cluster.nodes().stream()
        .filter(node -> node.id().equals(self.id()))
        .forEach(node -> disks(text, node));
  }

  private static String labels(ClusterResponse.Node node) {
    ClusterResponse.Role role = node.role();
    String zone = role == null ? "" : role.zone();
    Long capacity = role == null ? null : role.capacity();
    return String.join(
        ",",
        MetricsText.label("id", node.id()),
        MetricsText.label("role_zone", zone),
        MetricsText.label("role_capacity", capacity == null ? "" : capacity.toString()),
        MetricsText.label("role_gateway", capacity == null ? "1" : "0"));
  }

  private static void disks(MetricsText text, ClusterResponse.Node node) {
    ClusterResponse.Space data = node.dataPartition();
    ClusterResponse.Space metadata = node.metadataPartition();
    if (data == null || metadata == null) {
      return;
    }
    String ofData = MetricsText.label("volume", "data");
    String ofMetadata = MetricsText.label("volume", "metadata");
    text.begin("garage_local_disk_avail", "gauge", "Bytes free");
    text.sample("garage_local_disk_avail", ofData, data.available());
    text.sample("garage_local_disk_avail", ofMetadata, metadata.available());
    text.begin("garage_local_disk_total", "gauge", "Bytes");
    text.sample("garage_local_disk_total", ofData, data.total());
    text.sample("garage_local_disk_total", ofMetadata, metadata.total());
  }

  private void tables(MetricsText text) {
    text.begin("table_size", "gauge", "Rows of a table, estimated");
    metadata
        .rows()
        .forEach(
            (name, rows) -> text.sample("table_size", MetricsText.label("table_name", name), rows));
    text.begin("garage_db_batch_counter", "counter", "Changes of metadata committed");
    text.sample("garage_db_batch_counter", "", metadata.batches());
    text.begin("garage_db_sync_counter", "counter", "Syncs of the metadata's log");
    text.sample("garage_db_sync_counter", "", metadata.syncs());
  }

  private void work(MetricsText text) {
    List<WorkerStatus> all = workers.list();
    text.begin("garage_worker_queue_length", "gauge", "What waits for a background worker");
    for (WorkerStatus worker : all) {
      if (worker.progress().queueLength() >= 0) {
        text.sample("garage_worker_queue_length", label(worker), worker.progress().queueLength());
      }
    }
    text.begin("garage_worker_error_counter", "counter", "Failures of a background worker");
    for (WorkerStatus worker : all) {
      text.sample("garage_worker_error_counter", label(worker), worker.failures().count());
    }
  }

  /** With the number: a repair may have run several times. */
  private static String label(WorkerStatus worker) {
    return MetricsText.label("worker", worker.name())
        + ","
        + MetricsText.label("id", Long.toString(worker.id()));
  }
}
