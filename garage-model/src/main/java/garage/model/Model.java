package garage.model;

import garage.block.Blocks;
import garage.common.worker.Worker;
import garage.model.bucket.Buckets;
import garage.model.counter.BucketCounters;
import garage.model.key.AccessKeys;
import garage.model.object.ObjectTables;
import garage.table.Placement;
import garage.table.register.Register;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Makes the tables of the domain, and links them; no logic. */
public final class Model {
  private final Buckets buckets;
  private final AccessKeys keys;
  private final BucketCounters counters;
  private final ObjectTables objects;

  /**
   * @param context what sharded tables stand on
   * @param everywhere where the tables are of which every node has a copy
   */
  public Model(
      Register.Context context,
      Placement everywhere,
      Blocks blocks,
      ObjectTables.Settings settings) {
    this.buckets =
        new Buckets(context.rpc(), everywhere, context.store(), context.hybrid(), context.random());
    this.keys =
        new AccessKeys(
            context.rpc(), everywhere, context.store(), context.hybrid(), context.random());
    this.counters = new BucketCounters(context.store(), context.rpc());
    this.objects = new ObjectTables(context, blocks, counters, settings);
  }

  /** The trees of the store all these tables live in. */
  public static Set<String> trees() {
    Set<String> trees = new TreeSet<>(ObjectTables.trees());
    trees.addAll(Buckets.trees());
    trees.addAll(AccessKeys.trees());
    trees.add(BucketCounters.TREE);
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

  /** How many objects and bytes buckets hold. */
  public BucketCounters counters() {
    return counters;
  }

  /** Objects, their data, and uploads. */
  public ObjectTables objects() {
    return objects;
  }

  /** The background work of the tables. */
  public List<Worker> workers() {
    return objects.workers();
  }
}
