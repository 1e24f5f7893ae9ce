package garage.model.object;

import garage.common.codec.Writer;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.hash.ChecksumAlgorithm;
import garage.common.hash.Digests;
import garage.common.id.Bytes32;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.db.KeyRange;
import garage.table.Table;
import garage.table.register.Condition;
import garage.table.register.ConditionalOutcome;
import garage.table.register.Register;
import garage.table.register.RegisterScan;
import garage.table.register.Version;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Multipart uploads. An upload is a register, so that completing and aborting exclude each other on
 * any two nodes; its parts are rows beside it. Completing goes OPEN, COMPLETING, object written,
 * COMPLETED: a completion that died on the way is gone on with by a retry of the same selection.
 *
 * <p>Whether a completion died nobody can tell, so it may be aborted at any moment, and then must
 * not write its object: the parts are given back. It writes the object on the condition that the
 * upload {@link #mayPublish still is its own}, evaluated under a promise of the object's register.
 * Who stops it makes the upload STOPPING, from when on the condition does not hold, and then {@link
 * Objects#fence fences} the object, so that a condition evaluated before is evaluated again; what
 * the fence finds tells whether the object was written.
 *
 * <p>A completion that nobody went on with for {@link #COMPLETION_MAX} counts as dead: its upload
 * takes parts again, since nobody asked to abort it, or goes if that is due.
 */
public final class Uploads {
  /**
   * How long a completion, or who stops one, may take before it counts as dead: several times what
   * the deadlines of its steps add up to.
   */
  static final Duration COMPLETION_MAX = Duration.ofMinutes(10);

  private static final Upload.State OPEN = new Upload.State.Open();

  /** Steps of the state machine for one request: more only if others change the upload as often. */
  private static final int STEPS_MAX = 16;

  private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final Register<Upload.Slot> register;
  private final Table<Part> parts;
  private final RegisterScan<Upload.Slot> scan;
  private final Objects objects;
  private final HybridClock hybrid;
  private final Clock clock;
  private final RandomSource random;

  Uploads(Tables tables, Objects objects, HybridClock hybrid, Clock clock, RandomSource random) {
    this.register = tables.register();
    this.parts = tables.parts();
    this.scan = tables.scan();
    this.objects = objects;
    this.hybrid = hybrid;
    this.clock = clock;
    this.random = random;
  }

  /** The tables of uploads. */
  record Tables(
      Register<Upload.Slot> register, Table<Part> parts, RegisterScan<Upload.Slot> scan) {}

  /** What an upload is begun with. */
  public record Begin(
      ObjectKey object,
      String initiator,
      List<Header> headers,
      Annotations annotations,
      @Nullable ChecksumAlgorithm checksumAlgorithm,
      ObjectChecksum.@Nullable Type checksumType,
      @Nullable Encryption encryption) {
    /** With parts kept as they are. */
    public Begin(
        ObjectKey object,
        String initiator,
        List<Header> headers,
        Annotations annotations,
        @Nullable ChecksumAlgorithm checksumAlgorithm,
        ObjectChecksum.@Nullable Type checksumType) {
      this(object, initiator, headers, annotations, checksumAlgorithm, checksumType, null);
    }
  }

  /** How the attempt to start a completion ended. */
  public sealed interface Start {
    /** Go on: write the object with these parts, then call {@link #completed}. */
    record Go(Upload upload, Timestamp completion) implements Start {}

    /** It was completed with the same selection before: answer the same. */
    record Before(Upload upload, String etag) implements Start {}

    /** There is no such upload. */
    record NoSuchUpload() implements Start {}

    /** Another completion, of other parts, is under way. */
    record Busy() implements Start {}
  }

  /** Begins an upload. */
  public Upload create(Begin begin, Deadline deadline) {
    Uuid id = Uuid.of(random.bytes(Bytes32.LENGTH));
    Upload upload =
        new Upload(
            begin.object(),
            id,
            hybrid.now(),
            begin.initiator(),
            begin.headers(),
            begin.annotations(),
            begin.checksumAlgorithm(),
            begin.checksumType(),
            begin.encryption(),
            new Upload.State.Open());
    register.write(key(begin.object(), id), new Upload.Slot.Present(upload), NO_BODY, deadline);
    return upload;
  }

  /** The upload in any state; empty if it never was, was aborted, or was completed long ago. */
  public Optional<Upload> find(ObjectKey object, Uuid id, Deadline deadline) {
    return register
        .read(key(object, id), false, deadline)
        .map(Version::value)
        .flatMap(slot -> Optional.ofNullable(upload(slot)));
  }

  /** A timestamp for a new attempt at a part, and for a completion. */
  public Timestamp now() {
    return hybrid.now();
  }

  /**
   * Adds an attempt at a part whose data is durable. The upload is looked at after the row is
   * written, so that an abort that missed the row is seen here; the part is then taken back.
   *
   * @throws GarageException.Missing if the upload takes no parts (any more)
   */
  public void addPart(ObjectKey object, Part part, Deadline deadline) {
    insert(part, deadline);
    Optional<Upload> upload = find(object, part.uploadId(), deadline);
    if (upload.isEmpty() || !(upload.get().state() instanceof Upload.State.Open)) {
      parts.insert(part.asDeleted(), deadline);
      throw new GarageException.Missing("the upload was completed or aborted meanwhile");
    }
  }

  void insert(Part part, Deadline deadline) {
    parts.insert(part, deadline);
  }

  /** Up to {@code limit} attempts at parts, from part number {@code from}, oldest attempt first. */
  public List<Part> parts(Uuid uploadId, int from, int limit, Deadline deadline) {
    List<Part> found = new ArrayList<>();
    byte[] next = Part.sortKey(from, Timestamp.ZERO);
    while (found.size() < limit) {
      List<Part> page = parts.range(uploadId.toBytes(), next, limit, deadline);
      page.stream().filter(p -> !p.deleted()).limit(limit - found.size()).forEach(found::add);
      if (page.size() < Math.min(limit, 1_000)) {
        break;
      }
      Part last = page.getLast();
      next = new Writer().raw(Part.sortKey(last.number(), last.at())).u8(0).toBytes();
    }
    return found;
  }

  /** The parts an object is made of, from part number {@code from}, up to {@code limit}. */
  public List<Part> chosen(Content.Parts content, int from, int limit, Deadline deadline) {
    List<Part> found = new ArrayList<>();
    int next = from;
    while (found.size() < limit && next <= Part.NUMBER_MAX) {
      List<Part> page = parts(content.uploadId(), next, 1_000, deadline);
      for (Part part : page) {
        if (part.chosenBy().equals(content.chosenBy()) && found.size() < limit) {
          found.add(part);
        }
      }
      if (page.size() < 1_000) {
        break;
      }
      next = page.getLast().number() + 1;
    }
    return found;
  }

  /** Starts, or goes on with, completing an upload with exactly these attempts at parts. */
  public Start start(ObjectKey object, Uuid id, List<Part> chosen, Deadline deadline) {
    Hash selection = selection(chosen);
    for (int i = 0; i < STEPS_MAX; i++) {
      Version<Upload.Slot> row = register.read(key(object, id), false, deadline).orElse(null);
      Upload upload = row == null ? null : upload(row.value());
      if (row == null || upload == null) {
        return new Start.NoSuchUpload();
      }
      switch (upload.state()) {
        case Upload.State.Open() -> {
          long now = clock.wallMillis();
          var next = new Upload.State.Completing(hybrid.now(), selection, now, List.of());
          if (begin(row.id(), upload.in(next), deadline)) {
            mark(chosen, next.completion(), deadline);
            return new Start.Go(upload.in(next), next.completion());
          }
        }
        case Upload.State.Completing c -> {
          if (!c.selection().equals(selection)) {
            return new Start.Busy();
          }
          if (c.isFull()) {
            step(upload, upload.in(OPEN), deadline);
            continue;
          }
          boolean dying = isPast(c.since(), COMPLETION_MAX.dividedBy(2));
          Upload alive = dying ? upload.in(c.since(clock.wallMillis())) : upload;
          if (alive.equals(upload) || change(upload, slot(alive), deadline)) {
            mark(chosen, c.completion(), deadline);
            return new Start.Go(alive, c.completion());
          }
        }
        case Upload.State.Stopping _ -> resolve(upload, upload.in(OPEN), deadline);
        case Upload.State.Completed(Timestamp _, Hash same, String etag, long _) -> {
          return same.equals(selection) ? new Start.Before(upload, etag) : new Start.NoSuchUpload();
        }
      }
    }
    return new Start.Busy();
  }

  /**
   * Whether the completion may write the object now, as the version {@code id}. To be asked within
   * the condition of that very write: what it answers outside means nothing.
   *
   * <p>An id is put on record first: a replica that alone takes that version keeps it as an old one
   * when the next takes its place, so whoever stops the completion must know what to take away.
   */
  public boolean mayPublish(Upload upload, Timestamp completion, VersionId id, Deadline deadline) {
    for (int i = 0; i < STEPS_MAX; i++) {
      Upload now = find(upload.object(), upload.id(), deadline).orElse(null);
      if (now == null
          || !(now.state() instanceof Upload.State.Completing c)
          || !c.completion().equals(completion)) {
        return false;
      }
      Timestamp date = id.written();
      if (date == null || c.dates().contains(date)) {
        return true;
      }
      if (c.isFull()) {
        break;
      }
      if (change(now, slot(now.in(c.with(date))), deadline)) {
        return true;
      }
    }
    throw new GarageException.QuorumNotReached("the completion has been tried too often");
  }

  /** The object was written: the upload's other parts are given back. */
  public void completed(Upload upload, Timestamp completion, String etag, Deadline deadline) {
    Upload now = upload;
    for (int i = 0; i < STEPS_MAX; i++) {
      if (now == null || !completion.equals(underWay(now.state()))) {
        return; // the object was overwritten since, and who aborted the upload found no trace of it
      }
      if (change(now, slot(now.in(completed(now, etag))), deadline)) {
        return;
      }
      now = find(upload.object(), upload.id(), deadline).orElse(null);
    }
  }

  /** Why an object was refused. */
  public enum Refusal {
    /** The client's condition does not hold: the upload takes parts again. */
    CONDITION,
    /** Another run of the same completion has written it. */
    WRITTEN_BEFORE,
    /** The upload was aborted, or completed with other parts. */
    STOPPED,
    /** Another stopped it, and the upload is not gone: it may be completed, or being aborted. */
    TAKEN_OVER
  }

  /** The object was refused: tells why, and lets the upload take parts again if it may. */
  public Refusal refused(Upload upload, Timestamp completion, Deadline deadline) {
    boolean stopping = false;
    for (int i = 0; i < STEPS_MAX; i++) {
      Upload now = find(upload.object(), upload.id(), deadline).orElse(null);
      if (now == null) {
        release(
            new ReleaseQueue.Entry.Parts(upload.id(), upload.object(), true),
            deadline); // parts marked after the abort are rows again
        return Refusal.STOPPED;
      }
      if (now.state() instanceof Upload.State.Completed done) {
        return done.completion().equals(completion) ? Refusal.WRITTEN_BEFORE : Refusal.STOPPED;
      }
      boolean others = now.state() instanceof Upload.State.Stopping && !stopping;
      if (!completion.equals(underWay(now.state()))) {
        return Refusal.TAKEN_OVER;
      }
      if (others) {
        Upload then = decided(now, deadline);
        if (then == null) {
          continue;
        }
        return then.state() instanceof Upload.State.Completed
            ? Refusal.WRITTEN_BEFORE
            : Refusal.TAKEN_OVER;
      }
      if (step(now, now.in(OPEN), deadline)) {
        return Refusal.CONDITION;
      }
      stopping = true;
    }
    throw new GarageException.Conflict("the upload is being changed all the time");
  }

  /**
   * Aborts an upload, also one whose completion died or is still under way, which then fails unless
   * it has written the object; the parts are given back in the background. Answers whether there
   * was an upload to abort.
   *
   * @throws GarageException.Conflict if others change it all the time
   */
  public boolean abort(ObjectKey object, Uuid id, Deadline deadline) {
    for (int i = 0; i < STEPS_MAX; i++) {
      Upload upload = find(object, id, deadline).orElse(null);
      if (upload == null || upload.state() instanceof Upload.State.Completed) {
        return false;
      }
      if (step(upload, null, deadline)) {
        return true;
      }
    }
    throw new GarageException.Conflict("the upload is being changed all the time");
  }

  /**
   * Gives up an upload that nothing has been done to since it was {@code seen}, unless somebody
   * completes it, or a completion that died has written its object; the parts are given back in the
   * background. Answers whether it was.
   */
  public boolean giveUp(Upload seen, Deadline deadline) {
    return seen.state() instanceof Upload.State.Open()
        ? change(seen, slot(null), deadline)
        : endCompletion(seen, null, deadline);
  }

  /** Lets an upload take parts again whose completion died, unless that has written the object. */
  void reopen(Upload seen, Deadline deadline) {
    endCompletion(seen, seen.in(OPEN), deadline);
  }

  /** Takes an upload whose completion was {@code seen} dead to {@code end}; answers if it did. */
  private boolean endCompletion(Upload seen, @Nullable Upload end, Deadline deadline) {
    Timestamp completion = underWay(seen.state());
    if (completion == null || !isDead(seen.state())) {
      return false;
    }
    Upload now = find(seen.object(), seen.id(), deadline).orElse(null);
    if (!seen.equals(now)) {
      return false; // somebody goes on with it, or stops it
    }
    for (int i = 0; i < STEPS_MAX && now != null; i++) {
      if (!completion.equals(underWay(now.state()))) {
        return false;
      }
      if (step(now, end, deadline)) {
        return true;
      }
      now = find(seen.object(), seen.id(), deadline).orElse(null);
    }
    return false;
  }

  private boolean isDead(Upload.State state) {
    return switch (state) {
      case Upload.State.Completing c -> isPast(c.since(), COMPLETION_MAX);
      case Upload.State.Stopping s -> isPast(s.since(), COMPLETION_MAX);
      case Upload.State.Open _, Upload.State.Completed _ -> false;
    };
  }

  private boolean isPast(long since, Duration time) {
    return since < clock.wallMillis() - time.toMillis();
  }

  /**
   * Takes an upload one step towards {@code end}, null for gone, stopping what completes it;
   * answers whether it is there.
   */
  private boolean step(Upload upload, @Nullable Upload end, Deadline deadline) {
    return switch (upload.state()) {
      case Upload.State.Open() -> change(upload, slot(end), deadline);
      case Upload.State.Completing c -> {
        change(upload, slot(upload.in(c.stopping(clock.wallMillis()))), deadline);
        yield false;
      }
      case Upload.State.Stopping _ -> resolve(upload, end, deadline);
      case Upload.State.Completed _ -> false;
    };
  }

  /**
   * Ends STOPPING: COMPLETED if the object was written, else {@code end}; answers if the latter. A
   * version that some replica took all the same is said to be removed before.
   */
  private boolean resolve(Upload upload, @Nullable Upload end, Deadline deadline) {
    Upload now = decided(upload, deadline);
    if (now == null || !(now.state() instanceof Upload.State.Stopping(var _, _, _, var dates, _))) {
      return false;
    }
    objects.disown(upload.object(), dates, deadline);
    return change(now, slot(end), deadline);
  }

  /**
   * The upload, which is STOPPING, as it is when it is decided whether the object was written:
   * COMPLETED, or void; null if others change it. Of two who find different things one decides.
   */
  private @Nullable Upload decided(Upload upload, Deadline deadline) {
    if (!(upload.state() instanceof Upload.State.Stopping stopping) || stopping.isVoid()) {
      return upload;
    }
    String etag = written(upload, stopping, deadline);
    Upload next = upload.in(etag == null ? stopping.voided() : completed(upload, etag));
    return change(upload, slot(next), deadline) ? next : null;
  }

  /**
   * The tag of the object that the upload's completion has written, null if it has not; from now
   * on, while the upload is STOPPING, it cannot.
   */
  private @Nullable String written(
      Upload upload, Upload.State.Stopping stopping, Deadline deadline) {
    ObjectKey key = upload.object();
    Objects.Sight present =
        objects.fence(key, deadline).<Objects.Sight>map(it -> it).orElseGet(Objects.Nothing::new);
    Stream<VersionId> others = // superseded by a later version since
        Stream.concat(stopping.dates().stream().map(VersionId::new), Stream.of(VersionId.NULL));
    return Stream.concat(
            Stream.of(present), others.map(id -> objects.version(key, id, false, deadline)))
        .map(sight -> sight instanceof Objects.Found found ? found.object() : null)
        .filter(object -> object != null && isOf(object, upload.id(), stopping.completion()))
        .map(ObjectVersion.Stored::etag)
        .findFirst()
        .orElse(null);
  }

  private static boolean isOf(ObjectVersion.Stored object, Uuid upload, Timestamp completion) {
    return object.content() instanceof Content.Parts(Uuid id, Timestamp by, List<?> _)
        && id.equals(upload)
        && by.equals(completion);
  }

  private Upload.State completed(Upload upload, String etag) {
    return switch (upload.state()) {
      case Upload.State.Completing c ->
          new Upload.State.Completed(c.completion(), c.selection(), etag, clock.wallMillis());
      case Upload.State.Stopping s ->
          new Upload.State.Completed(s.completion(), s.selection(), etag, clock.wallMillis());
      case Upload.State.Open _, Upload.State.Completed _ ->
          throw new IllegalStateException("no completion is under way");
    };
  }

  /** The completion that may write, or have written, the object; null if there is none. */
  private static @Nullable Timestamp underWay(Upload.State state) {
    return switch (state) {
      case Upload.State.Completing c -> c.completion();
      case Upload.State.Stopping s -> s.completion();
      case Upload.State.Open _, Upload.State.Completed _ -> null;
    };
  }

  private static Upload.Slot slot(@Nullable Upload upload) {
    return upload == null ? new Upload.Slot.Gone() : new Upload.Slot.Present(upload);
  }

  /** A cursor over the uploads in progress in a bucket, by key and upload id. */
  public Cursor list(Uuid bucket, Deadline deadline) {
    byte[] from = bucket.toBytes();
    byte[] to = KeyRange.successor(from);
    if (to == null) {
      throw new GarageException.InvalidInput("no bucket has this id");
    }
    var range = new RegisterScan.Range(from, to, Integer.MAX_VALUE, null);
    return new Cursor(bucket, scan.open(range, deadline));
  }

  /** Uploads of one bucket, used by one task. */
  public static final class Cursor implements AutoCloseable {
    private final Uuid bucket;
    private final RegisterScan<Upload.Slot>.Cursor rows;

    private Cursor(Uuid bucket, RegisterScan<Upload.Slot>.Cursor rows) {
      this.bucket = bucket;
      this.rows = rows;
    }

    /** The next upload in progress; null at the end. */
    public @Nullable Upload next() {
      while (true) {
        RegisterScan.Row<Upload.Slot> row = rows.next();
        if (row == null) {
          return null;
        }
        Upload upload = upload(row.version().value());
        if (upload != null && !(upload.state() instanceof Upload.State.Completed)) {
          return upload;
        }
      }
    }

    /** Goes on at the first upload of the first key at or after {@code key}. */
    public void seek(String key) {
      rows.seek(UploadSchema.scanFrom(bucket, key));
    }

    /** Goes on at the first upload of {@code key} whose id is after {@code id}, or behind it. */
    public void seekAfter(String key, Uuid id) {
      byte[] exact = key(new ObjectKey(bucket, key), id);
      rows.seek(new Writer().raw(exact).u8(0).toBytes());
    }

    @Override
    public void close() {
      rows.close();
    }
  }

  /**
   * Settles what there is of an upload whose bucket is being deleted, and gives it up if it is in
   * progress; answers whether nothing is left of it that counts.
   */
  boolean vacate(byte[] storeKey, Deadline deadline) {
    Condition<Upload.Slot> none = slot -> upload(slot) == null;
    var outcome = register.vacate(storeKey, none, deadline);
    Upload upload =
        outcome instanceof ConditionalOutcome.NotHeld<Upload.Slot>(Upload.Slot current, Timestamp _)
            ? upload(current)
            : null;
    return upload == null
        || upload.state() instanceof Upload.State.Completed
        || abort(upload.object(), upload.id(), deadline);
  }

  /** Forgets an upload that was completed before {@code beforeMillis}. */
  void forget(Upload upload, long beforeMillis, Deadline deadline) {
    Condition<Upload.Slot> old =
        slot -> isIn(slot, s -> s instanceof Upload.State.Completed c && c.at() < beforeMillis);
    register.writeIf(
        key(upload.object(), upload.id()), old, new Upload.Slot.Gone(), NO_BODY, deadline);
  }

  /**
   * Gives back the parts of an upload that is over, except those its object is made of; answers
   * whether it is done. An upload that is not over keeps them all: the entry was premature.
   */
  boolean release(ReleaseQueue.Entry.Parts entry, Deadline deadline) {
    unused(entry, gone -> parts.insert(gone, deadline), deadline);
    return true;
  }

  /**
   * Whether there are parts of an upload that is over, other than those its object is made of.
   *
   * @param entry what {@link #release} would be asked with
   */
  boolean hasLeftovers(ReleaseQueue.Entry.Parts entry, Deadline deadline) {
    return unused(entry, _ -> {}, deadline) > 0;
  }

  /** Hands what {@link #release} gives back to {@code what}, as deleted; answers how many. */
  private long unused(
      ReleaseQueue.Entry.Parts entry, Consumer<List<Part>> what, Deadline deadline) {
    Upload upload = find(entry.object(), entry.uploadId(), deadline).orElse(null);
    if (upload != null && !(upload.state() instanceof Upload.State.Completed)) {
      return 0;
    }
    Timestamp used = maker(entry, deadline);
    if (used == null
        && !entry.overwritten()
        && upload != null
        && upload.state() instanceof Upload.State.Completed completed) {
      used = completed.completion(); // overwritten by now: that has an entry, due after its readers
    }
    return except(entry.uploadId(), used, what, deadline);
  }

  /** The completion that made a version of the object of the upload's parts; null if none did. */
  private @Nullable Timestamp maker(ReleaseQueue.Entry.Parts entry, Deadline deadline) {
    AtomicReference<@Nullable Timestamp> maker = new AtomicReference<>();
    Predicate<ObjectVersion.Stored> made =
        object -> {
          Timestamp by = madeBy(object, entry);
          maker.set(by == null ? maker.get() : by);
          return by != null;
        };
    Optional<ObjectVersion.Stored> present =
        objects.settled(entry.object(), deadline).map(Objects.Found::object);
    if (present.filter(made).isEmpty()) {
      objects.any(entry.object(), made, deadline);
    }
    return maker.get();
  }

  private static @Nullable Timestamp madeBy(
      ObjectVersion.Stored object, ReleaseQueue.Entry.Parts entry) {
    return object.content() instanceof Content.Parts(Uuid id, Timestamp by, List<?> _)
            && id.equals(entry.uploadId())
        ? by
        : null;
  }

  private long except(
      Uuid uploadId, @Nullable Timestamp chosen, Consumer<List<Part>> what, Deadline deadline) {
    byte[] from = Part.sortKey(1, Timestamp.ZERO);
    long count = 0;
    while (true) {
      List<Part> page = parts.range(uploadId.toBytes(), from, 1_000, deadline);
      List<Part> gone =
          page.stream()
              .filter(p -> !p.deleted() && (chosen == null || !p.chosenBy().equals(chosen)))
              .map(Part::asDeleted)
              .toList();
      what.accept(gone);
      count += gone.size();
      if (page.size() < 1_000) {
        return count;
      }
      Part last = page.getLast();
      from = new Writer().raw(Part.sortKey(last.number(), last.at())).u8(0).toBytes();
    }
  }

  /**
   * Whether the attempt at a part is there and its upload may still be completed, or was with it.
   */
  boolean isReferenced(DataOwner.OfPart owner, Uuid dataId, Deadline deadline) {
    Optional<Part> part =
        parts.get(owner.uploadId().toBytes(), Part.sortKey(owner.number(), owner.at()), deadline);
    return part.isPresent() && !part.get().deleted() && part.get().dataId().equals(dataId);
  }

  /** The completion that chose the attempt at a part; that of time zero if none did. */
  Timestamp chosenBy(DataOwner.OfPart owner, Deadline deadline) {
    return parts
        .get(owner.uploadId().toBytes(), Part.sortKey(owner.number(), owner.at()), deadline)
        .map(Part::chosenBy)
        .orElse(Timestamp.ZERO);
  }

  /** The first attempt at a part, at or after {@code from}, that this node has; null for none. */
  @Nullable Part firstPartHere(byte[] from) {
    List<Part> rows = parts.localRange(KeyRange.of(from, null), 1);
    return rows.isEmpty() ? null : rows.getFirst();
  }

  /** Where the row after that of {@code part} may begin. */
  static byte[] after(Part part) {
    return new Writer()
        .raw(part.uploadId().toBytes())
        .raw(Part.sortKey(part.number(), part.at()))
        .u8(0)
        .toBytes();
  }

  /** Takes back an attempt at a part whose upload is not open, after a crash of who added it. */
  void takeBackIfClosed(DataOwner.OfPart owner, Deadline deadline) {
    Optional<Part> part =
        parts.get(owner.uploadId().toBytes(), Part.sortKey(owner.number(), owner.at()), deadline);
    if (part.isPresent()
        && part.get().chosenBy().equals(Timestamp.ZERO)
        && find(owner.object(), owner.uploadId(), deadline).isEmpty()) {
      parts.insert(part.get().asDeleted(), deadline);
    }
  }

  private void mark(List<Part> chosen, Timestamp completion, Deadline deadline) {
    for (int i = 0; i < chosen.size(); i += 1_000) {
      List<Part> page = chosen.subList(i, Math.min(chosen.size(), i + 1_000));
      parts.insert(page.stream().map(p -> p.asChosenBy(completion)).toList(), deadline);
    }
  }

  /** Replaces the upload if it still is as {@code seen}; answers whether it was. */
  private boolean change(Upload seen, Upload.Slot next, Deadline deadline) {
    Condition<Upload.Slot> unchanged = slot -> seen.equals(upload(slot));
    var outcome =
        register.rewriteIf(key(seen.object(), seen.id()), unchanged, next, NO_BODY, deadline);
    return outcome instanceof ConditionalOutcome.Written<Upload.Slot>;
  }

  /**
   * Begins a completion if nothing was written since the write {@code seen} had opened the upload:
   * else another may have come and gone, and this one must be the later of the two, since of those
   * who marked a part the latest has it.
   */
  private boolean begin(Timestamp seen, Upload completing, Deadline deadline) {
    Condition<Upload.Slot> untouched =
        Condition.ofAttempt((_, attempt) -> attempt.currentId().equals(seen));
    var outcome =
        register.rewriteIf(
            key(completing.object(), completing.id()),
            untouched,
            slot(completing),
            NO_BODY,
            deadline);
    return outcome instanceof ConditionalOutcome.Written<Upload.Slot>;
  }

  private static boolean isIn(Upload.@Nullable Slot slot, Predicate<Upload.State> which) {
    Upload upload = upload(slot);
    return upload != null && which.test(upload.state());
  }

  private static @Nullable Upload upload(Upload.@Nullable Slot slot) {
    return slot instanceof Upload.Slot.Present(Upload upload) ? upload : null;
  }

  private static Hash selection(List<Part> chosen) {
    Writer out = new Writer(64 * chosen.size());
    for (Part part : chosen) {
      out.varint(part.number()).bytes32(part.dataId().value());
    }
    return Digests.sha256(out.toBytes());
  }

  private static byte[] key(ObjectKey object, Uuid id) {
    return UploadSchema.storeKey(object, id);
  }
}
