package garage.server;

import garage.admin.AdminCalls;
import garage.admin.AdminService;
import garage.admin.BlockRequests;
import garage.admin.BucketContents;
import garage.admin.BucketOperations;
import garage.admin.ClusterNodes;
import garage.admin.ClusterOperations;
import garage.admin.KeyOperations;
import garage.admin.LayoutControl;
import garage.admin.LayoutOperations;
import garage.admin.NodeCalls;
import garage.admin.NodeMetrics;
import garage.admin.NodeOperations;
import garage.admin.NodeSelf;
import garage.admin.NodeStatistics;
import garage.admin.Repairs;
import garage.admin.ServedDomains;
import garage.admin.TokenOperations;
import garage.admin.WorkerOperations;
import garage.admin.api.RepairType;
import garage.admin.api.RepairType.ScrubCommand;
import garage.admin.http.AdminAccess;
import garage.admin.http.AdminHttp;
import garage.admin.rpc.AdminRpc;
import garage.block.BlockOperations;
import garage.block.BlockUpkeep;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.metrics.Metrics;
import garage.common.worker.RuntimeVariables;
import garage.common.worker.WorkerRunner;
import garage.db.Store;
import garage.db.snapshot.Snapshots;
import garage.model.Model;
import garage.model.lifecycle.LifecycleWorker;
import garage.rpc.membership.Membership;
import garage.rpc.peering.Mesh;
import garage.server.config.GarageConfig;
import garage.server.config.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts the operator's side of a node together. */
final class NodeAdmin {
  /** What a look at the data behind one reference may take. */
  private static final Duration OWNER_LOOKUP = Duration.ofSeconds(10);

  private final GarageNode node;
  private final GarageConfig config;
  private final Clock clock;

  NodeAdmin(GarageNode node, GarageConfig config, NodeEnvironment environment) {
    this.node = node;
    this.config = config;
    this.clock = environment.clock();
  }

  /** What an operator looks at and works with. */
  record Parts(
      Mesh mesh,
      Membership membership,
      Store store,
      BlockOperations blocks,
      Model model,
      LifecycleWorker lifecycle,
      WorkerRunner workers,
      Snapshots snapshots,
      Metrics metrics) {}

  /** The admin API, served to other nodes and commands as well. */
  AdminHttp http(Parts parts, NodeSelf self) {
    LayoutControl layout = node.layout();
    ClusterOperations cluster =
        new ClusterOperations(
            ClusterNodes.of(parts.mesh(), parts.membership()),
            layout,
            new NodeCalls(parts.mesh(), operations(parts, self)::answer),
            config.replication().consistency(),
            clock);
    AdminAccess.Configured configured =
        new AdminAccess.Configured(
            reveal(config.admin().adminToken()),
            reveal(config.admin().metricsToken()),
            config.admin().metricsRequireToken());
    TokenOperations tokens =
        new TokenOperations(
            parts.model().tokens(),
            new TokenOperations.Configured(
                configured.adminToken() != null, configured.metricsToken() != null),
            clock);
    AdminService service =
        new AdminService(
            cluster,
            new LayoutOperations(layout, node.hybrid()),
            new KeyOperations(parts.model().keys(), parts.model().buckets(), clock),
            buckets(parts),
            tokens);
    AdminCalls calls = new AdminCalls(service, config.s3().region(), clock);
    AdminRpc.serve(parts.mesh(), calls);
    new NodeMetrics(
            self,
            config.replication().factor().copies(),
            new StoreCounts(parts.store()),
            parts.workers(),
            cluster)
        .joinTo(parts.metrics(), gauges(parts.blocks()));
    return new AdminHttp(
        calls,
        cluster::health,
        parts.metrics(),
        new AdminAccess(configured, tokens::opens),
        new AdminHttp.Serving(node::isServing, domains(parts.model()), clock));
  }

  private ServedDomains domains(Model model) {
    GarageConfig.Web web = config.web();
    return new ServedDomains(
        model.buckets(), config.s3().rootDomain(), web == null ? null : web.rootDomain(), clock);
  }

  private BucketOperations buckets(Parts parts) {
    Model model = parts.model();
    return new BucketOperations(
        model.buckets(), model.keys(), new BucketContents(model, clock), clock);
  }

  private NodeOperations operations(Parts parts, NodeSelf self) {
    NodeStatistics statistics =
        new NodeStatistics(self, new StoreCounts(parts.store()), figures(parts.blocks()));
    return new NodeOperations(
        self,
        new WorkerOperations(parts.workers(), variables(parts.blocks(), parts.lifecycle()), clock),
        repairs(parts),
        new BlockRequests(parts::blocks, parts.model().objects()::owners, clock),
        new NodeOperations.Actions(parts.snapshots()::take, statistics::text));
  }

  private static RuntimeVariables variables(BlockOperations blocks, LifecycleWorker lifecycle) {
    return new RuntimeVariables(
        List.of(
            RuntimeVariables.Variable.shown("lifecycle-last-completed", lifecycle::lastCompleted),
            RuntimeVariables.Variable.shown(
                "scrub-corruptions_detected", () -> Long.toString(blocks.scrub().badEver())),
            RuntimeVariables.Variable.shown(
                "scrub-last-completed", () -> time(blocks.scrub().lastCompleted())),
            RuntimeVariables.Variable.shown(
                "scrub-next-run", () -> time(blocks.scrub().nextRun()))));
  }

  private static String time(long millis) {
    return millis == 0 ? "never" : Instant.ofEpochMilli(millis).toString();
  }

  private static List<NodeMetrics.Gauge> gauges(BlockOperations blocks) {
    return List.of(
        new NodeMetrics.Gauge(
            "block_rc_size", "Blocks, roughly", () -> blocks.statistics().blocks()),
        new NodeMetrics.Gauge(
            "block_resync_queue_length",
            "Blocks to be fetched or looked at",
            () -> blocks.statistics().wanted()),
        new NodeMetrics.Gauge(
            "block_resync_errored_blocks",
            "Blocks that cannot be had, of the first thousand to be fetched",
            () -> blocks.statistics().failing()),
        new NodeMetrics.Gauge(
            "block_corruption_counter",
            "Files put aside since the start",
            () -> blocks.statistics().quarantined()));
  }

  private static List<NodeStatistics.Figure> figures(BlockOperations blocks) {
    return List.of(
        new NodeStatistics.Figure("number of RC entries", () -> blocks.statistics().blocks()),
        new NodeStatistics.Figure("resync queue length", () -> blocks.statistics().wanted()),
        new NodeStatistics.Figure(
            "blocks with resync errors", () -> blocks.statistics().failing()));
  }

  private Repairs repairs(Parts parts) {
    BlockOperations blocks = parts.blocks();
    BlockUpkeep.Owners owners =
        dataId ->
            parts.model().objects().data().exists(dataId, Deadline.after(clock, OWNER_LOOKUP));
    return new Repairs(
        Map.ofEntries(
            Map.entry(new RepairType.Tables(), parts.model().antiEntropy()::syncNow),
            Map.entry(new RepairType.Blocks(), blocks::checkBlocks),
            Map.entry(new RepairType.Versions(), parts.model().objects()::checkData),
            Map.entry(new RepairType.MultipartUploads(), parts.model().objects()::checkParts),
            Map.entry(new RepairType.BlockRc(), blocks::recount),
            Map.entry(new RepairType.BlockRefs(), () -> blocks.checkReferences(owners)),
            Map.entry(new RepairType.Rebalance(), blocks::rebalance),
            Map.entry(new RepairType.Scrub(new ScrubCommand.Start()), blocks::startScrub),
            Map.entry(new RepairType.Scrub(new ScrubCommand.Pause()), blocks::pauseScrub),
            Map.entry(new RepairType.Scrub(new ScrubCommand.Resume()), blocks::resumeScrub),
            Map.entry(new RepairType.Scrub(new ScrubCommand.Cancel()), blocks::cancelScrub)));
  }

  private static @Nullable String reveal(@Nullable Secret secret) {
    return secret == null ? null : secret.reveal();
  }
}
