package garage.model.bucket;

import garage.common.crdt.Lww;
import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.Uuid;
import garage.common.time.HybridClock;
import garage.db.KeyRange;
import garage.db.Store;
import garage.rpc.Rpc;
import garage.table.Placement;
import garage.table.Table;
import garage.table.replication.FullCopySchema;
import garage.table.sync.SyncedRows;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Buckets and their names. Every node has a copy of both tables, so that a request resolves its
 * bucket without a round; changes of names exclude each other on one node.
 */
public final class Buckets {
  private static final String BUCKETS = "bucket";
  private static final String ALIASES = "alias";
  private static final byte[] NO_SORT_KEY = {};

  /** Buckets and names read at once. */
  private static final int PAGE = 1_000;

  private final Table<Bucket> buckets;
  private final Table<Alias> aliases;
  private final HybridClock clock;
  private final RandomSource random;
  private final ReentrantLock names = new ReentrantLock();

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

  public Buckets(
      Rpc rpc, Placement everywhere, Store store, HybridClock clock, RandomSource random) {
    this.buckets =
        new Table<>(
            new FullCopySchema<>(BUCKETS, Bucket.CODEC, b -> b.id().toBytes(), _ -> NO_SORT_KEY),
            rpc,
            everywhere,
            store,
            clock);
    this.aliases =
        new Table<>(
            new FullCopySchema<>(
                ALIASES,
                Alias.CODEC,
                a -> Alias.partitionKey(a.scope()),
                a -> a.name().getBytes(StandardCharsets.UTF_8)),
            rpc,
            everywhere,
            store,
            clock);
    this.clock = clock;
    this.random = random;
  }

  /** The trees of the store these tables live in. */
  public static Set<String> trees() {
    Set<String> trees = new TreeSet<>(Table.trees(BUCKETS));
    trees.addAll(Table.trees(ALIASES));
    return trees;
  }

  /** The rows, to be brought together with those of other nodes. */
  public List<SyncedRows> synced() {
    return List.of(buckets.synced(), aliases.synced());
  }

  /** The bucket, unless it is deleted or never was. */
  public Optional<Bucket> get(Uuid id) {
    return buckets.local(id.toBytes(), NO_SORT_KEY).filter(b -> !b.deleted().value());
  }

  /**
   * The bucket a name stands for in a request of {@code keyId}: a name of that key's own, a global
   * one, or the bucket's id in hex.
   */
  public Optional<Bucket> resolve(String name, @Nullable String keyId) {
    Optional<Uuid> target = keyId == null ? Optional.empty() : target(keyId, name);
    if (target.isEmpty()) {
      target = target(Alias.GLOBAL, name);
    }
    if (target.isEmpty() && name.length() == 2 * Bytes32.LENGTH) {
      target = parseId(name);
    }
    return target.flatMap(this::get);
  }

  /** Every bucket, by id. */
  public List<Bucket> list() {
    return all(buckets, b -> !b.deleted().value());
  }

  /** Every name that stands for a bucket, by scope and name. */
  public List<Alias> names() {
    return all(aliases, a -> a.target().value().isPresent());
  }

  /** The names of a bucket, global ones first. */
  public List<Alias> names(Uuid bucket) {
    return all(aliases, a -> a.target().value().equals(Optional.of(bucket)));
  }

  /** The buckets {@code keyId} may do anything with, by the name it sees them under. */
  public Map<String, Bucket> visibleTo(String keyId) {
    Map<String, Bucket> visible = new TreeMap<>();
    for (Alias alias : names()) {
      if (!alias.isGlobal() && !alias.scope().equals(keyId)) {
        continue;
      }
      alias
          .target()
          .value()
          .flatMap(this::get)
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
    BucketName.require(name);
    names.lock();
    try {
      Optional<Bucket> holder = target(Alias.GLOBAL, name).flatMap(this::get);
      if (holder.isPresent()) {
        return new Creation.Taken(holder.get());
      }
      Bucket bucket = Bucket.create(Uuid.of(random.bytes(Bytes32.LENGTH)), clock.now());
      if (owner != null) {
        bucket = bucket.withPermissions(owner, clock.now(), Permissions.ALL);
      }
      buckets.insert(bucket, deadline);
      aliases.insert(name(Alias.GLOBAL, name, Optional.of(bucket.id())), deadline);
      return new Creation.Created(bucket);
    } finally {
      names.unlock();
    }
  }

  /** Deletes a bucket and its names, if {@code isEmpty} says so. */
  public Deletion delete(Bucket bucket, Predicate<Bucket> isEmpty, Deadline deadline) {
    names.lock();
    try {
      if (!isEmpty.test(bucket)) {
        return Deletion.NOT_EMPTY;
      }
      buckets.insert(bucket.asDeleted(), deadline);
      for (Alias alias : names(bucket.id())) {
        aliases.insert(name(alias.scope(), alias.name(), Optional.empty()), deadline);
      }
      return Deletion.DELETED;
    } finally {
      names.unlock();
    }
  }

  /**
   * Gives a bucket another name, global or of one key.
   *
   * @throws GarageException.Conflict if the name stands for another bucket
   * @throws GarageException.InvalidInput if the name is none
   */
  public void addName(Uuid bucket, String scope, String name, Deadline deadline) {
    BucketName.require(name);
    names.lock();
    try {
      Optional<Uuid> holder = target(scope, name).filter(id -> get(id).isPresent());
      if (holder.isPresent() && !holder.get().equals(bucket)) {
        throw new GarageException.Conflict("the name '" + name + "' is another bucket's already");
      }
      aliases.insert(name(scope, name, Optional.of(bucket)), deadline);
    } finally {
      names.unlock();
    }
  }

  /**
   * Takes a name away from a bucket.
   *
   * @throws GarageException.Missing if it is not this bucket's
   * @throws GarageException.Conflict if it is its last
   */
  public void removeName(Uuid bucket, String scope, String name, Deadline deadline) {
    names.lock();
    try {
      if (!target(scope, name).equals(Optional.of(bucket))) {
        throw new GarageException.Missing("the bucket has no name '" + name + "'");
      }
      if (names(bucket).size() == 1) {
        throw new GarageException.Conflict(
            "'" + name + "' is the bucket's last name: delete the bucket instead");
      }
      aliases.insert(name(scope, name, Optional.empty()), deadline);
    } finally {
      names.unlock();
    }
  }

  /** Takes all names of a key's own away, as when the key is deleted; and all it may do. */
  public void forgetKey(String keyId, Deadline deadline) {
    names.lock();
    try {
      for (Alias alias : names()) {
        if (alias.scope().equals(keyId)) {
          aliases.insert(name(keyId, alias.name(), Optional.empty()), deadline);
        }
      }
      for (Bucket bucket : list()) {
        if (bucket.permissions(keyId).any()) {
          change(bucket.withPermissions(keyId, clock.now(), Permissions.NONE), deadline);
        }
      }
    } finally {
      names.unlock();
    }
  }

  /** Lets a key do {@code permissions} with a bucket, besides what it may do already. */
  public Bucket allow(Bucket bucket, String keyId, Permissions permissions, Deadline deadline) {
    Permissions all = bucket.permissions(keyId).with(permissions);
    return change(bucket.withPermissions(keyId, clock.now(), all), deadline);
  }

  /** Takes {@code permissions} on a bucket away from a key. */
  public Bucket deny(Bucket bucket, String keyId, Permissions permissions, Deadline deadline) {
    Permissions rest = bucket.permissions(keyId).without(permissions);
    return change(bucket.withPermissions(keyId, clock.now(), rest), deadline);
  }

  /** Sets a bucket's limits. */
  public Bucket limit(Bucket bucket, Quotas quotas, Deadline deadline) {
    return change(bucket.withQuotas(clock.now(), quotas), deadline);
  }

  /** Configures a bucket with {@code document}, or no longer if it is empty. */
  public Bucket configure(
      Bucket bucket, BucketSetting setting, Optional<String> document, Deadline deadline) {
    return change(bucket.withSetting(setting, clock.now(), document), deadline);
  }

  private Bucket change(Bucket bucket, Deadline deadline) {
    buckets.insert(bucket, deadline);
    return bucket;
  }

  private Optional<Uuid> target(String scope, String name) {
    return aliases
        .local(Alias.partitionKey(scope), name.getBytes(StandardCharsets.UTF_8))
        .flatMap(alias -> alias.target().value());
  }

  private Alias name(String scope, String name, Optional<Uuid> target) {
    return new Alias(scope, name, Lww.of(clock.now(), target));
  }

  private static Optional<Uuid> parseId(String hex) {
    try {
      return Optional.of(Uuid.parse(hex));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static <E> List<E> all(Table<E> table, Predicate<E> which) {
    List<E> found = new ArrayList<>();
    KeyRange rest = KeyRange.all();
    while (true) {
      List<E> page = table.localRange(rest, PAGE);
      page.stream().filter(which).forEach(found::add);
      if (page.size() < PAGE) {
        return found;
      }
      byte[] last = table.storeKey(page.getLast());
      rest = KeyRange.of(java.util.Arrays.copyOf(last, last.length + 1), null);
    }
  }
}
