package garage.table;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.common.worker.Worker;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Store;
import garage.layout.Epoch;
import garage.layout.Partition;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.table.replication.Placement;
import garage.table.replication.Replicas;
import garage.table.sync.MerkleIndex;
import garage.table.sync.SyncedRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A replicated table of CRDT rows: this node as a replica of some and as the coordinator of any. An
 * insert goes to every replica and returns when a write quorum of each set has merged it durably; a
 * read asks a read quorum and merges. A change that was seen by a read is brought to all replicas
 * that answered without it before the read returns, so that later reads cannot miss it. And the
 * clock is after every change that a read could have seen: what is changed next is the later one.
 */
public final class Table<E> {
  private final TableSchema<E> schema;
  private final Rpc rpc;
  private final Placement placement;
  private final HybridClock hybrid;
  private final TableReplica<E> replica;
  private final Endpoint<TableMessage<E>, TableReply<E>> endpoint;

  public Table(
      TableSchema<E> schema, Rpc rpc, Placement placement, Store store, HybridClock hybrid) {
    this.schema = schema;
    this.rpc = rpc;
    this.placement = placement;
    this.hybrid = hybrid;
    this.replica = new TableReplica<>(schema, store, placement, hybrid, rpc.self());
    this.endpoint =
        new Endpoint<>(
            "table/" + schema.name(),
            TableMessage.codec(schema.codec()),
            TableReply.codec(schema.codec()));
    rpc.serve(endpoint, replica::handle);
  }

  /** The trees of the store that a table named {@code name} lives in. */
  public static Set<String> trees(String name) {
    Set<String> trees = new TreeSet<>(MerkleIndex.trees());
    trees.addAll(Set.of(name, Floors.TREE, Tombstones.TREE, Tenure.TREE));
    return trees;
  }

  /**
   * Merges one row.
   *
   * @throws GarageException.QuorumNotReached if no write quorum has it at {@code deadline}
   */
  public void insert(E entry, Deadline deadline) {
    insert(List.of(entry), deadline);
  }

  /** Merges rows, in one batch per partition; see {@link #insert(Object, Deadline)}. */
  public void insert(List<E> entries, Deadline deadline) {
    for (Map.Entry<Partition, List<E>> group : byPartition(entries).entrySet()) {
      ask(
          group.getKey(),
          epoch -> new TableMessage.Insert<>(epoch, hybrid.now(), group.getValue()),
          Asked.WRITE,
          deadline);
    }
  }

  /** The row of these keys as a read quorum knows it. */
  public Optional<E> get(byte[] partitionKey, byte[] sortKey, Deadline deadline) {
    List<byte[]> keys = List.of(TableReplica.key(partitionKey, sortKey));
    List<E> found =
        merged(
            schema.partition(partitionKey),
            Integer.MAX_VALUE,
            epoch -> new TableMessage.Get<>(epoch, schema.partition(partitionKey), keys),
            deadline);
    return found.isEmpty() ? Optional.empty() : Optional.of(found.getFirst());
  }

  /** As {@link #get}, of the rows of these store keys, all of the first one's partition. */
  List<E> getAll(List<byte[]> keys, Deadline deadline) {
    Partition partition = schema.partition(keys.getFirst());
    return merged(
        partition,
        Integer.MAX_VALUE,
        epoch -> new TableMessage.Get<>(epoch, partition, keys),
        deadline);
  }

  /** The key of a row in the store. */
  byte[] rowKey(E entry) {
    return replica.key(entry);
  }

  /**
   * Up to {@code limit} rows of a partition key in the order of their sort keys, from the first at
   * or after {@code fromSortKey}, as a read quorum knows them.
   */
  public List<E> range(byte[] partitionKey, byte[] fromSortKey, int limit, Deadline deadline) {
    return range(partitionKey, fromSortKey, limit, false, deadline);
  }

  /** As {@link #range}, but from the last row at or before {@code fromSortKey}, if there is one. */
  public List<E> rangeFromFloor(
      byte[] partitionKey, byte[] fromSortKey, int limit, Deadline deadline) {
    return range(partitionKey, fromSortKey, limit, true, deadline);
  }

  private List<E> range(
      byte[] partitionKey, byte[] fromSortKey, int limit, boolean floor, Deadline deadline) {
    byte[] to = KeyRange.successor(partitionKey);
    LongFunction<TableMessage<E>> message =
        epoch ->
            new TableMessage.Range<>(
                epoch,
                TableReplica.key(partitionKey, fromSortKey),
                to == null ? new byte[0] : to,
                Math.min(limit, TableReplica.RANGE_MAX),
                floor,
                partitionKey.length);
    int asked = Math.min(limit, TableReplica.RANGE_MAX);
    List<E> all = merged(schema.partition(partitionKey), asked, message, deadline);
    return all.size() <= limit ? all : all.subList(0, limit);
  }

  /** The row as this replica has it in its store. */
  public Optional<E> here(byte[] partitionKey, byte[] sortKey) {
    return replica.get(TableReplica.key(partitionKey, sortKey));
  }

  /**
   * The row as this node alone knows it: for tables of which every node has a copy, and none of
   * whose rows are made by {@link #mergeHere}, which this does not hear of.
   */
  public Optional<E> local(byte[] partitionKey, byte[] sortKey) {
    return replica.getKept(TableReplica.key(partitionKey, sortKey));
  }

  /**
   * Every row that this node has and {@code which} accepts, in the order of the store's keys: for
   * tables that are small and of which every node has a copy.
   */
  public List<E> localAll(Predicate<E> which) {
    List<E> found = new ArrayList<>();
    KeyRange rest = KeyRange.all();
    while (true) {
      List<E> page = replica.range(rest, TableReplica.RANGE_MAX);
      page.stream().filter(which).forEach(found::add);
      if (page.size() < TableReplica.RANGE_MAX) {
        return found;
      }
      byte[] last = replica.key(page.getLast());
      rest = KeyRange.of(Arrays.copyOf(last, last.length + 1), null);
    }
  }

  /**
   * Up to {@code limit} rows, at most 1000, that this node has, in the order of the store's keys.
   */
  public List<E> localRange(KeyRange range, int limit) {
    return replica.range(range, limit);
  }

  /**
   * Locks the rows on this replica that have these {@link TableSchema#lockKey lock keys}, until it
   * is closed.
   */
  public KeyLocks.Held lockHere(List<byte[]> lockKeys) {
    return replica.lockAll(lockKeys);
  }

  /**
   * Merges a row into what this replica has, in {@code batch}, and answers it as it is then: for
   * what makes rows on each replica for itself, in a batch that changes something else too, and
   * does what {@link TableSchema#onChange} would. The row's lock is held until that is durable, and
   * no other row of its key is in the batch.
   */
  public E mergeHere(E entry, Batch batch) {
    return replica.mergeHere(entry, batch);
  }

  /** The rows as they are brought together with those of other replicas. */
  public SyncedRows synced() {
    return replica;
  }

  /** Takes away rows that are deleted everywhere, in the background. */
  public Worker tombstoneCollector(Clock clock) {
    return new TombstoneWorker<>(this, replica.tombstones(), rpc.self(), clock);
  }

  /** A deleted row, as this node has it. */
  Optional<E> tombstone(byte[] rowKey) {
    return replica.get(rowKey).filter(schema::isTombstone);
  }

  boolean isCollectable(E tombstone) {
    return schema.isCollectable(tombstone);
  }

  void forgetAlive(List<byte[]> rowKeys) {
    replica.forgetAlive(rowKeys);
  }

  Partition partition(E entry) {
    return schema.partition(schema.partitionKey(entry));
  }

  Placement placement() {
    return placement;
  }

  String name() {
    return schema.name();
  }

  /**
   * Takes away rows of one partition that are deleted, if every replica has them so; answers
   * whether they are gone. No waiting makes this safe: at the time that the last of the replicas
   * gave, every one of them had the tombstone, and what was made or read before is refused.
   */
  boolean collect(Partition partition, List<E> tombstones, Deadline deadline) {
    Replicas replicas = placement.replicas(partition);
    if (!Epoch.ofNumber(replicas.epoch()).isStable()) {
      return false; // a new replica may be taking the rows from one that has collected them
    }
    var insert = new TableMessage.Insert<>(replicas.epoch(), hybrid.now(), tombstones);
    List<TableReply.Rows<E>> confirmed = ask(replicas, insert, Asked.ALL, deadline);
    if (confirmed == null) {
      return false;
    }
    confirmed.forEach(reply -> hybrid.observe(reply.at())); // none may be too far ahead
    List<byte[]> keys = tombstones.stream().map(replica::key).toList();
    var collect = new TableMessage.Collect<E>(replicas.epoch(), hybrid.now(), keys);
    return ask(replicas, collect, Asked.ALL, deadline) != null;
  }

  /**
   * What a read quorum knows, merged. Where the answers differ, all is brought to a write quorum
   * first, as of the time it was read: if that is refused, rows were collected meanwhile, and the
   * read begins again.
   */
  private List<E> merged(
      Partition partition, int limit, LongFunction<TableMessage<E>> message, Deadline deadline) {
    while (true) {
      Replicas replicas = placement.replicas(partition);
      List<TableReply.Rows<E>> answers =
          ask(replicas, message.apply(replicas.epoch()), Asked.READ, deadline);
      if (answers == null) {
        continue;
      }
      Merge<E> merge = merge(answers, limit);
      if (merge.repair().isEmpty()) {
        return merge.rows();
      }
      var repair = new TableMessage.Insert<>(replicas.epoch(), merge.at(), merge.repair());
      if (ask(replicas, repair, Asked.WRITE, deadline) != null) {
        return merge.rows();
      }
    }
  }

  /**
   * Answers of replicas put together.
   *
   * @param at before any of them was read
   * @param repair rows that some answer lacks or has in another state
   */
  private record Merge<E>(Timestamp at, List<E> rows, List<E> repair) {}

  private Merge<E> merge(List<TableReply.Rows<E>> answers, int limit) {
    TreeMap<byte[], E> rows = new TreeMap<>(Arrays::compareUnsigned);
    Timestamp at = answers.getFirst().at();
    byte[] end = null;
    for (TableReply.Rows<E> answer : answers) {
      at = at.isAfter(answer.at()) ? answer.at() : at;
      answer.entries().forEach(e -> rows.merge(replica.key(e), e, schema::merge));
      if (answer.entries().size() >= limit) {
        byte[] last = replica.key(answer.entries().getLast());
        end = end == null || Arrays.compareUnsigned(last, end) < 0 ? last : end;
      }
    }
    if (end != null) {
      rows.tailMap(end, false).clear(); // beyond it that answer says nothing
    }
    List<E> repair = answers.size() == 1 ? List.of() : differing(answers, rows);
    return new Merge<>(at, List.copyOf(rows.values()), repair);
  }

  private List<E> differing(List<TableReply.Rows<E>> answers, Map<byte[], E> rows) {
    TreeMap<byte[], Integer> agreeing = new TreeMap<>(Arrays::compareUnsigned);
    for (TableReply.Rows<E> answer : answers) {
      for (E entry : answer.entries()) {
        byte[] key = replica.key(entry);
        if (entry.equals(rows.get(key))) {
          agreeing.merge(key, 1, Integer::sum);
        }
      }
    }
    List<E> repair = new ArrayList<>();
    rows.forEach((key, entry) -> {
      if (agreeing.getOrDefault(key, 0) < answers.size()) {
        repair.add(entry);
      }
    });
    return repair;
  }

  /** How many of each set have to answer. */
  private enum Asked {
    READ,
    WRITE,
    ALL;

    Set<NodeId> nodes(Replicas replicas) {
      return this == READ ? replicas.all() : replicas.receivers();
    }

    boolean reached(Replicas replicas, Set<NodeId> done) {
      return switch (this) {
        case READ -> replicas.readReached(done::contains);
        case WRITE -> replicas.writeReached(done::contains);
        case ALL -> done.containsAll(replicas.receivers());
      };
    }
  }

  /** Asks the replicas of the present epoch; all anew where one of them is ahead of this node. */
  private void ask(
      Partition partition, LongFunction<TableMessage<E>> message, Asked asked, Deadline deadline) {
    while (true) {
      Replicas replicas = placement.replicas(partition);
      if (ask(replicas, message.apply(replicas.epoch()), asked, deadline) != null) {
        return;
      }
    }
  }

  /**
   * The answers of enough replicas; null if one of them is in a later epoch, or refused for its
   * floor: both are known here now, and the operation begins anew.
   */
  private @Nullable List<TableReply.Rows<E>> ask(
      Replicas replicas, TableMessage<E> message, Asked asked, Deadline deadline) {
    Set<NodeId> done = new LinkedHashSet<>();
    List<TableReply.Rows<E>> answers = new ArrayList<>();
    Map<NodeId, GarageException> failures = new LinkedHashMap<>();
    CallOptions options = new CallOptions(Priority.CLIENT, deadline);
    try (Fanout<TableReply<E>> fanout =
        ReplicaCalls.open(rpc, replicas, endpoint, Payload.of(message), options)) {
      fanout.ask(asked.nodes(replicas));
      while (!asked.reached(replicas, done)) {
        Answer<TableReply<E>> answer = fanout.next(deadline);
        switch (answer) {
          case null -> throw notReached(replicas, asked, failures);
          case Answer.Success<TableReply<E>>(NodeId from, Payload<TableReply<E>> payload) -> {
            switch (payload.value()) {
              case TableReply.Rows<E> rows -> {
                done.add(from);
                answers.add(rows);
                observe(rows.at()); // it counts even if it is too far ahead
              }
              case TableReply.Refused<E>(Timestamp floor) -> {
                GarageException.Conflict apart = observe(floor);
                if (apart == null) {
                  return null;
                }
                failures.put(from, apart);
                failIfImpossible(replicas, asked, failures);
              }
            }
          }
          case Answer.Failure<TableReply<E>>(NodeId from, GarageException.Stale stale) -> {
            placement.fence().adopt(stale.epoch(), from);
            return null;
          }
          case Answer.Failure<TableReply<E>>(NodeId from, GarageException cause) -> {
            failures.put(from, cause);
            failIfImpossible(replicas, asked, failures);
          }
        }
      }
    }
    return answers;
  }

  /** Why {@code floor} is too far ahead to go beyond it; null if it is not. */
  private GarageException.@Nullable Conflict observe(Timestamp floor) {
    try {
      hybrid.observe(floor);
      return null;
    } catch (GarageException.Conflict e) {
      return e;
    }
  }

  /**
   * Fails as soon as too few replicas are left. A full disk is told as such: the client is to be
   * told to come back, not that a peer is away.
   */
  private static void failIfImpossible(
      Replicas replicas, Asked asked, Map<NodeId, GarageException> failures) {
    Set<NodeId> rest = asked.nodes(replicas);
    rest.removeAll(failures.keySet());
    if (asked.reached(replicas, rest)) {
      return;
    }
    for (GarageException cause : failures.values()) {
      if (cause instanceof GarageException.StorageFull) {
        throw cause;
      }
    }
    throw notReached(replicas, asked, failures);
  }

  private static GarageException notReached(
      Replicas replicas, Asked asked, Map<NodeId, GarageException> failures) {
    List<String> causes = new ArrayList<>();
    failures.forEach((node, cause) -> causes.add(node.shortHex() + ": " + cause.getMessage()));
    return new GarageException.QuorumNotReached(
        "too few of %d replicas answered: %s".formatted(asked.nodes(replicas).size(), causes));
  }

  private Map<Partition, List<E>> byPartition(List<E> entries) {
    Map<byte[], E> distinct = new TreeMap<>(Arrays::compareUnsigned);
    for (E entry : entries) {
      distinct.merge(replica.key(entry), entry, schema::merge);
    }
    Map<Partition, List<E>> groups = new LinkedHashMap<>();
    for (E entry : distinct.values()) {
      groups
          .computeIfAbsent(schema.partition(schema.partitionKey(entry)), _ -> new ArrayList<>())
          .add(entry);
    }
    return groups;
  }
}
