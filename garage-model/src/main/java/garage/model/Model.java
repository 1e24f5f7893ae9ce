package garage.model;

import garage.block.Blocks;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Tasks;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.db.Store;
import garage.layout.Partition;
import garage.model.bucket.Buckets;
import garage.model.counter.BucketCounters;
import garage.model.key.AccessKeys;
import garage.model.lifecycle.LifecycleCalendar;
import garage.model.lifecycle.LifecycleWorker;
import garage.model.object.ObjectTables;
import garage.model.object.OwnRows;
import garage.model.object.TombstoneCollector;
import garage.model.token.AdminTokens;
import garage.rpc.membership.TransitionPart;
import garage.table.register.Register;
import garage.table.register.RegisterTransition;
import garage.table.replication.Placement;
import garage.table.sync.AntiEntropy;
import garage.table.sync.RowSync;
import garage.table.sync.RowsTransition;
import garage.table.sync.SyncedRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** Makes the tables of the domain, and links them; no logic. */
public final class Model {
  private final Buckets buckets;
  private final AccessKeys keys;
  private final AdminTokens tokens;
  private final BucketCounters counters;
  private final ObjectTables objects;
  private final AntiEntropy antiEntropy;
  private final List<TransitionPart> transitions;
  private final Store store;
  private final Clock clock;
  private final Placement placement;
  private final NodeId self;
  private final Pace pace;

  /**
   * @param context what sharded tables stand on
   * @param everywhere where the tables are of which every node has a copy
   */
  public Model(
      Register.Context context,
      Placement everywhere,
      Blocks blocks,
      ObjectTables.Settings settings) {
    Register.Context everyNode =
        new Register.Context(
            context.rpc(),
            everywhere,
            context.store(),
            context.hybrid(),
            context.clock(),
            context.random());
    this.keys = new AccessKeys(everyNode);
    this.tokens = new AdminTokens(everyNode);
    this.store = context.store();
    this.clock = context.clock();
    this.placement = context.placement();
    this.counters = new BucketCounters(context.store(), context.rpc());
    this.objects = new ObjectTables(context, blocks, counters, settings);
    this.buckets = new Buckets(everyNode, objects.doors());
    List<RowSync> registers = syncs(context, context.placement(), objects.registerRows());
    List<RowSync> rows = syncs(context, context.placement(), objects.rows());
    List<SyncedRows> copied = new ArrayList<>(buckets.synced());
    copied.addAll(keys.synced());
    copied.addAll(tokens.synced());
    List<RowSync> names = syncs(context, everywhere, copied);
    List<RowSync> all = new ArrayList<>(names);
    all.addAll(rows);
    all.addAll(registers);
    all.addAll(syncs(context, everywhere, buckets.registerRows()));
    this.antiEntropy = new AntiEntropy(all, context.clock(), context.random());
    this.self = context.rpc().self();
    this.pace = settings.pace();
    this.transitions =
        List.of(
            new RowsTransition("names", true, names, antiEntropy, self),
            new RowsTransition("rows", false, rows, antiEntropy, self));
  }

  private static List<RowSync> syncs(
      Register.Context context, Placement placement, List<SyncedRows> tables) {
    var sync = new RowSync.Context(context.rpc(), placement, context.hybrid(), context.clock());
    return tables.stream().map(rows -> new RowSync(rows, sync)).toList();
  }

  /** What brings this node's tables together with those of other nodes. */
  public AntiEntropy antiEntropy() {
    return antiEntropy;
  }

  /** What of the tables has to be brought to new nodes before they count; not the registers. */
  public List<TransitionPart> transitions() {
    return transitions;
  }

  /** The trees of the store all these tables live in. */
  public static Set<String> trees() {
    Set<String> trees = new TreeSet<>(ObjectTables.trees());
    trees.addAll(Buckets.trees());
    trees.addAll(AccessKeys.trees());
    trees.addAll(AdminTokens.trees());
    trees.add(BucketCounters.TREE);
    trees.add(LifecycleWorker.TREE);
    return trees;
  }

  /** Buckets and their names. */
  public Buckets buckets() {
    return buckets;
  }

  /** Access keys. */
  public AccessKeys keys() {
    return keys;
  }

  /** Tokens of the admin API. */
  public AdminTokens tokens() {
    return tokens;
  }

  /** How many objects and bytes buckets hold. */
  public BucketCounters counters() {
    return counters;
  }

  /** What a bucket holds; the numbers follow the objects within moments. */
  public BucketCounters.Counts count(Uuid bucket, Deadline deadline) {
    return counters.read(bucket, placement, deadline);
  }

  /** Objects, their data, and uploads. */
  public ObjectTables objects() {
    return objects;
  }

  /**
   * What the registers do in a change of layout: to be joined before the node answers, and run.
   *
   * @param isComplete whether all replicas of a partition hold everything of the part of that name
   */
  public List<RegisterTransition<?>> registerTransitions(
      BiPredicate<String, Partition> isComplete) {
    List<RegisterTransition<?>> all = new ArrayList<>(objects.transitions(isComplete));
    all.addAll(buckets.transitions(isComplete));
    return all;
  }

  /**
   * What applies the buckets' lifecycles, to be run while the node runs.
   *
   * @param isUp whether another node answers
   */
  public LifecycleWorker lifecycle(
      Tasks tasks, LifecycleCalendar calendar, Predicate<NodeId> isUp) {
    OwnRows own = new OwnRows(store, placement, self, isUp);
    var parts = new LifecycleWorker.Parts(buckets, objects.objects(), objects.uploads(), own, pace);
    return new LifecycleWorker(parts, store, clock, tasks, calendar);
  }

  /** The background work of the tables. */
  public List<Worker> workers() {
    List<Worker> workers = new ArrayList<>(objects.workers());
    workers.add(antiEntropy);
    buckets
        .collectors()
        .forEach((family, collector) ->
            workers.add(new TombstoneCollector(family, collector, store, clock, pace)));
    workers.add(buckets.doorKeeper());
    return workers;
  }
}
