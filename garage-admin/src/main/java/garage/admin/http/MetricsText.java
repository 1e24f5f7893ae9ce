package garage.admin.http;

import garage.admin.api.ClusterResponse;

/** Metrics in the text form of Prometheus, under the names dashboards know. */
public final class MetricsText {
  private final String version;
  private final int replicationFactor;

  public MetricsText(String version, int replicationFactor) {
    this.version = version;
    this.replicationFactor = replicationFactor;
  }

  String text(ClusterResponse.Health health) {
    boolean available = !health.status().equals("unavailable");
    StringBuilder text = new StringBuilder();
    text.append("# HELP garage_build_info Version of the program\n")
        .append("# TYPE garage_build_info gauge\n")
        .append("garage_build_info{version=\"%s\"} 1\n".formatted(version));
    gauge(text, "garage_replication_factor", "Copies of everything", replicationFactor);
    gauge(text, "cluster_healthy", "All storage nodes are up", flag(health.status(), "healthy"));
    gauge(text, "cluster_available", "All requests can be answered", available ? 1 : 0);
    gauge(text, "cluster_known_nodes", "Nodes ever seen", health.knownNodes());
    gauge(text, "cluster_connected_nodes", "Nodes that are up", health.connectedNodes());
    gauge(text, "cluster_storage_nodes", "Storage nodes of the layout", health.storageNodes());
    gauge(text, "cluster_storage_nodes_ok", "Of them, those up", health.storageNodesOk());
    gauge(text, "cluster_partitions", "Partitions", health.partitions());
    gauge(text, "cluster_partitions_quorum", "With a quorum", health.partitionsQuorum());
    gauge(text, "cluster_partitions_all_ok", "With all nodes", health.partitionsAllOk());
    return text.toString();
  }

  private static int flag(String status, String wanted) {
    return status.equals(wanted) ? 1 : 0;
  }

  private static void gauge(StringBuilder text, String name, String help, long value) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(" gauge\n");
    text.append(name).append(' ').append(value).append('\n');
  }
}
