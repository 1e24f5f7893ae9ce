package garage.model.object;

import garage.common.codec.Writer;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.db.KeyRange;
import garage.table.register.Condition;
import garage.table.register.ConditionalOutcome;
import garage.table.register.Register;
import garage.table.register.RegisterScan;
import garage.table.register.Version;
import garage.table.replication.Placement;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The objects of all buckets: linearizable per key, listed in the order of the keys' bytes. */
public final class Objects {
  private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0).asReadOnlyBuffer();

  /** Each attempt fails only if another write came in between. */
  private static final int ATTEMPTS_MAX = 16;

  /** See {@link #settled}. */
  private static final int COPIES_TELLING_BY_READ = 3;

  private final Register<ObjectVersion> register;
  private final RegisterScan<ObjectVersion> scan;
  private final Placement placement;

  Objects(Register<ObjectVersion> register, RegisterScan<ObjectVersion> scan, Placement placement) {
    this.register = register;
    this.scan = scan;
    this.placement = placement;
  }

  /**
   * An object that is there.
   *
   * @param id the version's identity: no two versions of a key, past or future, share it
   * @param inline its bytes if they are {@link Content.Inline} and were asked for; else empty
   */
  public record Found(Timestamp id, ObjectVersion.Stored object, ByteBuffer inline) {}

  /** How a conditional write or deletion ended. */
  public sealed interface Outcome {
    /** The condition held, and it took effect. */
    record Done() implements Outcome {}

    /** The condition did not hold of {@code current}, null if there is no object. */
    record NotHeld(ObjectVersion.@Nullable Stored current) implements Outcome {}
  }

  /** The object without its bytes; empty if there is none. */
  public Optional<Found> head(ObjectKey key, Deadline deadline) {
    return find(key, false, deadline);
  }

  /** The object, with its bytes if they are inline; empty if there is none. */
  public Optional<Found> get(ObjectKey key, Deadline deadline) {
    return find(key, true, deadline);
  }

  /**
   * Makes {@code object} the present version. Where its content is {@link Content.Inline}, {@code
   * inline} holds the bytes; otherwise it is empty and the data is durable already.
   *
   * @throws GarageException.QuorumNotReached if the outcome is unknown at {@code deadline}
   */
  public void put(
      ObjectKey key, ObjectVersion.Stored object, ByteBuffer inline, Deadline deadline) {
    register.write(key.storeKey(), object, inline, deadline);
  }

  /** As {@link #put}, if {@code condition} holds of the present object, null if there is none. */
  public Outcome putIf(
      ObjectKey key,
      Predicate<ObjectVersion.@Nullable Stored> condition,
      ObjectVersion.Stored object,
      ByteBuffer inline,
      Deadline deadline) {
    return outcome(register.writeIf(key.storeKey(), on(condition), object, inline, deadline));
  }

  /** Removes the object; nothing happens if there is none. */
  public void delete(ObjectKey key, Deadline deadline) {
    register.write(key.storeKey(), new ObjectVersion.Deleted(), NO_BODY, deadline);
  }

  /**
   * As {@link #delete}, if {@code condition} holds of the present object, null if there is none.
   */
  public Outcome deleteIf(
      ObjectKey key, Predicate<ObjectVersion.@Nullable Stored> condition, Deadline deadline) {
    return outcome(
        register.writeIf(
            key.storeKey(), on(condition), new ObjectVersion.Deleted(), NO_BODY, deadline));
  }

  /**
   * Says something else of an object, which stays the same; answers it as it is then, empty if
   * there is none. {@code change} may be tried more than once.
   *
   * @throws GarageException.Conflict if the object is overwritten all the time
   */
  public Optional<ObjectVersion.Stored> annotate(
      ObjectKey key, UnaryOperator<Annotations> change, Deadline deadline) {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      Found found = find(key, true, deadline).orElse(null);
      if (found == null) {
        return Optional.empty();
      }
      ObjectVersion.Stored next =
          found.object().withAnnotations(change.apply(found.object().annotations()));
      Outcome outcome = putIf(key, found.object()::equals, next, found.inline(), deadline);
      if (outcome instanceof Outcome.Done()) {
        return Optional.of(next);
      }
    }
    throw new GarageException.Conflict("the object is overwritten all the time");
  }

  /**
   * Fences off every conditional write that has evaluated its condition but not taken effect: it
   * will evaluate it again. Answers the present object. Done by writing once more what is there.
   *
   * @throws GarageException.Conflict if the object is overwritten all the time
   */
  Optional<Found> fence(ObjectKey key, Deadline deadline) {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      Optional<Found> found = find(key, true, deadline);
      ObjectVersion.Stored object = found.map(Found::object).orElse(null);
      Predicate<ObjectVersion.@Nullable Stored> unchanged =
          now -> java.util.Objects.equals(now, object);
      Outcome outcome =
          object == null
              ? deleteIf(key, unchanged, deadline)
              : rewriteIf(key, unchanged, object, found.get().inline(), deadline);
      if (outcome instanceof Outcome.Done()) {
        return found;
      }
    }
    throw new GarageException.Conflict("the object is overwritten all the time");
  }

  /** The same object, written again: nothing that comes to a bucket being deleted. */
  private Outcome rewriteIf(
      ObjectKey key,
      Predicate<ObjectVersion.@Nullable Stored> condition,
      ObjectVersion.Stored object,
      ByteBuffer inline,
      Deadline deadline) {
    return outcome(register.rewriteIf(key.storeKey(), on(condition), object, inline, deadline));
  }

  /** Settles what there is; answers whether there is certainly nothing. */
  boolean isVacant(byte[] storeKey, Deadline deadline) {
    return outcome(
            register.writeIf(
                storeKey, on(now -> now == null), new ObjectVersion.Deleted(), NO_BODY, deadline))
        instanceof Outcome.Done;
  }

  /** Whether the present object is in the blocks of {@code dataId}. */
  boolean refersTo(ObjectKey key, Uuid dataId, Deadline deadline) {
    return settled(key, deadline).filter(found -> refersTo(found, dataId)).isPresent();
  }

  static boolean refersTo(Found found, Uuid dataId) {
    return found.object().content() instanceof Content.Blocks(Uuid id) && id.equals(dataId);
  }

  /**
   * The present object; no version accepted earlier on the replica that asks comes after it. Any
   * quorum of up to three replicas shows that replica or all that could know better; where there
   * are more, a fence says it.
   */
  Optional<Found> settled(ObjectKey key, Deadline deadline) {
    return placement.copies() <= COPIES_TELLING_BY_READ
        ? head(key, deadline)
        : fence(key, deadline);
  }

  /**
   * What of a bucket is listed.
   *
   * @param prefix what keys begin with
   * @param delimiter keys that are alike up to the first one behind the prefix make one entry;
   *     empty for none
   * @param entries how many entries are wanted, to fetch no more
   */
  public record Span(String prefix, String delimiter, int entries) {
    /** Is there anything at all. */
    public static final Span ANY = new Span("", "", 1);

    /** Everything. */
    public static final Span ALL = new Span("", "", Integer.MAX_VALUE);
  }

  /**
   * A cursor over the objects of a bucket. It must be closed. Of the objects of one entry, it shows
   * the first for certain, and perhaps others.
   */
  public Cursor list(Uuid bucket, Span span, Deadline deadline) {
    byte[] delimiter = span.delimiter().getBytes(StandardCharsets.UTF_8);
    byte[] from = storePrefix(bucket, span.prefix().getBytes(StandardCharsets.UTF_8));
    byte[] to = KeyRange.successor(from);
    var grouping = delimiter.length == 0 ? null : new RegisterScan.Grouping(from.length, delimiter);
    var range =
        new RegisterScan.Range(from, to == null ? endOfAll() : to, span.entries(), grouping);
    return new Cursor(bucket, scan.open(range, deadline));
  }

  private static byte[] storePrefix(Uuid bucket, byte[] keyUtf8) {
    return new Writer(Bytes32.LENGTH + keyUtf8.length)
        .bytes32(bucket.value())
        .raw(keyUtf8)
        .toBytes();
  }

  private static byte[] endOfAll() {
    byte[] end = new byte[Bytes32.LENGTH + ObjectKey.KEY_BYTES_MAX + 1];
    java.util.Arrays.fill(end, (byte) 0xff);
    return end;
  }

  /** Removes the rows of deletions that every replica knows of; answers how many are gone. */
  int collect(List<byte[]> storeKeys, Deadline deadline) {
    return register.collect(storeKeys, deadline);
  }

  private Optional<Found> find(ObjectKey key, boolean withBody, Deadline deadline) {
    return register.read(key.storeKey(), withBody, deadline).map(Objects::found);
  }

  private static Found found(Version<ObjectVersion> version) {
    return switch (version.value()) {
      case ObjectVersion.Stored stored -> new Found(version.id(), stored, version.body());
      case ObjectVersion.Deleted() ->
          throw new IllegalStateException("a register never shows its tombstone");
    };
  }

  private static Condition<ObjectVersion> on(Predicate<ObjectVersion.@Nullable Stored> condition) {
    return current -> condition.test(current instanceof ObjectVersion.Stored s ? s : null);
  }

  private static Outcome outcome(ConditionalOutcome<ObjectVersion> outcome) {
    return switch (outcome) {
      case ConditionalOutcome.Written<ObjectVersion>(Timestamp _) -> new Outcome.Done();
      case ConditionalOutcome.NotHeld<ObjectVersion>(ObjectVersion current) ->
          new Outcome.NotHeld(current instanceof ObjectVersion.Stored s ? s : null);
    };
  }

  /** Objects of one bucket in the order of their keys' UTF-8 bytes; used by one task. */
  public static final class Cursor implements AutoCloseable {
    private final Uuid bucket;
    private final RegisterScan<ObjectVersion>.Cursor rows;

    private Cursor(Uuid bucket, RegisterScan<ObjectVersion>.Cursor rows) {
      this.bucket = bucket;
      this.rows = rows;
    }

    /** The next object; null at the end. */
    public @Nullable Listed next() {
      RegisterScan.Row<ObjectVersion> row = rows.next();
      return row == null
          ? null
          : new Listed(ObjectKey.ofStoreKey(row.key()).key(), found(row.version()).object());
    }

    /** Goes on at the first object whose key is at or after {@code keyUtf8}, a prefix of a key. */
    public void seek(byte[] keyUtf8) {
      rows.seek(storePrefix(bucket, keyUtf8));
    }

    /** As {@link #seek(byte[])}. */
    public void seek(String key) {
      seek(key.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
      rows.close();
    }
  }

  /** One object of a listing. */
  public record Listed(String key, ObjectVersion.Stored object) {}
}
