package garage.table.register;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
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
import garage.table.replication.Placement;
import garage.table.replication.Replicas;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Ordered scans of a family of registers over all partitions: what lists read. A page is one round
 * to nodes which together hold a quorum of every partition, the preferred ones first; one that is
 * late or fails is replaced within the round. So a page shows every write that was acknowledged
 * before it was asked for. Where the copies of a key do not agree, the key is read as a register,
 * so that nothing is shown which could vanish again.
 *
 * <p>Where keys that share a prefix make one entry of a listing, each node passes over the rest of
 * them after the first that is there: what a prefix hides never crosses the wire.
 */
public final class RegisterScan<V> {
  /** Rows in one page: the most a listing shows at once, and one to tell whether there are more. */
  private static final int PAGE_ROWS = 1_001;

  /** The size of a page beyond which no further row is added. */
  private static final int PAGE_BYTES = 2 << 20;

  /** Rows a node looks at for one page; deleted ones of a group are passed over silently. */
  private static final int LOOKED_AT_MAX = 50_000;

  private final Register<V> register;
  private final RegisterSchema<V> schema;
  private final VersionedCodec<RegisterRow<V>> codec;
  private final NodeId self;
  private final Store store;
  private final Tree tree;
  private final Placement placement;
  private final QuorumCall calls;
  private final Endpoint<Ask, Page> endpoint;
  private volatile @Nullable Cover cover;

  /**
   * Which keys are one entry: those that are equal up to the first {@code delimiter} at or after
   * {@code from}, where they have one.
   */
  public record Grouping(int from, byte[] delimiter) {
    public static final Codec<Grouping> CODEC =
        Codec.of(
            (out, g) -> out.varint(g.from).bytes(g.delimiter),
            in -> new Grouping(in.varint32(), in.bytes()));

    public Grouping {
      Invariant.check(delimiter.length > 0, "a delimiter is not empty");
    }

    /** What the keys of the entry of {@code key} begin with; null if it is one of its own. */
    public byte @Nullable [] group(byte[] key) {
      for (int i = from; i + delimiter.length <= key.length; i++) {
        int end = i + delimiter.length;
        if (Arrays.equals(key, i, end, delimiter, 0, delimiter.length)) {
          return Arrays.copyOf(key, end);
        }
      }
      return null;
    }
  }

  /** A register that is there, without its body. */
  public record Row<V>(byte[] key, Version<V> version) {}

  private record Ask(long epoch, byte[] from, byte[] to, int limit, @Nullable Grouping grouping) {
    static final VersionedCodec<Ask> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, a) ->
                    out.i64(a.epoch)
                        .bytes(a.from)
                        .bytes(a.to)
                        .varint(a.limit)
                        .optional(a.grouping, Grouping.CODEC),
                in ->
                    new Ask(
                        in.i64(),
                        in.bytes(),
                        in.bytes(),
                        in.varint32(),
                        in.optional(Grouping.CODEC))));
  }

  /**
   * A node's rows in order.
   *
   * @param laterEpoch of a node that is ahead of who asked, and shows nothing; else 0
   * @param closed whether the door of the group where the range begins was closed
   * @param next where it has not looked yet; null if it has looked at all
   */
  private record Page(
      long laterEpoch, boolean closed, List<Scan.Row> rows, byte @Nullable [] next) {
    private static final Codec<Scan.Row> ROW =
        Codec.of(
            (out, r) -> out.bytes(r.key()).bytes(r.value()),
            in -> new Scan.Row(in.bytes(), in.bytes()));
    static final VersionedCodec<Page> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, p) ->
                    out.i64(p.laterEpoch)
                        .bool(p.closed)
                        .list(p.rows, ROW)
                        .optional(p.next, Codec.BYTES),
                in -> new Page(in.i64(), in.bool(), in.list(ROW), in.optional(Codec.BYTES))));
  }

  /** The quorums of all partitions in one epoch. */
  private record Cover(long epoch, List<Quorum> quorums) {}

  public RegisterScan(Register<V> register, RegisterSchema<V> schema, Register.Context context) {
    this.register = register;
    this.schema = schema;
    this.codec = RegisterRow.codec(schema.codec());
    this.self = context.rpc().self();
    this.store = context.store();
    this.tree = store.tree(schema.name());
    this.placement = context.placement();
    this.calls = new QuorumCall(context.rpc(), placement.preference(self), context.clock());
    this.endpoint = new Endpoint<>("scan/" + schema.name(), Ask.CODEC, Page.CODEC);
    context.rpc().serve(endpoint, (from, request, _) -> Payload.of(page(from, request.value())));
  }

  /**
   * What is scanned: the keys of {@code [from, to)}.
   *
   * @param wanted how many registers are likely to be read of it, groups counted once
   */
  public record Range(byte[] from, byte[] to, int wanted, @Nullable Grouping grouping) {}

  /** The registers of {@code range} that are there; to be closed. */
  public Cursor open(Range range, Deadline deadline) {
    return new Cursor(range, deadline);
  }

  // --- what a node shows

  private Page page(@Nullable NodeId from, Ask ask) {
    EpochFence fence = placement.fence();
    try {
      fence.check(ask.epoch(), from);
      Page page = read(ask);
      fence.check(ask.epoch(), from);
      return page;
    } catch (GarageException.Stale e) {
      return new Page(e.epoch(), false, List.of(), null);
    }
  }

  private Page read(Ask ask) {
    boolean closed = register.isClosedHere(ask.from());
    List<Scan.Row> rows = new ArrayList<>();
    int bytes = 0;
    int limit = Math.clamp(ask.limit(), 1, PAGE_ROWS);
    Grouping grouping = ask.grouping();
    try (Scan scan = store.scan(tree, KeyRange.of(ask.from(), ask.to()))) {
      Scan.Row row = scan.next();
      for (int i = 0; row != null; i++) {
        if (rows.size() >= limit || bytes > PAGE_BYTES || i == LOOKED_AT_MAX) {
          return new Page(0, closed, rows, row.key());
        }
        byte[] group = grouping == null ? null : grouping.group(row.key());
        if (group == null || isThere(row)) {
          rows.add(row);
          bytes += row.key().length + row.value().length;
        }
        if (group != null && isThere(row)) {
          byte[] behind = KeyRange.successor(group);
          if (behind == null || Arrays.compareUnsigned(behind, ask.to()) >= 0) {
            break;
          }
          scan.seek(behind);
        }
        row = scan.next();
      }
    }
    return new Page(0, closed, rows, null);
  }

  private boolean isThere(Scan.Row row) {
    V version = codec.decode(row.value()).version();
    return version != null && schema.isListed(version);
  }

  // --- putting it together

  private Cover cover() {
    Cover known = cover;
    long epoch = placement.fence().epoch();
    if (known != null && known.epoch() == epoch) {
      return known;
    }
    while (true) {
      Set<Quorum> quorums = new LinkedHashSet<>();
      boolean same = true;
      for (Partition partition : placement.partitions()) {
        Replicas replicas = placement.replicas(partition);
        same &= replicas.epoch() == epoch;
        replicas.counting().forEach(set -> quorums.add(Quorum.of(set.nodes(), set.agreeing())));
      }
      if (same) {
        Cover fresh = new Cover(epoch, List.copyOf(quorums));
        cover = fresh;
        return fresh;
      }
      epoch = placement.fence().epoch();
    }
  }

  private static boolean isOnly(NodeId node, Cover cover) {
    return cover.quorums().stream().allMatch(quorum -> quorum.nodes().equals(Set.of(node)));
  }

  /** One node's copy of a row. */
  private record Copy<V>(NodeId node, RegisterRow<V> row) {}

  /** The registers of a range, in order; used by one task, and closed by it. */
  public final class Cursor implements AutoCloseable {
    private final byte[] to;
    private final int limit;
    private final @Nullable Grouping grouping;
    private final Deadline deadline;
    private final ArrayDeque<Map.Entry<byte[], List<Copy<V>>>> merged = new ArrayDeque<>();
    private byte @Nullable [] from;
    private byte @Nullable [] last;
    private Set<NodeId> answered = Set.of();
    private @Nullable Scan local;

    private Cursor(Range range, Deadline deadline) {
      this.from = range.from();
      this.to = range.to();
      this.limit = Math.min(range.wanted(), PAGE_ROWS - 1) + 1;
      this.grouping = range.grouping();
      this.deadline = deadline;
      if (isOnly(self, cover())) {
        local = store.scan(tree, KeyRange.of(range.from(), range.to()));
      }
    }

    /** The next register that is there; null at the end. */
    public @Nullable Row<V> next() {
      Scan here = local;
      if (here != null) {
        return nextHere(here);
      }
      while (true) {
        Map.Entry<byte[], List<Copy<V>>> next = merged.poll();
        if (next != null) {
          last = next.getKey();
          Row<V> row = settled(next.getKey(), next.getValue());
          if (row != null) {
            return row;
          }
        } else if (from == null) {
          return null;
        } else {
          load(from);
        }
      }
    }

    /** Goes on at the first key at or after {@code key}; going back costs a round. */
    public void seek(byte[] key) {
      if (local != null) {
        local.seek(key);
        return;
      }
      byte[] seen = last;
      if (seen != null && Arrays.compareUnsigned(key, seen) <= 0) {
        merged.clear();
        from = key;
        last = null;
        return;
      }
      while (!merged.isEmpty() && Arrays.compareUnsigned(merged.peek().getKey(), key) < 0) {
        merged.remove();
      }
      byte[] rest = from;
      if (rest != null && Arrays.compareUnsigned(rest, key) < 0) {
        from = Arrays.compareUnsigned(key, to) < 0 ? key : null;
      }
    }

    @Override
    public void close() {
      merged.clear();
      if (local != null) {
        local.close();
      }
    }

    private @Nullable Row<V> nextHere(Scan here) {
      for (Scan.Row row = here.next(); row != null; row = here.next()) {
        Row<V> found = row(row.key(), codec.decode(row.value()));
        if (found != null) {
          return found;
        }
      }
      return null;
    }

    private @Nullable Row<V> row(byte[] key, RegisterRow<V> row) {
      V version = row.version();
      return version == null || !schema.isListed(version)
          ? null
          : new Row<>(key, new Version<>(row.id(), version, ByteBuffer.allocate(0)));
    }

    /** One round of a page. */
    private void load(byte[] position) {
      Cover present = cover();
      Ask ask = new Ask(present.epoch(), position, to, limit, grouping);
      CallOptions options = new CallOptions(Priority.CLIENT, deadline);
      TreeMap<byte[], List<Copy<V>>> rows = new TreeMap<>(Arrays::compareUnsigned);
      Set<NodeId> nodes = new LinkedHashSet<>();
      byte @Nullable [] end = null;
      for (Answer.Success<Page> answer :
          calls.read(endpoint, Payload.of(ask), present.quorums(), options)) {
        Page page = answer.payload().value();
        if (page.laterEpoch() > present.epoch()) {
          placement.fence().adopt(page.laterEpoch(), answer.from());
          return; // all answers are void; the round is repeated
        }
        nodes.add(answer.from());
        if (page.closed()) {
          register.metClosedDoor(position);
        }
        for (Scan.Row row : page.rows()) {
          rows.computeIfAbsent(row.key(), _ -> new ArrayList<>())
              .add(new Copy<>(answer.from(), codec.decode(row.value())));
        }
        byte[] next = page.next();
        if (next != null && (end == null || Arrays.compareUnsigned(next, end) < 0)) {
          end = next;
        }
      }
      answered = nodes;
      from = end;
      (end == null ? rows : rows.headMap(end, false)).entrySet().forEach(merged::add);
    }

    /** What the copies of a row say, or the register itself where they do not agree. */
    private @Nullable Row<V> settled(byte[] key, List<Copy<V>> copies) {
      Replicas replicas = placement.replicas(schema.partition(key));
      Set<NodeId> members = replicas.all();
      RegisterRow<V> newest = null;
      boolean there = false;
      for (Copy<V> copy : copies) {
        if (members.contains(copy.node())) { // what others have left over says nothing
          RegisterRow<V> row = copy.row();
          newest = newest == null || row.ballot().isAfter(newest.ballot()) ? row : newest;
          there |= row(key, row) != null;
        }
      }
      if (newest == null || !there) {
        lookAgainBehind(key);
        return null; // of an acknowledged write, one of a quorum would show a copy
      }
      if (agree(replicas, copies, newest)) {
        return row(key, newest);
      }
      Version<V> read = register.read(key, false, deadline).orElse(null);
      if (read == null || !schema.isListed(read.value())) {
        lookAgainBehind(key);
        return null;
      }
      return new Row<>(key, read);
    }

    private boolean agree(Replicas replicas, List<Copy<V>> copies, RegisterRow<V> newest) {
      return replicas.reached(
          Replicas.Counting::agreeing,
          node ->
              answered.contains(node)
                  && copies.stream()
                      .anyMatch(copy ->
                          copy.node().equals(node)
                              && copy.row().ballot().equals(newest.ballot())
                              && copy.row().id().equals(newest.id())));
    }

    /** The first key of a group is not there after all: nodes that showed it passed over others. */
    private void lookAgainBehind(byte[] key) {
      if (grouping != null && grouping.group(key) != null) {
        merged.clear();
        from = Arrays.copyOf(key, key.length + 1); // the first key after it
      }
    }
  }
}
