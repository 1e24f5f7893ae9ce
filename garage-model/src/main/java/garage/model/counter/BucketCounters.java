package garage.model.counter;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.Partition;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.table.replication.Placement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How many objects and bytes each bucket holds. Every node counts its own rows by partition, in the
 * batch that changes them; the bucket's figure is the sum over the partitions, each taken from one
 * of its replicas that answered: of those that differ because one has missed something, the one
 * that counts more. Exact once the replicas agree.
 */
public final class BucketCounters {
  /** The tree of this node's counts: bucket, kind, partition. */
  public static final String TREE = "bucket_counter";

  private static final Endpoint<Uuid, List<Share>> READ =
      new Endpoint<>(
          "counter/read",
          VersionedCodec.first(Codec.UUID),
          VersionedCodec.first(
              Codec.of(
                  (out, shares) -> out.list(shares, Share.CODEC), in -> in.list(Share.CODEC))));

  private final Store store;
  private final Tree tree;
  private final Rpc rpc;

  /** What is counted. The numbers are in stored keys. */
  private enum Kind {
    OBJECTS(1),
    BYTES(2),
    UPLOADS(3);

    private final int number;

    Kind(int number) {
      Invariant.check(number < 256, "counter kinds fit a byte");
      this.number = number;
    }

    byte[] key(Uuid bucket, Partition partition) {
      byte[] key = Arrays.copyOf(bucket.toBytes(), Bytes32.LENGTH + 2);
      key[Bytes32.LENGTH] = (byte) number;
      key[Bytes32.LENGTH + 1] = (byte) partition.number();
      return key;
    }
  }

  /** A bucket's counts. */
  public record Counts(long objects, long bytes, long uploads) {
    static final Codec<Counts> CODEC =
        Codec.of(
            (out, c) -> out.i64(c.objects).i64(c.bytes).i64(c.uploads),
            in -> new Counts(in.i64(), in.i64(), in.i64()));

    Counts plus(Counts other) {
      return new Counts(objects + other.objects, bytes + other.bytes, uploads + other.uploads);
    }

    boolean isMoreThan(Counts other) {
      return objects != other.objects
          ? objects > other.objects
          : bytes != other.bytes ? bytes > other.bytes : uploads > other.uploads;
    }
  }

  /** What one node counts of one bucket in one partition. */
  record Share(Partition partition, Counts counts) {
    static final Codec<Share> CODEC =
        Codec.of(
            (out, s) -> out.value(s.partition, Partition.CODEC).value(s.counts, Counts.CODEC),
            in -> new Share(in.value(Partition.CODEC), in.value(Counts.CODEC)));
  }

  public BucketCounters(Store store, Rpc rpc) {
    this.store = store;
    this.tree = store.tree(TREE);
    this.rpc = rpc;
    rpc.serve(READ, (_, request, _) -> Payload.of(local(request.value())));
  }

  /** Adds to {@code batch} that objects and bytes came or, negative, went. */
  public void addObjects(Batch batch, Uuid bucket, Partition partition, long objects, long bytes) {
    add(batch, Kind.OBJECTS.key(bucket, partition), objects);
    add(batch, Kind.BYTES.key(bucket, partition), bytes);
  }

  /** Adds to {@code batch} that multipart uploads began or, negative, ended. */
  public void addUploads(Batch batch, Uuid bucket, Partition partition, long uploads) {
    add(batch, Kind.UPLOADS.key(bucket, partition), uploads);
  }

  /**
   * The counts over all partitions.
   *
   * @param placement where the rows are that are counted
   * @throws GarageException.QuorumNotReached if too few replicas of some partition answer
   */
  public Counts read(Uuid bucket, Placement placement, Deadline deadline) {
    Map<NodeId, Map<Partition, Counts>> answers = new LinkedHashMap<>();
    Map<NodeId, GarageException> failures = new LinkedHashMap<>();
    CallOptions options = new CallOptions(Priority.CLIENT, deadline);
    try (Fanout<List<Share>> fanout = rpc.fanout(READ, Payload.of(bucket), options)) {
      fanout.ask(placement.nodes());
      while (!enough(placement, answers.keySet())) {
        switch (fanout.next(deadline)) {
          case null ->
              throw new GarageException.QuorumNotReached(
                  "the counts of too few nodes came: " + failures.keySet());
          case Answer.Success<List<Share>>(NodeId from, Payload<List<Share>> shares) -> {
            Map<Partition, Counts> byPartition = new TreeMap<>();
            shares.value().forEach(s -> byPartition.put(s.partition(), s.counts()));
            answers.put(from, byPartition);
          }
          case Answer.Failure<List<Share>>(NodeId from, GarageException cause) ->
              failures.put(from, cause);
        }
      }
    }
    return sum(placement, answers);
  }

  private static boolean enough(Placement placement, Set<NodeId> answered) {
    return placement.partitions().stream()
        .allMatch(p -> placement.replicas(p).readReached(answered::contains));
  }

  private static Counts sum(Placement placement, Map<NodeId, Map<Partition, Counts>> answers) {
    Counts none = new Counts(0, 0, 0);
    Counts sum = none;
    for (Partition partition : placement.partitions()) {
      Counts most = none;
      for (NodeId node : placement.replicas(partition).sets().getFirst()) {
        Counts counts = answers.getOrDefault(node, Map.of()).getOrDefault(partition, none);
        most = counts.isMoreThan(most) ? counts : most;
      }
      sum = sum.plus(most);
    }
    return sum;
  }

  private void add(Batch batch, byte[] key, long delta) {
    if (delta != 0) {
      batch.add(tree, key, delta);
    }
  }

  private List<Share> local(Uuid bucket) {
    Map<Partition, Counts> counts = new TreeMap<>();
    try (Scan scan = store.scan(tree, KeyRange.prefix(bucket.toBytes()))) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        int kind = row.key()[Bytes32.LENGTH];
        Partition partition = Partition.of(row.key()[Bytes32.LENGTH + 1] & 0xff);
        long value = Batch.counter(row.value());
        counts.merge(
            partition,
            new Counts(
                kind == Kind.OBJECTS.number ? value : 0,
                kind == Kind.BYTES.number ? value : 0,
                kind == Kind.UPLOADS.number ? value : 0),
            Counts::plus);
      }
    }
    return counts.entrySet().stream().map(e -> new Share(e.getKey(), e.getValue())).toList();
  }
}
