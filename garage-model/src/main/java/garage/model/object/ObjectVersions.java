package garage.model.object;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import garage.table.Table;
import garage.table.register.Condition;
import garage.table.register.ConditionalOutcome;
import garage.table.register.Register;
import garage.table.register.Version;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is done to the versions of a key that are there already. Each such change, also of a version
 * that is not the present one, writes the key's register once more, on the condition that nobody
 * has since it was read: so the register puts them in one order, and each is made of what the one
 * before it left. What is to be done to the rows of old versions is done within the evaluation of
 * that condition, under the register's promise: another change that has evaluated its own before
 * evaluates it again, and finds the register changed.
 *
 * <p>A change that dies half-way may leave rows without the write of the register. Then a version
 * that is said to be removed may still be the present one: as such it is there, and it is gone when
 * the next one takes its place.
 */
final class ObjectVersions {
  private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0).asReadOnlyBuffer();

  /** Each attempt fails only if another write came in between. */
  private static final int ATTEMPTS_MAX = 16;

  /** How long the pause before the second attempt is at most; doubled with each one. */
  private static final int PAUSE_MILLIS = 2;

  /** The longest pause: all attempts together take a second. */
  private static final int PAUSE_MAX_MILLIS = 128;

  /** Versions that are settled at once: with the bytes beside their rows, a megabyte. */
  private static final int SETTLED_AT_ONCE = 16;

  private final Register<ObjectState> register;
  private final Table<VersionRow> rows;
  private final VersionLook look;
  private final Clock clock;
  private final RandomSource random;

  ObjectVersions(
      Register<ObjectState> register,
      Table<VersionRow> rows,
      VersionLook look,
      Clock clock,
      RandomSource random) {
    this.register = register;
    this.rows = rows;
    this.look = look;
    this.clock = clock;
    this.random = random;
  }

  /** What can be done to a key until a time. */
  Of of(ObjectKey key, Deadline deadline) {
    return new Of(key, deadline);
  }

  static Objects.Sight sight(VersionId id, VersionRow.Kept kept) {
    return switch (kept.version()) {
      case ObjectVersion.Stored stored ->
          new Objects.Found(id, kept.written(), stored, kept.inline().duplicate());
      case ObjectVersion.DeleteMarker marker -> new Objects.Marked(id, kept.written(), marker);
    };
  }

  static Objects.Sight sight(@Nullable Version<ObjectState> row) {
    return row != null && row.value() instanceof ObjectState.Present present
        ? sight(present.id(row.id()), kept(present, row))
        : new Objects.Nothing();
  }

  private static VersionRow.Kept kept(ObjectState.Present present, Version<ObjectState> row) {
    return new VersionRow.Kept(present.writtenAt(row.id()), present.version(), row.body());
  }

  /** A key's register, read with its body; {@code row} is null if there is no version. */
  private record Head(@Nullable Version<ObjectState> row) {
    ObjectState.@Nullable Present present() {
      return row != null && row.value() instanceof ObjectState.Present present ? present : null;
    }

    @Nullable VersionId version() {
      return row != null && row.value() instanceof ObjectState.Present present
          ? present.id(row.id())
          : null;
    }

    /** When the present version was written; null if there is none. */
    @Nullable Timestamp writtenAt() {
      ObjectState.Present now = present();
      return row == null || now == null ? null : now.writtenAt(row.id());
    }

    /** The same, to be written again. */
    Next again() {
      return row != null && row.value() instanceof ObjectState.Present present
          ? new Next(present.again(row.id()), row.body())
          : Next.NONE_PRESENT;
    }

    boolean isStill(@Nullable ObjectState current, Timestamp currentId) {
      if (row == null || current == null) {
        return row == null && current == null;
      }
      return row.id().equals(currentId)
          && written(row.value(), currentId).equals(written(current, currentId));
    }

    /** The same write may be dated anew until it is known to have taken effect. */
    private static Timestamp written(ObjectState state, Timestamp id) {
      return state instanceof ObjectState.Present present ? present.writtenAt(id) : id;
    }
  }

  /** What the register is to hold. */
  private record Next(ObjectState state, ByteBuffer body) {
    static final Next NONE_PRESENT = absent(ObjectState.Rest.NONE_PRESENT);
    static final Next NONE_LEFT = absent(ObjectState.Rest.NONE_LEFT);

    private static Next absent(ObjectState.Rest rest) {
      return new Next(new ObjectState.Absent(rest), NO_BODY);
    }
  }

  /** One key. */
  final class Of {
    private final ObjectKey key;
    private final Deadline deadline;

    private Of(ObjectKey key, Deadline deadline) {
      this.key = key;
      this.deadline = deadline;
    }

    private Head head(boolean withBytes) {
      return new Head(register.read(key.storeKey(), withBytes, deadline).orElse(null));
    }

    /** A version, the present one or another. */
    Objects.Sight version(VersionId id, boolean withBytes) {
      Look.Sum sum = look.exactly(key, id, withBytes, deadline);
      if (!id.equals(sum.present()) && !sum.torn()) {
        return old(id, sum.beside(sum.written()));
      }
      Head head = head(withBytes);
      return id.equals(head.version()) ? sight(head.row()) : old(id, beside(head, id, withBytes));
    }

    private Look.Sum beside(Head head, VersionId id, boolean withBytes) {
      Timestamp present = head.writtenAt();
      return look.beside(key, List.of(id), withBytes, present, deadline).beside(present);
    }

    private Look.Sum below(Head head, @Nullable Timestamp below) {
      return look.below(key, below, head.writtenAt(), deadline);
    }

    /** A version that is not the present one, as {@code sum} has it. */
    private Objects.Sight old(VersionId id, Look.Sum sum) {
      VersionRow row = sum.row(id);
      VersionRow.Kept kept = row == null ? null : row.kept();
      if (row == null || kept == null) {
        return new Objects.Nothing();
      }
      if (!sum.agreed().contains(row)) { // who looks later is to see it, too
        VersionRow now = beside(head(false), id, true).row(id);
        if (now == null || now.isRemoved()) {
          return new Objects.Nothing();
        }
        rows.insert(now, deadline);
      }
      return sight(id, kept);
    }

    /**
     * Sees to it that who looks later sees these versions, too, as far as a read quorum shows them;
     * answers which those are.
     */
    Set<VersionId> settle(List<VersionId> ids) {
      Set<VersionId> there = new LinkedHashSet<>();
      Timestamp present = head(false).writtenAt();
      for (int from = 0; from < ids.size(); from += SETTLED_AT_ONCE) {
        List<VersionId> some = ids.subList(from, Math.min(ids.size(), from + SETTLED_AT_ONCE));
        Look.Sum sum = look.beside(key, some, true, present, deadline).beside(present);
        List<VersionRow> shown =
            some.stream().map(sum::row).filter(row -> row != null && !row.isRemoved()).toList();
        shown.forEach(row -> there.add(row.id()));
        rows.insert(shown.stream().filter(row -> !sum.agreed().contains(row)).toList(), deadline);
      }
      return there;
    }

    /**
     * Says something else of a version, null for the present one; answers it as it is then, or what
     * is there in its place.
     */
    Objects.Sight annotate(@Nullable VersionId id, UnaryOperator<Annotations> change) {
      for (int i = 0; i < ATTEMPTS_MAX; i++) {
        pauseBefore(i);
        Head head = head(true);
        Objects.Sight changed =
            id == null || id.equals(head.version())
                ? annotatePresent(head, change)
                : annotateOld(head, id, change);
        if (changed != null) {
          return changed;
        }
      }
      throw changing();
    }

    private Objects.@Nullable Sight annotatePresent(Head head, UnaryOperator<Annotations> change) {
      Version<ObjectState> row = head.row();
      if (row == null
          || !(row.value() instanceof ObjectState.Present present)
          || !(present.version() instanceof ObjectVersion.Stored object)) {
        return sight(row);
      }
      ObjectVersion.Stored next = object.withAnnotations(change.apply(object.annotations()));
      ObjectState state = present.again(row.id()).with(next);
      return rewrite(head, new Next(state, row.body()), _ -> {})
          ? new Objects.Found(
              present.id(row.id()), present.writtenAt(row.id()), next, row.body().duplicate())
          : null;
    }

    private Objects.@Nullable Sight annotateOld(
        Head head, VersionId id, UnaryOperator<Annotations> change) {
      if (beside(head, id, false).kept(id) == null) {
        return new Objects.Nothing(); // it is not the present one: nothing has to be written
      }
      AtomicReference<Objects.Sight> result = new AtomicReference<>(new Objects.Nothing());
      boolean done =
          rewrite(head, head.again(), ballot -> result.set(annotateRow(head, id, change, ballot)));
      return done ? result.get() : null;
    }

    private Objects.Sight annotateRow(
        Head head, VersionId id, UnaryOperator<Annotations> change, Timestamp ballot) {
      VersionRow.Kept kept = beside(head, id, true).kept(id);
      if (kept == null || !(kept.version() instanceof ObjectVersion.Stored object)) {
        return kept == null ? new Objects.Nothing() : sight(id, kept);
      }
      ObjectVersion.Stored next = object.withAnnotations(change.apply(object.annotations()));
      var changed = new VersionRow.Kept(kept.written(), next, kept.inline());
      rows.insert(VersionRow.kept(key, id, ballot, changed), deadline);
      return sight(id, changed);
    }

    /**
     * Removes versions for ever; answers what those were that were there. If the present one is
     * among them, the newest of the others takes its place.
     */
    Map<VersionId, ObjectVersion> remove(Set<VersionId> ids) {
      for (int i = 0; i < ATTEMPTS_MAX; i++) {
        pauseBefore(i);
        Head head = head(true);
        Map<VersionId, ObjectVersion> there = there(head, ids);
        if (there.isEmpty() || remove(head, there.keySet())) {
          return there;
        }
      }
      throw changing();
    }

    /** As {@link #remove}, of the versions that {@code which} is true of. */
    Map<VersionId, ObjectVersion> removeIf(Predicate<ObjectVersion.Stored> which) {
      for (int i = 0; i < ATTEMPTS_MAX; i++) {
        Head head = head(true);
        Map<VersionId, ObjectVersion> there = there(head, which);
        if (there.isEmpty() || remove(head, there.keySet())) {
          return there;
        }
      }
      throw changing();
    }

    private Map<VersionId, ObjectVersion> there(Head head, Predicate<ObjectVersion.Stored> which) {
      Map<VersionId, ObjectVersion> there = new LinkedHashMap<>();
      ObjectState.Present present = head.present();
      VersionId id = head.version();
      ObjectVersion.Stored stored = present == null ? null : present.stored();
      if (id != null && stored != null && which.test(stored)) {
        there.put(id, stored);
      }
      Timestamp below = null;
      do {
        Look.Sum page = below(head, below);
        for (VersionRow row : page.rows().values()) {
          VersionRow seen = row.id().isNull() ? row.inSight(head.writtenAt()) : row;
          VersionRow.Kept kept = seen == null ? null : seen.kept();
          ObjectVersion.Stored old = kept == null ? null : kept.stored();
          if (old != null && !row.id().equals(id) && which.test(old)) {
            there.put(row.id(), old);
          }
        }
        below = page.more();
      } while (below != null);
      return there;
    }

    private Map<VersionId, ObjectVersion> there(Head head, Set<VersionId> ids) {
      Map<VersionId, ObjectVersion> there = new LinkedHashMap<>();
      Look.Sum sum = look.beside(key, List.copyOf(ids), false, head.writtenAt(), deadline);
      ObjectState.Present present = head.present();
      for (VersionId id : ids) {
        VersionRow.Kept kept = sum.kept(id);
        if (present != null && id.equals(head.version())) {
          there.put(id, present.version());
        } else if (kept != null) {
          there.put(id, kept.version());
        }
      }
      return there;
    }

    /**
     * Removes for ever the versions that a review of all of them chooses, nothing having changed
     * since it began; answers which those were.
     */
    Set<VersionId> remove(Supplier<VersionReview> reviews) {
      for (int i = 0; i < ATTEMPTS_MAX; i++) {
        Head head = head(true);
        VersionReview review = reviews.get();
        show(head, review);
        Set<VersionId> chosen = review.chosen();
        if (chosen.isEmpty() || remove(head, chosen)) {
          return chosen;
        }
      }
      throw changing();
    }

    private void show(Head head, VersionReview review) {
      ObjectState.Present present = head.present();
      VersionId id = head.version();
      if (present == null || id == null) {
        return; // then there is no other either
      }
      review.show(id, present.version(), true);
      VersionRow ofNull = null;
      Timestamp below = null;
      do {
        Look.Sum page = below(head, below).beside(head.writtenAt());
        for (VersionRow row : page.rows().values()) {
          Timestamp written = row.id().written();
          if (row.isRemoved() || row.id().equals(id)) {
            continue;
          }
          if (written == null) {
            ofNull = below == null ? row : ofNull; // each page begins with it
          } else if (below == null || below.isAfter(written)) {
            if (ofNull != null && isNewer(ofNull, row)) {
              show(ofNull, review);
              ofNull = null;
            }
            show(row, review);
          }
        }
        below = page.more();
      } while (below != null);
      if (ofNull != null) {
        show(ofNull, review);
      }
    }

    private static void show(VersionRow row, VersionReview review) {
      VersionRow.Kept kept = row.kept();
      if (kept != null) {
        review.show(row.id(), kept.version(), false);
      }
    }

    private boolean remove(Head head, Set<VersionId> ids) {
      VersionId present = head.version();
      Next next = present != null && ids.contains(present) ? heir(head, ids) : head.again();
      if (next == null) {
        return false;
      }
      Set<VersionId> gone = next.equals(Next.NONE_LEFT) ? withUnseen(head, ids) : ids;
      return rewrite(
          head,
          next,
          ballot ->
              rows.insert(
                  gone.stream().map(id -> VersionRow.removed(key, id, ballot)).toList(), deadline));
    }

    /** With {@code ids}, of which the last version is, those that are out of sight behind it. */
    private Set<VersionId> withUnseen(Head head, Set<VersionId> ids) {
      Set<VersionId> all = new LinkedHashSet<>(ids);
      Timestamp below = null;
      do {
        Look.Sum page = below(head, below);
        page.rows().values().stream()
            .filter(row -> row.isBeyond(head.writtenAt()))
            .forEach(row -> all.add(row.id()));
        below = page.more();
      } while (below != null);
      return all;
    }

    /**
     * What the newest version but {@code ids}, of which the present one is, makes of the register;
     * null if it is just being removed, by a change that the register will show.
     */
    private @Nullable Next heir(Head head, Set<VersionId> ids) {
      VersionRow newest = newest(head, row -> !row.isRemoved() && !ids.contains(row.id()));
      if (newest == null) {
        return Next.NONE_LEFT;
      }
      VersionRow.Kept kept = beside(head, newest.id(), true).kept(newest.id());
      if (kept == null) {
        return null;
      }
      Versioning versioning = newest.id().isNull() ? Versioning.SUSPENDED : Versioning.ENABLED;
      return new Next(
          new ObjectState.Present(versioning, kept.written(), kept.version()), kept.inline());
    }

    /** The version written last of those that {@code which} is true of; null if there is none. */
    private @Nullable VersionRow newest(Head head, Predicate<VersionRow> which) {
      VersionRow newest = null;
      Timestamp below = null;
      do {
        Look.Sum page = below(head, below).beside(head.writtenAt());
        for (VersionRow row : page.rows().values()) {
          if (which.test(row) && isNewer(row, newest)) {
            newest = row;
          }
        }
        below = page.more();
      } while (below != null && (newest == null || isOlder(newest, below)));
      return newest;
    }

    private static boolean isNewer(VersionRow row, @Nullable VersionRow than) {
      VersionRow.Kept kept = row.kept();
      VersionRow.Kept other = than == null ? null : than.kept();
      return kept != null && (other == null || kept.written().isAfter(other.written()));
    }

    private static boolean isOlder(VersionRow row, Timestamp than) {
      VersionRow.Kept kept = row.kept();
      return kept != null && than.isAfter(kept.written());
    }

    /** See {@link VersionLook#any}. */
    boolean any(Predicate<ObjectVersion.Stored> which) {
      return look.any(key, which, deadline);
    }

    /** See {@link VersionLook#isHeld}. */
    boolean isHeld(Predicate<ObjectVersion.Stored> which) {
      return look.isHeld(key, which, deadline);
    }

    /** See {@link VersionLook#any(ObjectKey, VersionId, Predicate, Deadline)}. */
    boolean is(VersionId id, Predicate<ObjectVersion.Stored> which) {
      return look.any(key, id, which, deadline);
    }

    /**
     * Takes away for good the versions without an id that another took the place of, the present
     * one or an old one, now that it is known whether it has taken effect; answers whether that is
     * done.
     */
    boolean dropHidden() {
      Head head = head(true);
      VersionId present = head.version();
      Timestamp written = head.writtenAt();
      if (present == null || written == null) {
        return true; // there is none, or the next version will do it
      }
      if (present.isNull()) {
        rows.insert(VersionRow.removed(key, VersionId.NULL, written), deadline);
        return true;
      }
      VersionRow row = ofNull(written);
      return row == null || !row.isOpen() || settleNull(head, row, written);
    }

    private @Nullable VersionRow ofNull(Timestamp present) {
      return look.beside(key, List.of(VersionId.NULL), true, present, deadline).row(VersionId.NULL);
    }

    private boolean settleNull(Head head, VersionRow row, Timestamp present) {
      if (!row.isBeyond(present)) {
        rows.insert(row.settled(row.order()), deadline);
        return true;
      }
      AtomicReference<Boolean> done = new AtomicReference<>(false);
      boolean written =
          rewrite(head, head.again(), ballot -> done.set(settleBeyond(present, ballot)));
      return written && done.get();
    }

    /** Puts what is in sight above what did not take effect. */
    private boolean settleBeyond(Timestamp present, Timestamp ballot) {
      VersionRow row = ofNull(present);
      if (row != null && row.order().isAfter(ballot)) {
        return false; // that node's clock was ahead: later
      }
      if (row != null) {
        VersionRow seen = row.inSight(present);
        rows.insert(seen == null ? row.removed(ballot) : seen.settled(ballot), deadline);
      }
      return true;
    }

    /** Whether a read quorum says that a version is removed. */
    boolean isBuried(VersionId id) {
      Look.Sum sum = look.exactly(key, id, false, deadline);
      VersionRow row = sum.row(id);
      return row != null && row.isRemoved() && sum.agreed().contains(row);
    }

    /** Writes once more what is there, and answers it: see {@link Objects#fence}. */
    Objects.Sight fence() {
      for (int i = 0; i < ATTEMPTS_MAX; i++) {
        pauseBefore(i);
        Head head = head(true);
        if (rewrite(head, head.again(), _ -> {})) {
          return sight(head.row());
        }
      }
      throw changing();
    }

    /**
     * Writes the register if it still is as it was read, after {@code underPromise}, which is given
     * a ballot that everything before is below; it may be run more than once. Answers whether it
     * was.
     */
    private boolean rewrite(Head head, Next next, Consumer<Timestamp> underPromise) {
      Condition<ObjectState> unchanged =
          Condition.ofAttempt((current, attempt) -> {
            boolean holds = head.isStill(current, attempt.currentId());
            if (holds) {
              underPromise.accept(attempt.ballot());
            }
            return holds;
          });
      var outcome =
          register.rewriteIf(key.storeKey(), unchanged, next.state(), next.body(), deadline);
      return outcome instanceof ConditionalOutcome.Written<ObjectState>;
    }

    /** Lets those who are changing the key too get done. */
    private void pauseBefore(int attempt) {
      if (attempt > 0) {
        int most = Math.min(PAUSE_MILLIS << (attempt - 1), PAUSE_MAX_MILLIS);
        Duration pause = Duration.ofMillis(1 + random.nextInt(most));
        Duration left = deadline.remaining(clock);
        clock.sleep(pause.compareTo(left) < 0 ? pause : left);
      }
    }

    private static GarageException changing() {
      return new GarageException.Conflict("the object is overwritten all the time");
    }
  }
}
