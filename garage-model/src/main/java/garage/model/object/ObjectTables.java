package garage.model.object;

import garage.block.Blocks;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.db.Store;
import garage.layout.Partition;
import garage.model.counter.BucketCounters;
import garage.table.Table;
import garage.table.TableSchema;
import garage.table.register.DoorRounds;
import garage.table.register.Doors;
import garage.table.register.Register;
import garage.table.register.RegisterScan;
import garage.table.register.RegisterSchema;
import garage.table.register.RegisterTransition;
import garage.table.sync.SyncedRows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.LongConsumer;

/**
 * Makes and links the tables of objects, and names the trees and workers they need. What this node
 * was writing when it stopped is read here, before anything new is written.
 */
public final class ObjectTables {
  private final Objects objects;
  private final Uploads uploads;
  private final ObjectData data;
  private final DataOwners owners;
  private final LeftoverCheck leftovers;
  private final List<Worker> workers;
  private final List<Register<?>> registers;
  private final List<SyncedRows> registerRows;
  private final List<SyncedRows> rows;
  private final DoorRounds doors;

  /**
   * How objects are kept.
   *
   * @param space is told how many bytes an object's row is about to take on the metadata disk, and
   *     throws {@link garage.common.error.GarageException.StorageFull} to refuse them
   * @param readersMax how long the download of an overwritten object goes on undisturbed
   * @param pace is told how long clients' operations on objects take
   */
  public record Settings(LongConsumer space, Duration readersMax, Pace pace) {
    /** For a download, unless something else is said. */
    public static final Duration READERS_MAX = Duration.ofMinutes(10);

    /** With no limit of space. */
    public static Settings standard(Pace pace) {
      return new Settings(_ -> {}, READERS_MAX, pace);
    }
  }

  public ObjectTables(
      Register.Context context, Blocks blocks, BucketCounters counters, Settings settings) {
    Store store = context.store();
    ReleaseQueue releases = new ReleaseQueue(store, context.clock(), settings.readersMax());
    Doors closed = new Doors(store, context.clock());
    Table<VersionRow> versions = table(new VersionSchema(store, counters, releases), context);
    ObjectSchema objectSchema = new ObjectSchema(versions, counters, releases, settings.space());
    Register<ObjectState> register = new Register<>(objectSchema, context, closed);
    UploadSchema uploadSchema = new UploadSchema(counters, releases);
    Register<Upload.Slot> uploadRegister = new Register<>(uploadSchema, context, closed);
    this.registers = List.of(register, uploadRegister);
    Table<DataBlock> lists = table(new DataBlock.Schema(), context);
    Table<Part> parts = table(new Part.Schema(releases), context);
    this.objects = objects(register, objectSchema, versions, context, settings.pace());
    this.uploads = uploads(uploadRegister, uploadSchema, parts, objects, context);
    this.data = new ObjectData(lists, blocks, store, releases, context.random());
    this.doors =
        new DoorRounds(
            closed,
            List.of(
                new DoorRounds.Family<>(register, _ -> true, objects::isVacant),
                new DoorRounds.Family<>(
                    uploadRegister, UploadSchema::isInProgress, uploads::vacate)),
            context);
    this.owners = new DataOwners(data, objects, uploads);
    ReleaseWorker.Tables released = new ReleaseWorker.Tables(objects, data, uploads);
    this.leftovers = new LeftoverCheck(released, releases, context);
    this.registerRows = List.of(register.synced(), uploadRegister.synced());
    this.rows = List.of(lists.synced(), parts.synced(), versions.synced());
    this.workers =
        List.of(
            lists.tombstoneCollector(context.clock()),
            versions.tombstoneCollector(context.clock()),
            parts.tombstoneCollector(context.clock()),
            new PendingDataRecovery(data, objects, uploads, context.clock()),
            new ReleaseWorker(releases, released, store, context.clock()),
            leftovers,
            collector(ObjectSchema.NAME, objects::collect, context, settings.pace()),
            collector(UploadSchema.NAME, uploadRegister::collect, context, settings.pace()),
            new UploadCleaner(uploadRegister, uploads, store, context.clock()));
  }

  private static <V> Table<V> table(TableSchema<V> schema, Register.Context context) {
    return new Table<>(
        schema, context.rpc(), context.placement(), context.store(), context.hybrid());
  }

  private static Objects objects(
      Register<ObjectState> register,
      ObjectSchema schema,
      Table<VersionRow> rows,
      Register.Context context,
      Pace pace) {
    VersionLook look = new VersionLook(register, rows, context);
    ObjectVersions versions =
        new ObjectVersions(register, rows, look, context.clock(), context.random());
    Objects.Tables tables =
        new Objects.Tables(
            register,
            new RegisterScan<>(register, schema, context),
            rows,
            versions,
            new VersionScan(register, versions, context));
    return new Objects(tables, context.placement(), pace);
  }

  private static Uploads uploads(
      Register<Upload.Slot> register,
      UploadSchema schema,
      Table<Part> parts,
      Objects objects,
      Register.Context context) {
    RegisterScan<Upload.Slot> scan = new RegisterScan<>(register, schema, context);
    Uploads.Tables tables = new Uploads.Tables(register, parts, scan);
    return new Uploads(tables, objects, context.hybrid(), context.clock(), context.random());
  }

  private static TombstoneCollector collector(
      String family, TombstoneCollector.Collector rows, Register.Context context, Pace pace) {
    return new TombstoneCollector(family, rows, context.store(), context.clock(), pace);
  }

  /** The registers among the tables, to be brought together with other replicas. */
  public List<SyncedRows> registerRows() {
    return registerRows;
  }

  /** The CRDT rows among the tables, to be brought together with other replicas. */
  public List<SyncedRows> rows() {
    return rows;
  }

  /** The trees of the store these tables live in. */
  public static Set<String> trees() {
    Set<String> trees = new TreeSet<>(RegisterSchema.trees(ObjectSchema.NAME));
    trees.addAll(RegisterSchema.trees(UploadSchema.NAME));
    trees.addAll(Table.trees(VersionSchema.NAME));
    trees.addAll(Table.trees(DataBlock.Schema.NAME));
    trees.addAll(Table.trees(Part.Schema.NAME));
    trees.add(Doors.TREE);
    trees.add(ReleaseQueue.TREE);
    trees.add(ObjectData.PENDING_TREE);
    return trees;
  }

  /** The tree of inline objects' bytes, whose values are large. */
  public static String bodyTree() {
    return RegisterSchema.bodyTree(ObjectSchema.NAME);
  }

  /** Objects by key, and in order. */
  public Objects objects() {
    return objects;
  }

  /** What keeps new objects and uploads out of a bucket that is being deleted. */
  public DoorRounds doors() {
    return doors;
  }

  /** Multipart uploads. */
  public Uploads uploads() {
    return uploads;
  }

  /** The bytes of objects and parts that are in blocks. */
  public ObjectData data() {
    return data;
  }

  /** What needs the bytes that are in blocks. */
  public DataOwners owners() {
    return owners;
  }

  /** Looks in the background for data that nothing refers to, and gives it back. */
  public void checkData() {
    leftovers.ask(LeftoverCheck.What.RUNS);
  }

  /** Looks in the background for parts whose upload is over, and gives them back. */
  public void checkParts() {
    leftovers.ask(LeftoverCheck.What.PARTS);
  }

  /**
   * What these registers do in a change of layout: to be joined before the node answers, and run.
   *
   * @param isComplete whether all replicas of a partition hold everything of the part of that name
   */
  public List<RegisterTransition<?>> transitions(BiPredicate<String, Partition> isComplete) {
    List<RegisterTransition<?>> all = new ArrayList<>();
    registers.forEach(register -> all.add(register.transition(isComplete)));
    return all;
  }

  /** The background work of these tables, to be run while the node runs. */
  public List<Worker> workers() {
    return workers;
  }
}
