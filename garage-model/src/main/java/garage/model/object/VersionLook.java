package garage.model.object;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import garage.db.KeyRange;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Quorum;
import garage.rpc.QuorumCall;
import garage.rpc.membership.EpochFence;
import garage.table.Table;
import garage.table.register.Register;
import garage.table.register.RegisterRow;
import garage.table.replication.Placement;
import garage.table.replication.Replicas;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the versions of a key on a read quorum, at each replica in both places where one may be:
 * its register, and its rows. A replica that missed the write which superseded a version still has
 * that in its register, so that only both together show every version that was acknowledged.
 */
final class VersionLook {
  /** A body that is replaced this often while it is read is not to be had. */
  private static final int READ_ATTEMPTS_MAX = 100;

  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final Register<ObjectState> register;
  private final Table<VersionRow> versions;
  private final Placement placement;
  private final QuorumCall calls;
  private final Endpoint<Look.Ask, Look.Shown> endpoint =
      new Endpoint<>(VersionSchema.NAME + "/look", Look.Ask.CODEC, Look.Shown.CODEC);

  VersionLook(
      Register<ObjectState> register, Table<VersionRow> versions, Register.Context context) {
    this.register = register;
    this.versions = versions;
    this.placement = context.placement();
    NodeId self = context.rpc().self();
    this.calls = new QuorumCall(context.rpc(), placement.preference(self), context.clock());
    context.rpc().serve(endpoint, (from, ask, _) -> Payload.of(shown(from, ask.value())));
  }

  // --- what a replica shows

  private Look.Shown shown(@Nullable NodeId from, Look.Ask ask) {
    EpochFence fence = placement.fence();
    try {
      fence.check(ask.epoch(), from);
      Look.Shown shown = read(ask);
      fence.check(ask.epoch(), from);
      return shown;
    } catch (GarageException.Stale e) {
      return new Look.Shown(
          e.epoch(), false, Timestamp.ZERO, null, Timestamp.ZERO, List.of(), false);
    }
  }

  private Look.Shown read(Look.Ask ask) {
    byte[] storeKey = ask.key().storeKey();
    boolean closed = register.isClosedHere(storeKey);
    for (int attempt = 0; attempt < READ_ATTEMPTS_MAX; attempt++) {
      RegisterRow<ObjectState> row = register.rowHere(storeKey);
      List<VersionRow> rows = new ArrayList<>();
      VersionId present = null;
      if (row.version() instanceof ObjectState.Present holds) {
        ByteBuffer body = NO_BYTES;
        if (ask.withBytes() && holds.isInline()) {
          body = register.bodyHere(storeKey, row);
        }
        if (body == null) {
          continue; // it has been replaced meanwhile
        }
        present = holds.id(row.id());
        var kept = new VersionRow.Kept(holds.writtenAt(row.id()), holds.version(), body);
        rows.add(VersionRow.kept(ask.key(), present, row.ballot(), kept));
      }
      boolean more = addRows(ask, rows);
      return new Look.Shown(0, closed, row.ballot(), present, left(row), rows, more);
    }
    throw new GarageException.Corrupt("a version's body is not there");
  }

  /** Up to which order versions may be left that took effect before there was nothing. */
  private static Timestamp left(RegisterRow<ObjectState> row) {
    if (row.version() == null) {
      return row.forgotten(); // what took effect was forgotten when its deletion was collected
    }
    return ObjectSchema.isNoneLeft(row.version()) ? Timestamp.ZERO : row.ballot();
  }

  private boolean addRows(Look.Ask ask, List<VersionRow> to) {
    byte[] partitionKey = VersionRow.partitionKey(ask.key());
    if (!ask.ids().isEmpty()) {
      for (VersionId id : ask.ids()) {
        versions
            .here(partitionKey, VersionRow.sortKey(id))
            .ifPresent(row -> to.add(ask.withBytes() ? row : row.withoutBytes()));
      }
      return false;
    }
    versions
        .here(partitionKey, VersionRow.sortKey(VersionId.NULL))
        .ifPresent(row -> to.add(ask.withBytes() ? row : row.withoutBytes()));
    byte[] from = concat(partitionKey, VersionRow.sortBelow(ask.below()));
    List<VersionRow> page =
        versions.localRange(KeyRange.of(from, KeyRange.successor(partitionKey)), Look.ROWS_MAX);
    page.forEach(row -> to.add(ask.withBytes() ? row : row.withoutBytes()));
    return page.size() == Look.ROWS_MAX;
  }

  static byte[] concat(byte[] one, byte[] other) {
    byte[] all = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, all, one.length, other.length);
    return all;
  }

  // --- putting it together

  /** What a read quorum shows of a version, which means little if it is {@link Look.Sum#torn}. */
  Look.Sum exactly(ObjectKey key, VersionId id, boolean withBytes, Deadline deadline) {
    return sum(shown(Look.Ask.exactly(key, List.of(id), withBytes), deadline), _ -> true);
  }

  /**
   * What a read quorum shows of versions, when the present one, written at {@code present}, was
   * read; null if there was none. What registers hold counts only if it is not later: else it did
   * not take effect, or was removed meanwhile.
   */
  Look.Sum beside(
      ObjectKey key,
      List<VersionId> ids,
      boolean withBytes,
      @Nullable Timestamp present,
      Deadline deadline) {
    return sum(shown(Look.Ask.exactly(key, ids, withBytes), deadline), notAfter(present));
  }

  /**
   * What a read quorum shows of the versions written before {@code below}, null for all: a page,
   * the newest first, besides the present one and that of id null. Of registers counts what does in
   * {@link #beside}.
   */
  Look.Sum below(
      ObjectKey key, @Nullable Timestamp below, @Nullable Timestamp present, Deadline deadline) {
    return sum(shown(Look.Ask.below(key, below), deadline), notAfter(present));
  }

  private static Predicate<Look.Shown> notAfter(@Nullable Timestamp present) {
    return one -> present != null && !VersionScan.written(one.rows().getFirst()).isAfter(present);
  }

  /**
   * Whether {@code which} is true of a version that a read quorum shows. Of the one without an id
   * it is asked of what each replica has: what is the later one on some may not have taken effect.
   * Who drops the earlier one last is the one who finds that it is nowhere.
   */
  boolean any(ObjectKey key, Predicate<ObjectVersion.Stored> which, Deadline deadline) {
    return any(
        below -> {
          List<Look.Shown> shown = shown(Look.Ask.below(key, below), deadline);
          return new Showing(shown, notVoid(shown));
        },
        which);
  }

  /** Whether {@code which} is true of what any replica at all has, in effect or not. */
  boolean isHeld(ObjectKey key, Predicate<ObjectVersion.Stored> which, Deadline deadline) {
    return any(
        below ->
            new Showing(
                shown(
                    Look.Ask.below(key, below),
                    set -> Quorum.of(set.nodes(), set.nodes().size()),
                    deadline),
                _ -> true),
        which);
  }

  /**
   * As {@link #any}, of one version, or of what became of it: where no version of this id is known,
   * or it is known to have another since it was dated anew, every replica is asked for that.
   */
  boolean any(
      ObjectKey key, VersionId id, Predicate<ObjectVersion.Stored> which, Deadline deadline) {
    List<Look.Shown> shown = shown(Look.Ask.exactly(key, List.of(id), false), deadline);
    List<VersionRow> rows =
        new Showing(shown, notVoid(shown))
            .rows().stream().filter(row -> row.id().equals(id)).toList();
    if (rows.stream().anyMatch(row -> holds(row, which))) {
      return true;
    }
    boolean isGone = rows.stream().anyMatch(row -> row.isRemoved() && !row.isRenamed());
    return !isGone && !id.isNull() && isHeld(key, which, deadline);
  }

  /** Answers, and whose register counts. */
  private record Showing(List<Look.Shown> shown, Predicate<Look.Shown> counts) {
    List<VersionRow> rows() {
      List<VersionRow> rows = new ArrayList<>();
      TreeMap<byte[], VersionRow> named = new TreeMap<>(Arrays::compareUnsigned);
      for (Look.Shown one : shown) {
        for (VersionRow row : counting(one, counts)) {
          if (row.id().isNull()) {
            rows.add(row);
          } else {
            named.merge(sort(row), row, VersionRow::merge);
          }
        }
      }
      rows.addAll(named.values());
      return rows;
    }
  }

  private static boolean any(
      Function<@Nullable Timestamp, Showing> pages, Predicate<ObjectVersion.Stored> which) {
    Timestamp below = null;
    do {
      Showing page = pages.apply(below);
      if (page.rows().stream().anyMatch(row -> holds(row, which))) {
        return true;
      }
      below = more(page.shown());
    } while (below != null);
    return false;
  }

  private static boolean holds(VersionRow row, Predicate<ObjectVersion.Stored> which) {
    return row.stored().stream().anyMatch(which);
  }

  private static Predicate<Look.Shown> notVoid(List<Look.Shown> shown) {
    Look.Shown newest = newest(shown);
    return one -> !isVoid(one, newest);
  }

  private List<Look.Shown> shown(Look.Ask ask, Deadline deadline) {
    return shown(ask, set -> Quorum.of(set.nodes(), set.read()), deadline);
  }

  private List<Look.Shown> shown(
      Look.Ask ask, Function<Replicas.Counting, Quorum> asked, Deadline deadline) {
    CallOptions options = new CallOptions(Priority.CLIENT, deadline);
    while (true) {
      Replicas replicas = placement.replicas(ObjectKey.partition(ask.key().storeKey()));
      List<Quorum> quorums = replicas.counting().stream().map(asked).toList();
      List<Look.Shown> shown = new ArrayList<>();
      boolean stale = false;
      for (Answer.Success<Look.Shown> answer :
          calls.read(endpoint, Payload.of(ask.at(replicas.epoch())), quorums, options)) {
        Look.Shown one = answer.payload().value();
        if (one.laterEpoch() > replicas.epoch()) {
          placement.fence().adopt(one.laterEpoch(), answer.from());
          stale = true;
        }
        if (one.closed()) {
          register.metClosedDoor(ask.key().storeKey());
        }
        shown.add(one);
      }
      if (!stale) {
        return shown;
      }
    }
  }

  private static Look.Shown newest(List<Look.Shown> shown) {
    return shown.stream().max(Comparator.comparing(Look.Shown::ballot)).orElseThrow();
  }

  /** {@code counts} is asked of answers whose register holds something. */
  private static Look.Sum sum(List<Look.Shown> shown, Predicate<Look.Shown> counts) {
    Look.Shown newest = newest(shown);
    TreeMap<byte[], VersionRow> rows = new TreeMap<>(Arrays::compareUnsigned);
    List<TreeMap<byte[], VersionRow>> each = new ArrayList<>();
    for (Look.Shown one : shown) {
      TreeMap<byte[], VersionRow> its = new TreeMap<>(Arrays::compareUnsigned);
      counting(one, counts).forEach(row -> its.merge(sort(row), row, VersionRow::merge));
      its.forEach((sort, row) -> rows.merge(sort, row, VersionRow::merge));
      each.add(its);
    }
    Timestamp more = more(shown);
    if (more != null) { // behind it some have shown nothing
      rows.tailMap(VersionRow.sortKey(new VersionId(more)), false).clear();
    }
    List<VersionRow> agreed =
        rows.values().stream()
            .filter(row -> each.stream().allMatch(its -> row.equals(its.get(sort(row)))))
            .toList();
    boolean torn = shown.stream().map(Look.Shown::ballot).distinct().count() > 1;
    Timestamp written =
        newest.present() == null ? null : VersionScan.written(newest.rows().getFirst());
    Timestamp left =
        shown.stream()
            .filter(one -> one.present() == null)
            .max(Comparator.comparing(Look.Shown::ballot).thenComparing(Look.Shown::left))
            .map(Look.Shown::left)
            .orElse(null);
    return new Look.Sum(newest.present(), written, left, rows, agreed, more, torn);
  }

  /** Before which time some have more than they have shown; null if all is shown. */
  private static @Nullable Timestamp more(List<Look.Shown> shown) {
    Timestamp more = null;
    for (Look.Shown one : shown) {
      if (one.more()) {
        Timestamp last = one.rows().getLast().id().written();
        more = more == null || last == null ? last : last.max(more);
      }
    }
    return more;
  }

  /** The rows of an answer, what its register holds among them if that counts. */
  private static List<VersionRow> counting(Look.Shown one, Predicate<Look.Shown> counts) {
    boolean all = one.present() == null || counts.test(one);
    return all ? one.rows() : one.rows().subList(1, one.rows().size());
  }

  /** Holds something that was deleted, or never took effect. */
  private static boolean isVoid(Look.Shown one, Look.Shown newest) {
    return one.present() != null && newest.present() == null;
  }

  private static byte[] sort(VersionRow row) {
    return VersionRow.sortKey(row.id());
  }
}
