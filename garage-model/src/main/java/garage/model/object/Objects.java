package garage.model.object;

import garage.common.codec.Writer;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.common.worker.Pace;
import garage.db.KeyRange;
import garage.table.Table;
import garage.table.register.Condition;
import garage.table.register.ConditionalOutcome;
import garage.table.register.Draft;
import garage.table.register.Register;
import garage.table.register.RegisterScan;
import garage.table.replication.Placement;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The objects of all buckets: linearizable per key, listed in the order of the keys' bytes. */
public final class Objects {
  private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0).asReadOnlyBuffer();
  private static final ObjectState DELETED = new ObjectState.Absent(ObjectState.Rest.UNKNOWN);

  /** See {@link #settled}. */
  private static final int COPIES_TELLING_BY_READ = 3;

  private final Register<ObjectState> register;
  private final RegisterScan<ObjectState> scan;
  private final Table<VersionRow> rows;
  private final ObjectVersions versions;
  private final VersionScan versionScan;
  private final Placement placement;
  private final Pace pace;

  /** {@code pace} is told how long the reads and writes of clients take. */
  Objects(Tables tables, Placement placement, Pace pace) {
    this.register = tables.register();
    this.scan = tables.scan();
    this.rows = tables.rows();
    this.versions = tables.versions();
    this.versionScan = tables.versionScan();
    this.placement = placement;
    this.pace = pace;
  }

  /** Where objects and their versions are. */
  record Tables(
      Register<ObjectState> register,
      RegisterScan<ObjectState> scan,
      Table<VersionRow> rows,
      ObjectVersions versions,
      VersionScan versionScan) {}

  /**
   * Where an object is to be written.
   *
   * @param versioning what the bucket does with versions
   */
  public record Target(ObjectKey key, Versioning versioning) {
    /** In a bucket that has never kept versions. */
    public static Target plain(ObjectKey key) {
      return new Target(key, Versioning.NONE);
    }
  }

  /** What is to be seen of a key, or of one version of it. */
  public sealed interface Sight {}

  /**
   * An object that is there.
   *
   * @param id which version it is
   * @param written when it was made: no two versions of a key, past or future, share it
   * @param inline its bytes if they are {@link Content.Inline} and were asked for; else empty
   */
  public record Found(
      VersionId id, Timestamp written, ObjectVersion.Stored object, ByteBuffer inline)
      implements Sight {}

  /** A deletion that is kept as a version. */
  public record Marked(VersionId id, Timestamp written, ObjectVersion.DeleteMarker marker)
      implements Sight {}

  /** There is no such version. */
  public record Nothing() implements Sight {}

  /** How a conditional write or deletion ended. */
  public sealed interface Outcome {
    /** The condition held, and it took effect as this version. */
    record Done(VersionId id) implements Outcome {}

    /** The condition did not hold of {@code current}, null if there is no version. */
    record NotHeld(@Nullable ObjectVersion current) implements Outcome {}
  }

  /** The present object without its bytes; empty if there is none. */
  public Optional<Found> head(ObjectKey key, Deadline deadline) {
    return found(present(key, false, deadline));
  }

  /** The present object, with its bytes if they are inline; empty if there is none. */
  public Optional<Found> get(ObjectKey key, Deadline deadline) {
    return found(present(key, true, deadline));
  }

  private static Optional<Found> found(Sight sight) {
    return sight instanceof Found found ? Optional.of(found) : Optional.empty();
  }

  /** The present version. */
  public Sight present(ObjectKey key, boolean withBytes, Deadline deadline) {
    return pace.client(Pace.Work.ROW_READ, () -> sight(key, withBytes, deadline));
  }

  private Sight sight(ObjectKey key, boolean withBytes, Deadline deadline) {
    return ObjectVersions.sight(register.read(key.storeKey(), withBytes, deadline).orElse(null));
  }

  /** A version of a key, the present one or another. */
  public Sight version(ObjectKey key, VersionId id, boolean withBytes, Deadline deadline) {
    return versions.of(key, deadline).version(id, withBytes);
  }

  /** As below, in a bucket that has never kept versions. */
  public VersionId put(
      ObjectKey key, ObjectVersion.Stored object, ByteBuffer inline, Deadline deadline) {
    return put(Target.plain(key), object, inline, deadline);
  }

  /**
   * Makes {@code object} the present version, and answers its id. Where its content is {@link
   * Content.Inline}, {@code inline} holds the bytes; otherwise it is empty and the data is durable
   * already.
   *
   * @throws GarageException.QuorumNotReached if the outcome is unknown at {@code deadline}
   */
  public VersionId put(
      Target to, ObjectVersion.Stored object, ByteBuffer inline, Deadline deadline) {
    return pace.client(Pace.Work.ROW_WRITE, () -> write(to, object, inline, deadline));
  }

  private VersionId write(Target to, ObjectVersion version, ByteBuffer inline, Deadline deadline) {
    ObjectState.Present state = new ObjectState.Present(to.versioning(), null, version);
    VersionDating dating = dating(to, _ -> true);
    Draft<ObjectState> draft = new Draft<>(state, inline, dating);
    return state.id(register.write(to.key().storeKey(), draft, deadline));
  }

  private @Nullable VersionDating dating(Target to, Predicate<VersionId> permit) {
    return to.versioning() == Versioning.NONE ? null : new VersionDating(to, rows, permit);
  }

  /** As below, in a bucket that has never kept versions. */
  public Outcome putIf(
      ObjectKey key,
      Predicate<ObjectVersion.@Nullable Stored> condition,
      ObjectVersion.Stored object,
      ByteBuffer inline,
      Deadline deadline) {
    return putIf(Target.plain(key), condition, object, inline, deadline);
  }

  /** As {@link #put}, if {@code condition} holds of the present object, null if there is none. */
  public Outcome putIf(
      Target to,
      Predicate<ObjectVersion.@Nullable Stored> condition,
      ObjectVersion.Stored object,
      ByteBuffer inline,
      Deadline deadline) {
    ObjectState.Present state = new ObjectState.Present(to.versioning(), null, object);
    Draft<ObjectState> draft = new Draft<>(state, inline, dating(to, _ -> true));
    return pace.client(Pace.Work.ROW_WRITE, () -> writeIf(to, on(condition), draft, deadline));
  }

  /**
   * As above, of an object whose data is durable already, if also {@code permit} is given: it is
   * asked for under the key's promise, before any replica is sent a version of that id.
   */
  public Outcome putIf(
      Target to,
      Predicate<ObjectVersion.@Nullable Stored> condition,
      Predicate<VersionId> permit,
      ObjectVersion.Stored object,
      Deadline deadline) {
    ObjectState.Present state = new ObjectState.Present(to.versioning(), null, object);
    Draft<ObjectState> draft = new Draft<>(state, NO_BODY, dating(to, permit));
    Condition<ObjectState> both =
        Condition.ofAttempt((current, attempt) ->
            condition.test(stored(current)) && permit.test(state.id(attempt.ballot())));
    return pace.client(Pace.Work.ROW_WRITE, () -> writeIf(to, both, draft, deadline));
  }

  private Outcome writeIf(
      Target to, Condition<ObjectState> condition, Draft<ObjectState> draft, Deadline deadline) {
    ObjectState.Present state = (ObjectState.Present) draft.version();
    byte[] key = to.key().storeKey();
    return switch (register.writeIf(key, condition, draft, deadline)) {
      case ConditionalOutcome.Written<ObjectState>(Timestamp id) -> new Outcome.Done(state.id(id));
      case ConditionalOutcome.NotHeld<ObjectState>(ObjectState current, Timestamp leftover) -> {
        if (leftover != null) {
          disown(to, current, leftover, deadline);
        }
        yield new Outcome.NotHeld(version(current));
      }
    };
  }

  /**
   * Sees to it that a version which was refused, but which some replica took before that was known,
   * never appears among the old ones. Where it has no id by which it could be removed, that is so
   * if the one it was refused for, which came to a quorum after it, has none either: there is only
   * one of those, the last.
   */
  private void disown(
      Target to, @Nullable ObjectState current, Timestamp leftover, Deadline deadline) {
    switch (to.versioning()) {
      case NONE -> {}
      case ENABLED -> disown(to.key(), List.of(leftover), deadline);
      case SUSPENDED -> {
        boolean replaced =
            current instanceof ObjectState.Present present
                && present.versioning() != Versioning.ENABLED;
        if (!replaced) {
          throw new GarageException.QuorumNotReached("the outcome of the write is unknown");
        }
      }
    }
  }

  /**
   * Sees to it that versions of these dates, which did not take effect and never will, are no old
   * ones where some replica has taken one.
   */
  void disown(ObjectKey key, List<Timestamp> dates, Deadline deadline) {
    rows.insert(
        dates.stream().map(date -> VersionRow.removed(key, new VersionId(date), date)).toList(),
        deadline);
  }

  /** As {@link #disown} of a version that is not there, if it has an id and is not buried yet. */
  void bury(ObjectKey key, VersionId id, Deadline deadline) {
    Timestamp date = id.written();
    if (date != null && !versions.of(key, deadline).isBuried(id)) {
      disown(key, List.of(date), deadline);
    }
  }

  /** Removes the object, in a bucket that has never kept versions. */
  public void delete(ObjectKey key, Deadline deadline) {
    register.write(key.storeKey(), DELETED, NO_BODY, deadline);
  }

  /**
   * Removes the object; nothing happens if there is none. Where versions are kept, {@code marker}
   * becomes the present one, and its id is answered.
   */
  public Optional<VersionId> delete(
      Target of, ObjectVersion.DeleteMarker marker, Deadline deadline) {
    if (of.versioning() == Versioning.NONE) {
      delete(of.key(), deadline);
      return Optional.empty();
    }
    return Optional.of(write(of, marker, NO_BODY, deadline));
  }

  /** As below, in a bucket that has never kept versions. */
  public Outcome deleteIf(
      ObjectKey key, Predicate<@Nullable ObjectVersion> condition, Deadline deadline) {
    return deleteIf(Target.plain(key), condition, new ObjectVersion.DeleteMarker("", 0), deadline);
  }

  /**
   * As {@link #delete}, if {@code condition} holds of the present version, null if there is none.
   */
  public Outcome deleteIf(
      Target of,
      Predicate<@Nullable ObjectVersion> condition,
      ObjectVersion.DeleteMarker marker,
      Deadline deadline) {
    Condition<ObjectState> holds = current -> condition.test(version(current));
    if (of.versioning() != Versioning.NONE) {
      ObjectState.Present state = new ObjectState.Present(of.versioning(), null, marker);
      Draft<ObjectState> draft = new Draft<>(state, NO_BODY, dating(of, _ -> true));
      return writeIf(of, holds, draft, deadline);
    }
    byte[] key = of.key().storeKey();
    return switch (register.writeIf(key, holds, DELETED, NO_BODY, deadline)) {
      case ConditionalOutcome.Written<ObjectState> _ -> new Outcome.Done(VersionId.NULL);
      case ConditionalOutcome.NotHeld<ObjectState>(ObjectState current, Timestamp _) ->
          new Outcome.NotHeld(version(current));
    };
  }

  /** As below, of the present version; empty if there is no object. */
  public Optional<ObjectVersion.Stored> annotate(
      ObjectKey key, UnaryOperator<Annotations> change, Deadline deadline) {
    return found(annotate(key, null, change, deadline)).map(Found::object);
  }

  /**
   * Says something else of an object, which stays the same version; answers it as it is then, or
   * what is there in its place. {@code change} may be tried more than once.
   *
   * @param id which version; null for the present one
   * @throws GarageException.Conflict if the object is overwritten all the time
   */
  public Sight annotate(
      ObjectKey key, @Nullable VersionId id, UnaryOperator<Annotations> change, Deadline deadline) {
    return versions.of(key, deadline).annotate(id, change);
  }

  /**
   * Removes versions for ever; answers what those were that were there. If the present one is among
   * them, the newest of the others takes its place.
   *
   * @throws GarageException.Conflict if the object is overwritten all the time
   */
  public Map<VersionId, ObjectVersion> remove(
      ObjectKey key, Set<VersionId> ids, Deadline deadline) {
    return versions.of(key, deadline).remove(ids);
  }

  /**
   * Removes for ever the versions that {@code which} is true of, as {@link #remove} does; one that
   * takes the place of such a version meanwhile is not touched.
   */
  Map<VersionId, ObjectVersion> removeIf(
      ObjectKey key, Predicate<ObjectVersion.Stored> which, Deadline deadline) {
    return versions.of(key, deadline).removeIf(which);
  }

  /**
   * Removes for ever the versions that a review of all there are chooses, nothing having changed
   * meanwhile; answers which those were. {@code reviews} may be asked for more than one.
   *
   * @throws GarageException.Conflict if the object is overwritten all the time
   */
  public Set<VersionId> remove(ObjectKey key, Supplier<VersionReview> reviews, Deadline deadline) {
    return versions.of(key, deadline).remove(reviews);
  }

  /**
   * Fences off every conditional write that has evaluated its condition but not taken effect: it
   * will evaluate it again. Answers the present object. Done by writing once more what is there.
   *
   * @throws GarageException.Conflict if the object is overwritten all the time
   */
  Optional<Found> fence(ObjectKey key, Deadline deadline) {
    return found(versions.of(key, deadline).fence());
  }

  /** Settles what there is; answers whether there is certainly nothing, not even a marker. */
  boolean isVacant(byte[] storeKey, Deadline deadline) {
    return register.vacate(storeKey, now -> now == null, deadline)
        instanceof ConditionalOutcome.Written<ObjectState>;
  }

  /** Whether some version of a key is one of those {@code which} is true of. */
  boolean any(ObjectKey key, Predicate<ObjectVersion.Stored> which, Deadline deadline) {
    return versions.of(key, deadline).any(which);
  }

  /**
   * Whether some replica holds such a version, in effect or not: else none will show it any more.
   * Every replica must answer.
   */
  boolean isHeld(ObjectKey key, Predicate<ObjectVersion.Stored> which, Deadline deadline) {
    return versions.of(key, deadline).isHeld(which);
  }

  /**
   * Whether the present object is in the blocks of {@code dataId}, or that version, by its id or by
   * another that it has got.
   */
  boolean refersTo(ObjectKey key, VersionId id, Uuid dataId, Deadline deadline) {
    Predicate<ObjectVersion.Stored> refers = object -> refersTo(object, dataId);
    return settled(key, deadline).map(Found::object).filter(refers).isPresent()
        || versions.of(key, deadline).is(id, refers);
  }

  /** See {@link ObjectVersions.Of#dropHidden}. */
  boolean dropHidden(ObjectKey key, Deadline deadline) {
    return versions.of(key, deadline).dropHidden();
  }

  static boolean refersTo(ObjectVersion.Stored object, Uuid dataId) {
    return object.content() instanceof Content.Blocks(Uuid id) && id.equals(dataId);
  }

  /**
   * The present object; no version accepted earlier on the replica that asks comes after it. Any
   * quorum of up to three replicas shows that replica or all that could know better; where there
   * are more, a fence says it.
   */
  Optional<Found> settled(ObjectKey key, Deadline deadline) {
    return placement.copies() <= COPIES_TELLING_BY_READ
        ? found(sight(key, false, deadline))
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
    return new Cursor(bucket, scan.open(range(bucket, span), deadline));
  }

  /** As below, of all objects whose keys begin with {@code prefix}. */
  public VersionScan.Cursor versions(Uuid bucket, String prefix, Deadline deadline) {
    return versions(bucket, new Span(prefix, "", Integer.MAX_VALUE), deadline);
  }

  /**
   * A cursor over the versions of the objects of a bucket: by key, and under a key the latest
   * first. It must be closed. Of the versions of one entry, it shows one for certain, and perhaps
   * others.
   */
  public VersionScan.Cursor versions(Uuid bucket, Span span, Deadline deadline) {
    return versionScan.open(bucket, range(bucket, span), deadline);
  }

  private static RegisterScan.Range range(Uuid bucket, Span span) {
    byte[] delimiter = span.delimiter().getBytes(StandardCharsets.UTF_8);
    byte[] from = storePrefix(bucket, span.prefix().getBytes(StandardCharsets.UTF_8));
    byte[] to = KeyRange.successor(from);
    var grouping = delimiter.length == 0 ? null : new RegisterScan.Grouping(from.length, delimiter);
    return new RegisterScan.Range(from, to == null ? endOfAll() : to, span.entries(), grouping);
  }

  static byte[] storePrefix(Uuid bucket, byte[] keyUtf8) {
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

  private static ObjectVersion.@Nullable Stored stored(@Nullable ObjectState state) {
    return state instanceof ObjectState.Present present ? present.stored() : null;
  }

  private static @Nullable ObjectVersion version(@Nullable ObjectState state) {
    return state instanceof ObjectState.Present present ? present.version() : null;
  }

  private static Condition<ObjectState> on(Predicate<ObjectVersion.@Nullable Stored> condition) {
    return current -> condition.test(stored(current));
  }

  /** Objects of one bucket in the order of their keys' UTF-8 bytes; used by one task. */
  public static final class Cursor implements AutoCloseable {
    private final Uuid bucket;
    private final RegisterScan<ObjectState>.Cursor rows;

    private Cursor(Uuid bucket, RegisterScan<ObjectState>.Cursor rows) {
      this.bucket = bucket;
      this.rows = rows;
    }

    /** The next object; null at the end. */
    public @Nullable Listed next() {
      RegisterScan.Row<ObjectState> row = rows.next();
      if (row == null) {
        return null;
      }
      ObjectVersion.Stored object = stored(row.version().value());
      if (object == null) {
        throw new IllegalStateException("a listing passes over what is no object");
      }
      return new Listed(ObjectKey.ofStoreKey(row.key()).key(), object);
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
