package garage.model.object;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.Partition;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Quorum;
import garage.rpc.QuorumCall;
import garage.rpc.membership.EpochFence;
import garage.table.register.Register;
import garage.table.register.RegisterRow;
import garage.table.register.RegisterScan;
import garage.table.register.Version;
import garage.table.replication.Placement;
import garage.table.replication.Replicas;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Scans of all versions of the objects of a bucket, in the order of the keys, and under a key the
 * latest first. A page is one round to nodes which together hold a quorum of every partition; each
 * shows of every key its register beside its rows, because either may hold a version. A key of ten
 * thousand versions takes several pages, each of which begins where the last one ended.
 *
 * <p>What is listed is there for whoever looks later: of a version that not all who answered show
 * alike, as one that took no effect but where a single replica keeps it as an old one, a quorum is
 * asked again, and is given it.
 *
 * <p>Where keys that share a prefix make one entry of a listing, a node that holds a present
 * version of one shows that alone, and passes over the rest of them. If the others do not hold it
 * alike, the key is asked for once more without passing over anything.
 */
public final class VersionScan {
  /** Registers and rows in one page, at most. */
  private static final int PAGE_ROWS = 1_001;

  /** The size of a page beyond which no further key or row is added. */
  private static final int PAGE_BYTES = 2 << 20;

  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final Register<ObjectState> register;
  private final ObjectVersions versions;
  private final VersionedCodec<RegisterRow<ObjectState>> codec =
      RegisterRow.codec(ObjectState.CODEC);
  private final Store store;
  private final Tree registers;
  private final Tree rows;
  private final Placement placement;
  private final QuorumCall calls;
  private final Endpoint<Ask, Page> endpoint =
      new Endpoint<>(VersionSchema.NAME + "/scan", Ask.CODEC, Page.CODEC);

  VersionScan(Register<ObjectState> register, ObjectVersions versions, Register.Context context) {
    this.register = register;
    this.versions = versions;
    this.store = context.store();
    this.registers = store.tree(ObjectSchema.NAME);
    this.rows = store.tree(VersionSchema.NAME);
    this.placement = context.placement();
    NodeId self = context.rpc().self();
    this.calls = new QuorumCall(context.rpc(), placement.preference(self), context.clock());
    context.rpc().serve(endpoint, (from, ask, _) -> Payload.of(page(from, ask.value())));
  }

  /** A version of a listing; {@code latest} if it is the present one of its key. */
  public record Listed(
      String key, VersionId id, boolean latest, Timestamp written, ObjectVersion version) {}

  /** At the versions of a key written before {@code below}, null for all of them. */
  private record Place(byte[] key, @Nullable Timestamp below) {
    static final Codec<Place> CODEC =
        Codec.of(
            (out, p) -> out.bytes(p.key).optional(p.below, Timestamp.CODEC),
            in -> new Place(in.bytes(), in.optional(Timestamp.CODEC)));

    boolean isBefore(Place other) {
      int byKey = Arrays.compareUnsigned(key, other.key);
      if (byKey != 0 || other.below == null) {
        return byKey < 0;
      }
      return below == null || below.isAfter(other.below);
    }
  }

  private record Ask(
      long epoch, Place from, byte[] to, int limit, RegisterScan.@Nullable Grouping grouping) {
    static final VersionedCodec<Ask> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, a) ->
                    out.i64(a.epoch)
                        .value(a.from, Place.CODEC)
                        .bytes(a.to)
                        .varint(a.limit)
                        .optional(a.grouping, RegisterScan.Grouping.CODEC),
                in ->
                    new Ask(
                        in.i64(),
                        in.value(Place.CODEC),
                        in.bytes(),
                        in.varint32(),
                        in.optional(RegisterScan.Grouping.CODEC))));
  }

  /** What a node has of a key; {@code register} is null if there is none. */
  private record Shown(byte[] key, byte @Nullable [] register, List<VersionRow> rows) {
    static final Codec<Shown> CODEC =
        Codec.of(
            (out, s) ->
                out.bytes(s.key).optional(s.register, Codec.BYTES).list(s.rows, VersionRow.FIELDS),
            in -> new Shown(in.bytes(), in.optional(Codec.BYTES), in.list(VersionRow.FIELDS)));
  }

  /**
   * A node's keys in order.
   *
   * @param laterEpoch of a node that is ahead of who asked, and shows nothing; else 0
   * @param closed whether the door of the bucket was closed
   * @param next where it has not looked yet; null if it has looked at all
   */
  private record Page(long laterEpoch, boolean closed, List<Shown> keys, @Nullable Place next) {
    static final VersionedCodec<Page> CODEC =
        VersionedCodec.first(Codec.of(Page::write, Page::read));

    private static void write(Writer out, Page page) {
      out.i64(page.laterEpoch)
          .bool(page.closed)
          .list(page.keys, Shown.CODEC)
          .optional(page.next, Place.CODEC);
    }

    private static Page read(Reader in) {
      return new Page(in.i64(), in.bool(), in.list(Shown.CODEC), in.optional(Place.CODEC));
    }
  }

  // --- what a node shows

  private Page page(@Nullable NodeId from, Ask ask) {
    EpochFence fence = placement.fence();
    try {
      fence.check(ask.epoch(), from);
      Page page = new Reading(ask).run();
      fence.check(ask.epoch(), from);
      return page;
    } catch (GarageException.Stale e) {
      return new Page(e.epoch(), false, List.of(), null);
    }
  }

  /** One page being read: both trees side by side, the register of a key always before its rows. */
  private final class Reading {
    private final Ask ask;
    private final int limit;
    private final List<Shown> keys = new ArrayList<>();
    private int count;
    private int bytes;

    Reading(Ask ask) {
      this.ask = ask;
      this.limit = Math.clamp(ask.limit(), 1, PAGE_ROWS);
    }

    private boolean isFull() {
      return count >= limit || bytes > PAGE_BYTES;
    }

    Page run() {
      byte[] start = ask.from().key();
      boolean closed = VersionScan.this.register.isClosedHere(start);
      try (Scan heads = store.scan(registers, KeyRange.of(start, ask.to()));
          Scan olds = store.scan(rows, KeyRange.of(escaped(start), escaped(ask.to())))) {
        Scan.Row head = heads.next();
        Scan.Row old = olds.next();
        while (head != null || old != null) {
          byte[] key = first(head, old);
          if (isFull()) {
            return new Page(0, closed, keys, new Place(key, null));
          }
          byte[] register = null;
          if (head != null && Arrays.equals(head.key(), key)) {
            // read again: the scan of the rows may show an older state than that of the registers
            register = store.get(registers, key);
            head = heads.next();
          }
          byte[] group = group(key);
          if (group != null && isPresent(register)) {
            add(key, register, List.of());
            byte[] behind = KeyRange.successor(group);
            if (behind == null || Arrays.compareUnsigned(behind, ask.to()) >= 0) {
              break;
            }
            heads.seek(behind);
            head = heads.next();
            olds.seek(escaped(behind));
            old = olds.next();
            continue;
          }
          Place next = addKey(key, register);
          if (next != null) {
            return new Page(0, closed, keys, next);
          }
          if (old != null && Arrays.equals(ObjectKey.unescaped(old.key()), key)) {
            olds.seek(behind(key));
            old = olds.next();
          }
        }
      }
      return new Page(0, closed, keys, null);
    }

    private byte @Nullable [] group(byte[] key) {
      RegisterScan.Grouping grouping = ask.grouping();
      return grouping == null ? null : grouping.group(key);
    }

    /** Adds what there is of a key; answers where to go on if that is not all. */
    private @Nullable Place addKey(byte[] key, byte @Nullable [] register) {
      Timestamp below = Arrays.equals(key, ask.from().key()) ? ask.from().below() : null;
      ObjectKey object = ObjectKey.ofStoreKey(key);
      byte[] prefix = VersionRow.partitionKey(object);
      List<VersionRow> found = new ArrayList<>();
      byte[] ofNull =
          store.get(rows, VersionLook.concat(prefix, VersionRow.sortKey(VersionId.NULL)));
      if (ofNull != null) {
        add(found, ofNull);
      }
      add(key, register, found);
      byte[] from = VersionLook.concat(prefix, VersionRow.sortBelow(below));
      try (Scan scan = store.scan(rows, KeyRange.of(from, KeyRange.successor(prefix)))) {
        for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
          VersionRow added = add(found, row.value());
          if (isFull()) {
            return new Place(key, added.id().written());
          }
        }
      }
      return null;
    }

    private void add(byte[] key, byte @Nullable [] register, List<VersionRow> found) {
      keys.add(new Shown(key, register, found));
      count++;
      bytes += key.length + (register == null ? 0 : register.length);
    }

    private VersionRow add(List<VersionRow> to, byte[] value) {
      VersionRow row = VersionRow.CODEC.decode(value).withoutBytes();
      to.add(row);
      count++;
      bytes += Math.min(value.length, 1_024); // what is beside the row is left out
      return row;
    }
  }

  private boolean isPresent(byte @Nullable [] register) {
    return register != null && codec.decode(register).version() instanceof ObjectState.Present;
  }

  private static byte[] escaped(byte[] storeKey) {
    return ObjectKey.escaped(storeKey).toBytes();
  }

  /** The key that comes first, of a register and of a row of a version; one of them is there. */
  static byte[] first(Scan.@Nullable Row head, Scan.@Nullable Row old) {
    if (old == null || head == null) {
      return old != null
          ? ObjectKey.unescaped(old.key())
          : java.util.Objects.requireNonNull(head).key();
    }
    byte[] oldKey = ObjectKey.unescaped(old.key());
    return Arrays.compareUnsigned(head.key(), oldKey) <= 0 ? head.key() : oldKey;
  }

  /** Where the rows of versions begin that are of keys behind {@code key}. */
  static byte[] behind(byte[] key) {
    return ObjectKey.escaped(key).u8(0).u8(2).toBytes(); // its rows have 0x00 0x01 here
  }

  // --- putting it together

  /** The versions of the keys of a range, in a bucket; to be closed. */
  Cursor open(Uuid bucket, RegisterScan.Range range, Deadline deadline) {
    return new Cursor(bucket, range, deadline);
  }

  /** One node's copy of a key. */
  private record Copy(NodeId node, Shown shown) {}

  /**
   * What is kept of a key, put together.
   *
   * @param unsettled the versions that not all who answered show alike
   */
  private record Merged(
      @Nullable VersionId present, List<VersionRow> rows, Set<VersionId> unsettled) {}

  /** The versions of a range; used by one task, and closed by it. */
  public final class Cursor implements AutoCloseable {
    private final Uuid bucket;
    private final byte[] to;
    private final int limit;
    private final RegisterScan.@Nullable Grouping grouping;
    private final Deadline deadline;
    private final ArrayDeque<Listed> merged = new ArrayDeque<>();
    private @Nullable Place from;

    /** Whether the next page is to pass over nothing. */
    private boolean isWhole;

    private Cursor(Uuid bucket, RegisterScan.Range range, Deadline deadline) {
      this.bucket = bucket;
      this.from = new Place(range.from(), null);
      this.to = range.to();
      this.limit = Math.min(range.wanted(), PAGE_ROWS - 1) + 1;
      this.grouping = range.grouping();
      this.deadline = deadline;
    }

    /** The next version; null at the end. */
    public @Nullable Listed next() {
      while (merged.isEmpty() && from != null) {
        load(from);
      }
      return merged.poll();
    }

    /** Goes on at the first key at or after {@code key}, which is not before the last one. */
    public void seek(String key) {
      seek(new Place(storeKey(key), null));
    }

    /**
     * Goes on behind the version {@code id} of {@code key}, which is not before the last one; at
     * the key's first version if that one, having no time of its own, is not there any more.
     */
    public void seekAfter(String key, VersionId id) {
      Timestamp written = id.written();
      seek(new Place(storeKey(key), written == null ? writtenOfNull(key) : written));
    }

    private @Nullable Timestamp writtenOfNull(String key) {
      ObjectKey object = new ObjectKey(bucket, key);
      return switch (versions.of(object, deadline).version(VersionId.NULL, false)) {
        case Objects.Found found -> found.written();
        case Objects.Marked marked -> marked.written();
        case Objects.Nothing() -> null;
      };
    }

    private byte[] storeKey(String key) {
      return Objects.storePrefix(bucket, key.getBytes(StandardCharsets.UTF_8));
    }

    private void seek(Place place) {
      while (!merged.isEmpty() && !isFrom(placeOf(merged.element()), place)) {
        merged.remove();
      }
      Place rest = from;
      if (merged.isEmpty() && rest != null && rest.isBefore(place)) {
        from = Arrays.compareUnsigned(place.key(), to) < 0 ? place : null;
      }
    }

    private Place placeOf(Listed listed) {
      return new Place(storeKey(listed.key()), listed.written());
    }

    @Override
    public void close() {
      merged.clear();
    }

    private void load(Place position) {
      long epoch = placement.fence().epoch();
      RegisterScan.Grouping groups = isWhole ? null : grouping;
      Ask ask = new Ask(epoch, position, to, limit, groups);
      CallOptions options = new CallOptions(Priority.CLIENT, deadline);
      TreeMap<byte[], List<Copy>> keys = new TreeMap<>(Arrays::compareUnsigned);
      Set<NodeId> answered = new LinkedHashSet<>();
      Place end = null;
      for (Answer.Success<Page> answer :
          calls.read(endpoint, Payload.of(ask), quorums(), options)) {
        Page page = answer.payload().value();
        if (page.laterEpoch() > epoch) {
          placement.fence().adopt(page.laterEpoch(), answer.from());
          return; // all answers are void; the round is repeated
        }
        answered.add(answer.from());
        if (page.closed()) {
          register.metClosedDoor(position.key());
        }
        for (Shown shown : page.keys()) {
          keys.computeIfAbsent(shown.key(), _ -> new ArrayList<>())
              .add(new Copy(answer.from(), shown));
        }
        Place next = page.next();
        if (next != null && (end == null || next.isBefore(end))) {
          end = next;
        }
      }
      isWhole = false;
      from = end;
      byte[] found = null;
      for (Map.Entry<byte[], List<Copy>> entry : keys.entrySet()) {
        byte[] key = entry.getKey();
        if (end != null && !new Place(key, null).isBefore(end)) {
          break; // some have not looked at it
        }
        List<Copy> copies = entry.getValue();
        byte[] group = groups == null ? null : groups.group(key);
        if (group != null && Arrays.equals(group, found)) {
          continue; // who has the first of the group has passed over the others
        }
        if (group != null && copies.stream().anyMatch(c -> isPresent(c.shown().register()))) {
          if (!agree(key, copies, answered)) {
            isWhole = true;
            from = Arrays.equals(key, position.key()) ? position : new Place(key, null);
            return;
          }
          found = group;
        }
        add(merge(key, copies, answered), position, end);
      }
    }

    /** Whether all replicas that answered show the same register. */
    private boolean agree(byte[] key, List<Copy> copies, Set<NodeId> answered) {
      Set<NodeId> members = placement.replicas(ObjectKey.partition(key)).all();
      Set<NodeId> showing = copies.stream().map(Copy::node).collect(Collectors.toSet());
      return members.containsAll(showing)
          && answered.stream().filter(members::contains).allMatch(showing::contains)
          && copies.stream().map(this::ballot).distinct().count() == 1;
    }

    private Timestamp ballot(Copy copy) {
      byte[] register = copy.shown().register();
      return register == null ? Timestamp.ZERO : codec.decode(register).ballot();
    }

    private List<Quorum> quorums() {
      Set<Quorum> quorums = new LinkedHashSet<>();
      for (Partition partition : placement.partitions()) {
        Replicas replicas = placement.replicas(partition);
        replicas.counting().forEach(set -> quorums.add(Quorum.of(set.nodes(), set.read())));
      }
      return List.copyOf(quorums);
    }

    /** Adds the versions of a key from {@code position} on, up to {@code end}. */
    private void add(Merged known, Place position, @Nullable Place end) {
      List<VersionRow> shown =
          known.rows().stream()
              .filter(row -> isShown(row, position, end))
              .sorted(Comparator.comparing(VersionScan::written).reversed())
              .toList();
      List<VersionId> unsettled =
          shown.stream().map(VersionRow::id).filter(known.unsettled()::contains).toList();
      Set<VersionId> settled =
          unsettled.isEmpty()
              ? Set.of()
              : versions.of(shown.getFirst().key(), deadline).settle(unsettled);
      for (VersionRow row : shown) {
        VersionRow.Kept kept = row.kept();
        if (kept != null && (!known.unsettled().contains(row.id()) || settled.contains(row.id()))) {
          merged.add(
              new Listed(
                  row.key().key(),
                  row.id(),
                  row.id().equals(known.present()),
                  kept.written(),
                  kept.version()));
        }
      }
    }

    private static boolean isShown(VersionRow row, Place position, @Nullable Place end) {
      VersionRow.Kept kept = row.kept();
      if (kept == null) {
        return false;
      }
      Place at = new Place(row.key().storeKey(), kept.written());
      boolean behind = end != null && !at.isBefore(end) && !isLastOf(at, end);
      return !behind && isFrom(at, position);
    }

    /** A place at a version's time is behind that version. */
    private static boolean isLastOf(Place at, Place end) {
      return Arrays.equals(at.key(), end.key())
          && at.below() != null
          && at.below().equals(end.below());
    }

    private static boolean isFrom(Place at, Place position) {
      Timestamp below = position.below();
      int byKey = Arrays.compareUnsigned(at.key(), position.key());
      return byKey != 0
          ? byKey > 0
          : below == null || (at.below() != null && below.isAfter(at.below()));
    }

    private Merged merge(byte[] key, List<Copy> copies, Set<NodeId> answered) {
      Set<NodeId> members = placement.replicas(ObjectKey.partition(key)).all();
      ObjectKey object = ObjectKey.ofStoreKey(key);
      TreeMap<byte[], VersionRow> all = new TreeMap<>(Arrays::compareUnsigned);
      List<VersionRow> held = new ArrayList<>();
      List<List<VersionRow>> each = new ArrayList<>();
      Set<Timestamp> ballots = new LinkedHashSet<>();
      RegisterRow<ObjectState> head = null;
      long have = copies.stream().map(Copy::node).filter(members::contains).count();
      if (answered.stream().filter(members::contains).count() > have) {
        ballots.add(Timestamp.ZERO); // some have nothing of it
        each.add(List.of());
      }
      for (Copy copy : copies) {
        if (!members.contains(copy.node())) {
          continue; // what others have left over says nothing
        }
        byte[] value = copy.shown().register();
        RegisterRow<ObjectState> row = value == null ? null : codec.decode(value);
        ballots.add(row == null ? Timestamp.ZERO : row.ballot());
        head = row != null && (head == null || row.ballot().isAfter(head.ballot())) ? row : head;
        List<VersionRow> shown = new ArrayList<>(copy.shown().rows());
        shown.forEach(r -> put(all, r));
        if (row != null && row.version() instanceof ObjectState.Present present) {
          held.add(row(object, present, row.id(), row.ballot()));
          shown.add(held.getLast());
        }
        each.add(shown);
      }
      if (ballots.size() > 1) { // they do not agree, or a replica is missing: the register says
        Version<ObjectState> now = register.read(key, false, deadline).orElse(null);
        superseded(held, now).forEach(row -> put(all, row));
        Set<VersionId> unsettled = unsettled(all.values(), each);
        return now == null
            ? merged(object, all, unsettled, null, null)
            : merged(object, all, unsettled, now.value(), now.id());
      }
      Set<VersionId> unsettled = unsettled(all.values(), each);
      return head == null
          ? merged(object, all, unsettled, null, null)
          : merged(object, all, unsettled, head.version(), head.id());
    }

    private static Set<VersionId> unsettled(
        Collection<VersionRow> all, List<List<VersionRow>> each) {
      if (each.stream().allMatch(each.getFirst()::equals)) {
        return Set.of();
      }
      List<Set<VersionRow>> shown = each.stream().map(Set::copyOf).toList();
      return all.stream()
          .filter(row -> !shown.stream().allMatch(its -> its.contains(row)))
          .map(VersionRow::id)
          .collect(Collectors.toSet());
    }

    /**
     * Of the versions that replicas held in their registers, those that {@code now}, read since, is
     * later than: who missed the write that superseded one shows it there. A later one did not take
     * effect, at least not yet, or was removed meanwhile; and where nothing is present there is no
     * other version either.
     */
    private static List<VersionRow> superseded(
        List<VersionRow> held, @Nullable Version<ObjectState> now) {
      if (now == null || !(now.value() instanceof ObjectState.Present present)) {
        return List.of();
      }
      Timestamp written = present.writtenAt(now.id());
      return held.stream().filter(row -> !written(row).isAfter(written)).toList();
    }

    private Merged merged(
        ObjectKey key,
        Map<byte[], VersionRow> all,
        Set<VersionId> unsettled,
        @Nullable ObjectState state,
        @Nullable Timestamp id) {
      VersionId present = null;
      Set<VersionId> others;
      if (state instanceof ObjectState.Present now && id != null) {
        VersionId current = now.id(id);
        present = current;
        Timestamp written = now.writtenAt(id);
        all.values().removeIf(row -> row.inSight(written) == null);
        all.replaceAll((_, row) -> java.util.Objects.requireNonNull(row.inSight(written)));
        others = unsettled.stream().filter(it -> !it.equals(current)).collect(Collectors.toSet());
        all.put(
            VersionRow.sortKey(present), row(key, now, id, id)); // it is there, whatever rows say
      } else { // what is left is rare, and a quorum is to say so
        others = all.values().stream().map(VersionRow::id).collect(Collectors.toSet());
      }
      return new Merged(present, List.copyOf(all.values()), others);
    }

    private static VersionRow row(
        ObjectKey key, ObjectState.Present present, Timestamp id, Timestamp ballot) {
      var kept = new VersionRow.Kept(present.writtenAt(id), present.version(), NO_BYTES);
      return VersionRow.kept(key, present.id(id), ballot, kept);
    }

    private static void put(Map<byte[], VersionRow> all, VersionRow row) {
      all.merge(VersionRow.sortKey(row.id()), row, VersionRow::merge);
    }
  }

  static Timestamp written(VersionRow row) {
    VersionRow.Kept kept = row.kept();
    return kept == null ? Timestamp.ZERO : kept.written();
  }
}
