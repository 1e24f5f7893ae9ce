package garage.model.bucket;

import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.Uuid;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.common.worker.Worker;
import garage.layout.Partition;
import garage.model.object.TombstoneCollector;
import garage.table.FullCopySchema;
import garage.table.SharedReads;
import garage.table.Table;
import garage.table.register.DoorRounds;
import garage.table.register.DoorSightings;
import garage.table.register.Doors;
import garage.table.register.Register;
import garage.table.register.RegisterTransition;
import garage.table.sync.SyncedRows;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Buckets and their names. Every node has a copy of both, so that a request resolves its bucket
 * without a round; only what this node does not know, or does not know for certain, asks a quorum.
 * Names are registers over all nodes, a bucket is a CRDT row that notes which names it got.
 */
public final class Buckets {
  private static final String BUCKETS = "bucket";
  private static final byte[] NO_SORT_KEY = {};
  private static final Logger LOG = LoggerFactory.getLogger(Buckets.class);

  /** More only if others make and delete a bucket of the same name as often meanwhile. */
  private static final int ATTEMPTS_MAX = 8;

  private final Table<Bucket> buckets;
  private final SharedReads<Bucket> settled;
  private final Names names;
  private final Fates fates;
  private final DoorRounds doors;
  private final DoorSightings sightings;
  private final DoorKeeper keeper;
  private final HybridClock clock;
  private final RandomSource random;

  /** How making a bucket ended. */
  public sealed interface Creation {
    /** It was made. */
    record Created(Bucket bucket) implements Creation {}

    /** The name stands for another bucket. */
    record Taken(Bucket holder) implements Creation {}
  }

  /** How deleting a bucket ended. */
  public enum Deletion {
    DELETED,
    /** It holds objects. */
    NOT_EMPTY
  }

  /**
   * {@code everywhere}: registers and tables of which every node has a copy; {@code doors} keep
   * what is in buckets.
   */
  public Buckets(Register.Context everywhere, DoorRounds doors) {
    this.buckets =
        new Table<>(
            new FullCopySchema<>(BUCKETS, Bucket.CODEC, b -> b.id().toBytes(), _ -> NO_SORT_KEY),
            everywhere.rpc(),
            everywhere.placement(),
            everywhere.store(),
            everywhere.hybrid());
    this.settled = new SharedReads<>(buckets, everywhere.clock());
    this.names = new Names(everywhere);
    this.fates = new Fates(everywhere);
    this.doors = doors;
    this.sightings = doors.doors().sightings();
    this.keeper = new DoorKeeper(doors, this, fates, everywhere.clock());
    this.clock = everywhere.hybrid();
    this.random = everywhere.random();
  }

  /** The trees of the store these tables live in. */
  public static Set<String> trees() {
    Set<String> trees = new TreeSet<>(Table.trees(BUCKETS));
    trees.addAll(Names.trees());
    trees.addAll(Fates.trees());
    return trees;
  }

  /** The rows, to be brought together with those of other nodes. */
  public List<SyncedRows> synced() {
    return List.of(buckets.synced());
  }

  /** The rows of the registers, likewise. */
  public List<SyncedRows> registerRows() {
    return List.of(names.synced(), fates.synced());
  }

  /** What the registers do in a change of layout. */
  public List<RegisterTransition<?>> transitions(BiPredicate<String, Partition> isComplete) {
    return List.of(names.transition(isComplete), fates.transition(isComplete));
  }

  /** The families of registers, with what takes away the row of one that says nothing. */
  public Map<String, TombstoneCollector.Collector> collectors() {
    return new TreeMap<>(Map.of(Names.FAMILY, names::collect, Fates.FAMILY, fates::collect));
  }

  /** The bucket as this node knows it, unless it is deleted or unknown here. */
  public Optional<Bucket> get(Uuid id) {
    return buckets.local(id.toBytes(), NO_SORT_KEY).filter(b -> !b.deleted().value());
  }

  /** The bucket, unless it is deleted or never was; a quorum is asked if it is unknown here. */
  public Optional<Bucket> get(Uuid id, Deadline deadline) {
    Optional<Bucket> here = buckets.local(id.toBytes(), NO_SORT_KEY);
    return (here.isPresent() ? here : settled.get(id.toBytes(), deadline))
        .filter(b -> !b.deleted().value());
  }

  /** The bucket as a quorum knows it now, unless it is deleted or never was. */
  public Optional<Bucket> latest(Uuid id, Deadline deadline) {
    Optional<Bucket> now = settled.get(id.toBytes(), deadline);
    if (now.filter(b -> b.deleted().value()).isPresent()) {
      sightings.met(id.value()); // what led here is out of date
      return Optional.empty();
    }
    return now;
  }

  /**
   * The bucket a name stands for in a request of {@code keyId}: a name of that key's own, a global
   * one, or the bucket's id in hex. As this node knows it; what it does not know for certain, a
   * quorum is asked for, which throws if there is none: so, too, where what a name leads to here
   * {@link #isDoubtful may be deleted}.
   */
  public Optional<Bucket> resolve(String name, @Nullable String keyId, Deadline deadline) {
    Optional<Bucket> here = resolve(name, keyId);
    if (here.isPresent()) {
      return here;
    }
    for (String scope : scopes(keyId)) {
      Optional<Bucket> bucket = holder(scope, name, deadline);
      if (bucket.isPresent()) {
        return bucket;
      }
    }
    return name.length() == 2 * Bytes32.LENGTH
        ? parseId(name).flatMap(id -> standing(id, deadline))
        : Optional.empty();
  }

  private Optional<Bucket> standing(Uuid id, Deadline deadline) {
    if (!isDoubtful(id)) {
      return get(id, deadline);
    }
    long met = sightings.count();
    Optional<Bucket> now = latest(id, deadline);
    now.ifPresent(_ -> sightings.confirmed(id.value(), met));
    return now;
  }

  /**
   * Whether the bucket may be deleted though this node knows nothing of it: a replica that was
   * asked for something in it has closed its door. Then it is to be resolved once more, by a quorum
   * now, before anybody is told what was found in it.
   */
  public boolean isDoubtful(Uuid bucket) {
    return sightings.isDoubtful(bucket.value());
  }

  /** As above, as this node knows it for certain: empty may also mean that a quorum knows. */
  public Optional<Bucket> resolve(String name, @Nullable String keyId) {
    for (String scope : scopes(keyId)) {
      Optional<Bucket> bucket =
          names
              .here(scope, name)
              .filter(id -> !isDoubtful(id))
              .flatMap(this::get)
              .filter(b -> b.isNamed(scope, name));
      if (bucket.isPresent()) {
        return bucket;
      }
    }
    return Optional.empty();
  }

  /** The bucket of a global name, as {@link #resolve} finds it; an id is no name. */
  public Optional<Bucket> ofName(String name, Deadline deadline) {
    return BucketName.isValid(name) ? resolve(name, null, deadline) : Optional.empty();
  }

  private static List<String> scopes(@Nullable String keyId) {
    return keyId == null ? List.of(Alias.GLOBAL) : List.of(keyId, Alias.GLOBAL);
  }

  /** The bucket that certainly has a name. */
  private Optional<Bucket> holder(String scope, String name, Deadline deadline) {
    long met = sightings.count();
    Optional<Uuid> bound = names.settled(scope, name, deadline);
    bound.ifPresent(id -> sightings.confirmed(id.value(), met));
    return bound.flatMap(id -> get(id, deadline));
  }

  /** Every bucket, by id. */
  public List<Bucket> list() {
    return buckets.localAll(b -> !b.deleted().value());
  }

  /** Every name that stands for a bucket as far as this node knows, by scope and name. */
  public List<Alias> names() {
    return names.all();
  }

  /** The names of a bucket as far as this node knows, global ones first. */
  public List<Alias> names(Uuid bucket) {
    return names().stream().filter(alias -> alias.bucket().equals(bucket)).toList();
  }

  /** The names that a bucket certainly has, global ones first: a quorum is asked. */
  public List<Alias> names(Uuid bucket, Deadline deadline) {
    return latest(bucket, deadline).map(b -> names.of(b, deadline)).orElse(List.of());
  }

  /** The buckets {@code keyId} may do anything with, by the name it sees them under. */
  public Map<String, Bucket> visibleTo(String keyId) {
    Map<String, Bucket> visible = new TreeMap<>();
    for (Alias alias : names()) {
      if (!alias.isGlobal() && !alias.scope().equals(keyId)) {
        continue;
      }
      get(alias.bucket())
          .filter(bucket -> bucket.permissions(keyId).any())
          .ifPresent(bucket -> {
            if (alias.isGlobal()) {
              visible.putIfAbsent(alias.name(), bucket);
            } else {
              visible.put(alias.name(), bucket);
            }
          });
    }
    return visible;
  }

  /**
   * Makes a bucket of a global name, all of which {@code owner} may do, if it is given.
   *
   * @throws GarageException.InvalidInput if the name is none
   */
  public Creation create(String name, @Nullable String owner, Deadline deadline) {
    return create(name, owner, Map.of(), deadline);
  }

  /** As above, with some settings from the first moment. */
  public Creation create(
      String name, @Nullable String owner, Map<BucketSetting, String> settings, Deadline deadline) {
    BucketName.require(name);
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      Optional<Uuid> bound = names.settled(Alias.GLOBAL, name, deadline);
      Optional<Bucket> holder = bound.flatMap(id -> get(id, deadline));
      if (holder.isPresent()) {
        return new Creation.Taken(named(holder.get(), Alias.GLOBAL, name, deadline));
      }
      Bucket bucket = made(owner, settings, deadline);
      if (names.change(Alias.GLOBAL, name, bound.orElse(null), bucket.id(), deadline)) {
        return new Creation.Created(named(bucket, Alias.GLOBAL, name, deadline));
      }
      buckets.insert(bucket.asDeleted(), deadline); // another was quicker
    }
    throw changing(name);
  }

  /** A bucket without a name: what bears a name must be there before it does. */
  private Bucket made(
      @Nullable String owner, Map<BucketSetting, String> settings, Deadline deadline) {
    Bucket bucket = Bucket.create(Uuid.of(random.bytes(Bytes32.LENGTH)), clock.now());
    if (owner != null) {
      bucket = bucket.withPermissions(owner, clock.now(), Permissions.ALL);
    }
    for (Map.Entry<BucketSetting, String> setting : new TreeMap<>(settings).entrySet()) {
      bucket = bucket.withSetting(setting.getKey(), clock.now(), Optional.of(setting.getValue()));
    }
    buckets.insert(bucket, deadline);
    return bucket;
  }

  /** The bucket, with a note that it certainly has the name. */
  private Bucket named(Bucket bucket, String scope, String name, Deadline deadline) {
    return bucket.isNamed(scope, name)
        ? bucket
        : change(bucket.withName(scope, name, clock.now(), true), deadline);
  }

  private static GarageException changing(String name) {
    return new GarageException.Conflict("the name '" + name + "' is being changed all the time");
  }

  /**
   * Deletes a bucket and its names, if {@code isEmpty} says so: before, and again behind closed
   * {@link Doors}, so that nothing written meanwhile goes with it.
   *
   * @throws GarageException.Conflict if another deletion is under way, or this one took too long
   */
  public Deletion delete(Bucket bucket, Predicate<Bucket> isEmpty, Deadline deadline) {
    if (!isEmpty.test(bucket)) {
      return Deletion.NOT_EMPTY;
    }
    Uuid id = bucket.id();
    Timestamp attempt = begun(id, deadline);
    boolean decided = false;
    try {
      if (!doors.closesBehindNothing(id.value(), attempt, deadline) || !isEmpty.test(bucket)) {
        return Deletion.NOT_EMPTY;
      }
      decided = fates.end(id, attempt, deadline);
    } finally {
      if (!decided) {
        giveUp(id, attempt, deadline);
      }
    }
    if (!decided) {
      throw new GarageException.Conflict("the deletion of the bucket took too long");
    }
    bury(id, deadline);
    doors.end(id.value(), attempt, deadline);
    return Deletion.DELETED;
  }

  /** Enters an attempt at deleting a bucket. */
  private Timestamp begun(Uuid bucket, Deadline deadline) {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      Timestamp attempt = clock.now();
      if (fates.begin(bucket, attempt, deadline)) {
        return attempt;
      }
      Fate fate = fates.of(bucket, deadline);
      if (fate instanceof Fate.Closing(Timestamp other)
          && attempt.millis() - other.millis() > DoorKeeper.ATTEMPT_MAX.toMillis()) {
        fates.strike(bucket, other, deadline);
        continue;
      }
      if (fate instanceof Fate.Gone) {
        sightings.met(bucket.value()); // what led here is out of date
      }
      throw new GarageException.Conflict("the bucket is being deleted by another request");
    }
    throw new GarageException.Conflict("the bucket is being deleted all the time");
  }

  /** Opens the doors again, once it is certain that the attempt has not deleted the bucket. */
  private void giveUp(Uuid bucket, Timestamp attempt, Deadline deadline) {
    try {
      if (fates.strike(bucket, attempt, deadline)) {
        doors.open(bucket.value(), attempt, deadline);
      }
    } catch (GarageException.QuorumNotReached | GarageException.TimedOut e) {
      LOG.info("Bucket {} takes no objects until it can be told that it stands", bucket);
    }
  }

  /** Does what follows from the decision that a bucket is gone. */
  void bury(Uuid bucket, Deadline deadline) {
    buckets
        .get(bucket.toBytes(), NO_SORT_KEY, deadline)
        .filter(b -> !b.deleted().value())
        .ifPresent(b -> buckets.insert(b.asDeleted(), deadline));
    for (Alias alias : names(bucket)) {
      names.change(alias.scope(), alias.name(), bucket, null, deadline);
    }
  }

  /** Looks after deletions that died on the way. */
  public Worker doorKeeper() {
    return keeper;
  }

  /**
   * Gives a bucket another name, global or of one key.
   *
   * @throws GarageException.Conflict if the name stands for another bucket
   * @throws GarageException.InvalidInput if the name is none
   */
  public void addName(Uuid bucket, String scope, String name, Deadline deadline) {
    BucketName.require(name);
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      Optional<Uuid> bound = names.settled(scope, name, deadline);
      boolean others =
          bound.filter(id -> !id.equals(bucket)).flatMap(id -> get(id, deadline)).isPresent();
      if (others) {
        throw new GarageException.Conflict("the name '" + name + "' is another bucket's already");
      }
      if (names.change(scope, name, bound.orElse(null), bucket, deadline)) {
        latest(bucket, deadline).ifPresent(b -> named(b, scope, name, deadline));
        return;
      }
    }
    throw changing(name);
  }

  /**
   * Takes a name away from a bucket.
   *
   * @throws GarageException.Missing if it is not this bucket's
   * @throws GarageException.Conflict if it is its last
   */
  public void removeName(Uuid bucket, String scope, String name, Deadline deadline) {
    if (!names.settled(scope, name, deadline).equals(Optional.of(bucket))) {
      throw new GarageException.Missing("the bucket has no name '" + name + "'");
    }
    boolean isLast =
        names(bucket, deadline).stream()
            .allMatch(other -> other.scope().equals(scope) && other.name().equals(name));
    if (isLast) {
      throw new GarageException.Conflict(
          "'" + name + "' is the bucket's last name: delete the bucket instead");
    }
    free(bucket, scope, name, deadline);
  }

  private void free(Uuid bucket, String scope, String name, Deadline deadline) {
    if (names.change(scope, name, bucket, null, deadline)) {
      latest(bucket, deadline)
          .ifPresent(b -> change(b.withName(scope, name, clock.now(), false), deadline));
    }
  }

  /** Takes all names of a key's own away, as when the key is deleted; and all it may do. */
  public void forgetKey(String keyId, Deadline deadline) {
    for (Alias alias : names()) {
      if (alias.scope().equals(keyId)) {
        free(alias.bucket(), keyId, alias.name(), deadline);
      }
    }
    for (Bucket bucket : list()) {
      if (bucket.permissions(keyId).any()) {
        change(bucket.withPermissions(keyId, clock.now(), Permissions.NONE), deadline);
      }
    }
  }

  /** Lets a key do {@code permissions} with a bucket, besides what it may do already. */
  public Bucket allow(Bucket bucket, String keyId, Permissions permissions, Deadline deadline) {
    Bucket now = newest(bucket, deadline);
    Permissions all = now.permissions(keyId).with(permissions);
    return change(now.withPermissions(keyId, clock.now(), all), deadline);
  }

  /** Takes {@code permissions} on a bucket away from a key. */
  public Bucket deny(Bucket bucket, String keyId, Permissions permissions, Deadline deadline) {
    Bucket now = newest(bucket, deadline);
    Permissions rest = now.permissions(keyId).without(permissions);
    return change(now.withPermissions(keyId, clock.now(), rest), deadline);
  }

  /** Sets a bucket's limits. */
  public Bucket limit(Bucket bucket, Quotas quotas, Deadline deadline) {
    return change(newest(bucket, deadline).withQuotas(clock.now(), quotas), deadline);
  }

  /** Configures a bucket with {@code document}, or no longer if it is empty. */
  public Bucket configure(
      Bucket bucket, BucketSetting setting, Optional<String> document, Deadline deadline) {
    Bucket now = newest(bucket, deadline);
    return change(now.withSetting(setting, clock.now(), document), deadline);
  }

  /**
   * As a quorum knows it: what is changed must be what others left, and the clock is after them.
   */
  private Bucket newest(Bucket bucket, Deadline deadline) {
    return buckets.get(bucket.id().toBytes(), NO_SORT_KEY, deadline).orElse(bucket);
  }

  private Bucket change(Bucket bucket, Deadline deadline) {
    buckets.insert(bucket, deadline);
    return bucket;
  }

  private static Optional<Uuid> parseId(String hex) {
    try {
      return Optional.of(Uuid.parse(hex));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
