package garage.table;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.db.KeyRange;
import garage.db.Store;
import garage.layout.Partition;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.table.sync.MerkleIndex;
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
import org.jspecify.annotations.Nullable;

/**
 * A replicated table of CRDT rows: this node as a replica of some and as the coordinator of any. An
 * insert goes to every replica and returns when a write quorum of each set has merged it durably; a
 * read asks a read quorum and merges. A change that was seen by a read is brought to all replicas
 * that answered without it before the read returns, so that later reads cannot miss it.
 */
public final class Table<E> {
  private final TableSchema<E> schema;
  private final Rpc rpc;
  private final Placement placement;
  private final TableReplica<E> replica;
  private final Endpoint<TableMessage<E>, TableReply<E>> endpoint;

  public Table(TableSchema<E> schema, Rpc rpc, Placement placement, Store store) {
    this.schema = schema;
    this.rpc = rpc;
    this.placement = placement;
    this.replica = new TableReplica<>(schema, store, placement.fence());
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
    trees.add(name);
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
          epoch -> new TableMessage.Insert<>(epoch, group.getValue()),
          Asked.WRITE,
          deadline);
    }
  }

  /** The row of these keys as a read quorum knows it. */
  public Optional<E> get(byte[] partitionKey, byte[] sortKey, Deadline deadline) {
    List<byte[]> keys = List.of(TableReplica.key(partitionKey, sortKey));
    List<E> found =
        merged(
            schema.partition(partitionKey), epoch -> new TableMessage.Get<>(epoch, keys), deadline);
    return found.isEmpty() ? Optional.empty() : Optional.of(found.getFirst());
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
    List<E> all = merged(schema.partition(partitionKey), message, deadline);
    return all.size() <= limit ? all : all.subList(0, limit);
  }

  /** The row as this node alone knows it: for tables of which every node has a copy. */
  public Optional<E> local(byte[] partitionKey, byte[] sortKey) {
    return replica.get(TableReplica.key(partitionKey, sortKey));
  }

  /**
   * Up to {@code limit} rows, at most 1000, that this node has, in the order of the store's keys.
   */
  public List<E> localRange(KeyRange range, int limit) {
    return replica.range(range, limit);
  }

  /** The store key of a row, from which a scan may go on. */
  public byte[] storeKey(E entry) {
    return replica.key(entry);
  }

  /**
   * Deletes rows for good: every replica first takes the given final state, then forgets it if it
   * still is what it holds.
   *
   * @throws GarageException.QuorumNotReached if some replica did not answer; to be tried again
   */
  public void remove(List<E> tombstones, Deadline deadline) {
    for (Map.Entry<Partition, List<E>> group : byPartition(tombstones).entrySet()) {
      Partition partition = group.getKey();
      List<E> rows = group.getValue();
      ask(partition, epoch -> new TableMessage.Insert<>(epoch, rows), Asked.ALL, deadline);
      ask(partition, epoch -> new TableMessage.Forget<>(epoch, rows), Asked.ALL, deadline);
    }
  }

  private List<E> merged(
      Partition partition, LongFunction<TableMessage<E>> message, Deadline deadline) {
    List<List<E>> answers = ask(partition, message, Asked.READ, deadline);
    Map<byte[], E> merged = new TreeMap<>(Arrays::compareUnsigned);
    for (List<E> answer : answers) {
      for (E entry : answer) {
        merged.merge(replica.key(entry), entry, schema::merge);
      }
    }
    List<E> repair = new ArrayList<>();
    for (E entry : merged.values()) {
      if (answers.stream().anyMatch(answer -> !answer.contains(entry))) {
        repair.add(entry);
      }
    }
    if (!repair.isEmpty()) {
      insert(repair, deadline);
    }
    return List.copyOf(merged.values());
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
  private List<List<E>> ask(
      Partition partition, LongFunction<TableMessage<E>> message, Asked asked, Deadline deadline) {
    while (true) {
      Replicas replicas = placement.replicas(partition);
      List<List<E>> answers = ask(replicas, message.apply(replicas.epoch()), asked, deadline);
      if (answers != null) {
        return answers;
      }
    }
  }

  /** The answers of enough replicas; null if one of them is in a later epoch, now known here. */
  private @Nullable List<List<E>> ask(
      Replicas replicas, TableMessage<E> message, Asked asked, Deadline deadline) {
    Set<NodeId> done = new LinkedHashSet<>();
    List<List<E>> answers = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    CallOptions options = new CallOptions(Priority.CLIENT, deadline);
    try (Fanout<TableReply<E>> fanout =
        ReplicaCalls.open(rpc, replicas, endpoint, Payload.of(message), options)) {
      fanout.ask(asked.nodes(replicas));
      while (!asked.reached(replicas, done)) {
        Answer<TableReply<E>> answer = fanout.next(deadline);
        switch (answer) {
          case null ->
              throw new GarageException.QuorumNotReached(
                  "%d of %d replicas answered: %s"
                      .formatted(done.size(), asked.nodes(replicas).size(), failures));
          case Answer.Success<TableReply<E>>(NodeId from, Payload<TableReply<E>> payload) -> {
            done.add(from);
            if (replicas.all().contains(from) && payload.value() instanceof TableReply.Rows<E> r) {
              answers.add(r.entries());
            }
          }
          case Answer.Failure<TableReply<E>>(NodeId from, GarageException.Stale stale) -> {
            placement.fence().adopt(stale.epoch(), from);
            return null;
          }
          case Answer.Failure<TableReply<E>>(NodeId from, GarageException cause) -> {
            failures.add(from.shortHex() + ": " + cause.getMessage());
            rethrowIfFinal(cause);
          }
        }
      }
    }
    return answers;
  }

  /**
   * A full disk is told as such: the client is to be told to come back, not that a peer is away.
   */
  private static void rethrowIfFinal(GarageException cause) {
    if (cause instanceof GarageException.StorageFull) {
      throw cause;
    }
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
