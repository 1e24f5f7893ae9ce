package garage.model.counter;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.db.Batch;
import garage.db.Store;
import garage.db.Tree;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import java.util.Arrays;
import java.util.Collection;

/**
 * How many objects and bytes each bucket holds. Every node counts its own rows, in the batch that
 * changes them; the bucket's figure is the sum over the nodes divided by the number of copies,
 * exact once the replicas agree.
 */
public final class BucketCounters {
  /** The tree of this node's counts. */
  public static final String TREE = "bucket_counter";

  private static final Endpoint<Uuid, Counts> READ =
      new Endpoint<>(
          "counter/read", VersionedCodec.first(Codec.UUID), VersionedCodec.first(Counts.CODEC));

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

    byte[] key(Uuid bucket) {
      byte[] key = Arrays.copyOf(bucket.toBytes(), 33);
      key[32] = (byte) number;
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

    Counts dividedBy(int copies) {
      return new Counts(
          Math.ceilDiv(objects, copies),
          Math.ceilDiv(bytes, copies),
          Math.ceilDiv(uploads, copies));
    }
  }

  public BucketCounters(Store store, Rpc rpc) {
    this.store = store;
    this.tree = store.tree(TREE);
    this.rpc = rpc;
    rpc.serve(READ, (_, request, _) -> Payload.of(local(request.value())));
  }

  /** Adds to {@code batch} that objects and bytes came or, negative, went. */
  public void addObjects(Batch batch, Uuid bucket, long objects, long bytes) {
    add(batch, Kind.OBJECTS, bucket, objects);
    add(batch, Kind.BYTES, bucket, bytes);
  }

  /** Adds to {@code batch} that multipart uploads began or, negative, ended. */
  public void addUploads(Batch batch, Uuid bucket, long uploads) {
    add(batch, Kind.UPLOADS, bucket, uploads);
  }

  /**
   * The counts over {@code nodes}, which keep {@code copies} of each row.
   *
   * @throws GarageException if one of them does not answer
   */
  public Counts read(Uuid bucket, Collection<NodeId> nodes, int copies, Deadline deadline) {
    Counts sum = new Counts(0, 0, 0);
    CallOptions options = new CallOptions(Priority.CLIENT, deadline);
    try (Fanout<Counts> fanout = rpc.fanout(READ, Payload.of(bucket), options)) {
      fanout.ask(nodes);
      for (int i = 0; i < nodes.size(); i++) {
        sum =
            switch (fanout.next(deadline)) {
              case null -> throw new GarageException.TimedOut("the counts did not come in time");
              case Answer.Success<Counts>(NodeId _, Payload<Counts> counts) ->
                  sum.plus(counts.value());
              case Answer.Failure<Counts>(NodeId _, GarageException cause) -> throw cause;
            };
      }
    }
    return sum.dividedBy(copies);
  }

  private void add(Batch batch, Kind kind, Uuid bucket, long delta) {
    if (delta != 0) {
      batch.add(tree, kind.key(bucket), delta);
    }
  }

  private Counts local(Uuid bucket) {
    return new Counts(
        Batch.counter(store.get(tree, Kind.OBJECTS.key(bucket))),
        Batch.counter(store.get(tree, Kind.BYTES.key(bucket))),
        Batch.counter(store.get(tree, Kind.UPLOADS.key(bucket))));
  }
}
