package garage.table;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.rpc.membership.EpochFence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ordered scans of one tree over all nodes: what lists read. Each node's rows come in the store's
 * order, from this node directly and from others in pages, and are merged by key; where several
 * nodes hold a row, the reader gets every copy and decides.
 */
public final class ClusterScan {
  /**
   * Rows in one page from another node: the most a listing shows at once, and a bounded message.
   */
  private static final int PAGE_ROWS = 1_001;

  private record Page(long epoch, byte[] from, byte[] to, int limit) {
    static final VersionedCodec<Page> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, p) -> out.i64(p.epoch).bytes(p.from).bytes(p.to).varint(p.limit),
                in -> new Page(in.i64(), in.bytes(), in.bytes(), in.varint32())));
  }

  private static final Codec<Scan.Row> ROW =
      Codec.of(
          (out, r) -> out.bytes(r.key()).bytes(r.value()),
          in -> new Scan.Row(in.bytes(), in.bytes()));
  private static final VersionedCodec<List<Scan.Row>> ROWS =
      VersionedCodec.first(Codec.of((out, rows) -> out.list(rows, ROW), in -> in.list(ROW)));

  private final Rpc rpc;
  private final Store store;
  private final Tree tree;
  private final EpochFence fence;
  private final Endpoint<Page, List<Scan.Row>> endpoint;

  public ClusterScan(Rpc rpc, Store store, String tree, EpochFence fence) {
    this.rpc = rpc;
    this.fence = fence;
    this.store = store;
    this.tree = store.tree(tree);
    this.endpoint = new Endpoint<>("scan/" + tree, Page.CODEC, ROWS);
    rpc.serve(endpoint, (from, request, _) -> Payload.of(page(from, request.value())));
  }

  /** The rows of {@code range} on {@code nodes}; {@code range} must be ascending and bounded. */
  public Cursor open(KeyRange range, Collection<NodeId> nodes, Deadline deadline) {
    long epoch = fence.epoch();
    List<Source> sources = new ArrayList<>();
    for (NodeId node : nodes) {
      sources.add(
          node.equals(rpc.self())
              ? new LocalSource(store.scan(tree, range))
              : new RemoteSource(node, epoch, range, deadline));
    }
    return new Cursor(sources);
  }

  private List<Scan.Row> page(@Nullable NodeId from, Page page) {
    fence.check(page.epoch(), from);
    List<Scan.Row> rows = new ArrayList<>();
    try (Scan scan = store.scan(tree, KeyRange.of(page.from(), page.to()))) {
      int limit = Math.min(page.limit(), PAGE_ROWS);
      Scan.Row row = scan.next();
      while (row != null && rows.size() < limit) {
        rows.add(row);
        row = scan.next();
      }
    }
    return rows;
  }

  /** The merged rows; used by one task, and closed by it. */
  public static final class Cursor implements AutoCloseable {
    private final List<Source> sources;

    private Cursor(List<Source> sources) {
      this.sources = sources;
    }

    /** The copies of the next row, which all have one key; null at the end. */
    public @Nullable List<Scan.Row> next() {
      byte[] least = null;
      for (Source source : sources) {
        Scan.Row row = source.peek();
        if (row != null && (least == null || Arrays.compareUnsigned(row.key(), least) < 0)) {
          least = row.key();
        }
      }
      if (least == null) {
        return null;
      }
      List<Scan.Row> copies = new ArrayList<>(sources.size());
      for (Source source : sources) {
        Scan.Row row = source.peek();
        if (row != null && Arrays.equals(row.key(), least)) {
          copies.add(row);
          source.advance();
        }
      }
      return copies;
    }

    /** Goes on at the first row at or after {@code key}. */
    public void seek(byte[] key) {
      sources.forEach(source -> source.seek(key));
    }

    @Override
    public void close() {
      sources.forEach(Source::close);
    }
  }

  private interface Source {
    Scan.@Nullable Row peek();

    void advance();

    void seek(byte[] key);

    void close();
  }

  private static final class LocalSource implements Source {
    private final Scan scan;
    private Scan.@Nullable Row current;
    private boolean loaded;

    LocalSource(Scan scan) {
      this.scan = scan;
    }

    @Override
    public Scan.@Nullable Row peek() {
      if (!loaded) {
        current = scan.next();
        loaded = true;
      }
      return current;
    }

    @Override
    public void advance() {
      loaded = false;
    }

    @Override
    public void seek(byte[] key) {
      scan.seek(key);
      loaded = false;
    }

    @Override
    public void close() {
      scan.close();
    }
  }

  private final class RemoteSource implements Source {
    private final NodeId node;
    private final long epoch;
    private final byte[] end;
    private final Deadline deadline;
    private byte[] from;
    private List<Scan.Row> rows = List.of();
    private int position;
    private boolean exhausted;

    RemoteSource(NodeId node, long epoch, KeyRange range, Deadline deadline) {
      byte[] lower = range.from();
      byte[] upper = range.to();
      if (range.descending() || lower == null || upper == null) {
        throw new IllegalArgumentException("a cluster scan is ascending and bounded");
      }
      this.node = node;
      this.epoch = epoch;
      this.from = lower;
      this.end = upper;
      this.deadline = deadline;
    }

    @Override
    public Scan.@Nullable Row peek() {
      if (position == rows.size() && !exhausted) {
        load();
      }
      return position < rows.size() ? rows.get(position) : null;
    }

    @Override
    public void advance() {
      position++;
    }

    @Override
    public void seek(byte[] key) {
      while (position < rows.size() && Arrays.compareUnsigned(rows.get(position).key(), key) < 0) {
        position++;
      }
      if (position == rows.size() && Arrays.compareUnsigned(key, from) > 0) {
        from = key;
      }
    }

    @Override
    public void close() {
      rows = List.of();
    }

    private void load() {
      CallOptions options = new CallOptions(Priority.CLIENT, deadline);
      rows = call(new Page(epoch, from, end, PAGE_ROWS), options);
      position = 0;
      exhausted = rows.size() < PAGE_ROWS;
      if (!rows.isEmpty()) {
        byte[] last = rows.getLast().key();
        from = Arrays.copyOf(last, last.length + 1); // the first key after it
      }
    }

    private List<Scan.Row> call(Page page, CallOptions options) {
      try {
        return rpc.call(node, endpoint, page, options);
      } catch (GarageException.Stale e) {
        fence.adopt(e.epoch(), node);
        throw new GarageException.QuorumNotReached("the layout changed during the scan");
      }
    }
  }
}
