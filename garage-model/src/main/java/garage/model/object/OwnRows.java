package garage.model.object;

import garage.common.codec.VersionedCodec;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.Partition;
import garage.table.register.RegisterRow;
import garage.table.replication.Placement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The rows of those keys of which this node is the first replica that is up, so that what is to be
 * done once is done by one. It is what this node has, without asking another: a hint where to look,
 * not the truth; and two nodes may believe to be the first.
 */
public final class OwnRows {
  /** Rows looked at in one go, others' rows included: some milliseconds. */
  private static final int ROWS_MAX = 1_000;

  /** Versions of a key that are shown; who has more is looked at in another way. */
  private static final int VERSIONS_MAX = 1_000;

  private final Store store;
  private final Placement placement;
  private final NodeId self;
  private final Predicate<NodeId> isUp;
  private final Tree objects;
  private final Tree versions;
  private final Tree uploads;
  private final VersionedCodec<RegisterRow<ObjectState>> objectCodec =
      RegisterRow.codec(ObjectState.CODEC);
  private final VersionedCodec<RegisterRow<Upload.Slot>> uploadCodec =
      RegisterRow.codec(Upload.Slot.CODEC);

  /** {@code isUp}: whether another node answers. */
  public OwnRows(Store store, Placement placement, NodeId self, Predicate<NodeId> isUp) {
    this.store = store;
    this.placement = placement;
    this.self = self;
    this.isUp = isUp;
    this.objects = store.tree(ObjectSchema.NAME);
    this.versions = store.tree(VersionSchema.NAME);
    this.uploads = store.tree(UploadSchema.NAME);
  }

  /**
   * What there is here of a key.
   *
   * @param versions the present one first, then the latest
   * @param whole whether that is all
   */
  public record Own(ObjectKey key, List<Version> versions, boolean whole) {}

  /** A version. */
  public record Version(VersionId id, ObjectVersion version, boolean present) {}

  /**
   * Shows keys of a bucket that begin with one of {@code prefixes}, in the order of their bytes.
   *
   * @param from where to begin: what the last call answered, or empty
   * @param goesOn whether another is to be shown after this
   * @return where to go on; null if that is all
   */
  public byte @Nullable [] objects(
      Uuid bucket, List<String> prefixes, byte[] from, Predicate<Own> goesOn) {
    Budget budget = new Budget();
    for (byte[] prefix : sorted(prefixes, p -> Objects.storePrefix(bucket, utf8(p)))) {
      byte[] next = new Keys(prefix, from).show(goesOn, budget);
      if (next != null) {
        return next;
      }
    }
    return null;
  }

  /** As {@link #objects}, of uploads that are not completed. */
  public byte @Nullable [] uploads(
      Uuid bucket, List<String> prefixes, byte[] from, Predicate<Upload> goesOn) {
    Budget budget = new Budget();
    for (byte[] prefix : sorted(prefixes, p -> UploadSchema.scanFrom(bucket, p))) {
      byte[] next = showUploads(prefix, from, goesOn, budget);
      if (next != null) {
        return next;
      }
    }
    return null;
  }

  private byte @Nullable [] showUploads(
      byte[] prefix, byte[] from, Predicate<Upload> goesOn, Budget budget) {
    try (Scan scan = store.scan(uploads, KeyRange.of(later(prefix, from), end(prefix)))) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        if (budget.isSpent()) {
          return row.key();
        }
        budget.spend();
        Upload upload = isFirst(UploadSchema.partitionOf(row.key())) ? upload(row.value()) : null;
        if (upload != null && !goesOn.test(upload)) {
          return Arrays.copyOf(row.key(), row.key().length + 1);
        }
      }
    }
    return null;
  }

  private @Nullable Upload upload(byte[] value) {
    Upload.Slot slot = uploadCodec.decode(value).version();
    return slot instanceof Upload.Slot.Present(Upload upload) && UploadSchema.isInProgress(slot)
        ? upload
        : null;
  }

  private boolean isFirst(Partition partition) {
    for (NodeId node : placement.replicas(partition).all()) {
      if (node.equals(self)) {
        return true;
      }
      if (isUp.test(node)) {
        return false;
      }
    }
    return false;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private interface Ranges {
    byte[] prefix(String ofKeys);
  }

  private static List<byte[]> sorted(List<String> prefixes, Ranges ranges) {
    return prefixes.stream().map(ranges::prefix).sorted(Arrays::compareUnsigned).toList();
  }

  private static byte[] later(byte[] one, byte[] other) {
    return Arrays.compareUnsigned(one, other) >= 0 ? one : other;
  }

  private static byte @Nullable [] end(byte[] prefix) {
    return KeyRange.successor(prefix);
  }

  /** How much is still to be looked at. */
  private static final class Budget {
    private int left = ROWS_MAX;

    void spend() {
      left--;
    }

    boolean isSpent() {
      return left <= 0;
    }
  }

  /** The keys of a range: registers and rows of versions side by side. */
  private final class Keys {
    private final byte[] begin;
    private final byte @Nullable [] end;

    Keys(byte[] prefix, byte[] from) {
      this.begin = later(prefix, from);
      this.end = end(prefix);
    }

    byte @Nullable [] show(Predicate<Own> goesOn, Budget budget) {
      if (end != null && Arrays.compareUnsigned(begin, end) >= 0) {
        return null;
      }
      try (Scan heads = store.scan(objects, KeyRange.of(begin, end));
          Scan olds = store.scan(versions, KeyRange.of(escaped(begin), escapedEnd()))) {
        Scan.Row head = heads.next();
        Scan.Row old = olds.next();
        while (head != null || old != null) {
          byte[] key = first(head, old);
          if (budget.isSpent()) {
            return key;
          }
          boolean ours = isFirst(ObjectKey.partition(key));
          Gathered gathered = new Gathered(ObjectKey.ofStoreKey(key));
          if (head != null && Arrays.equals(head.key(), key)) {
            budget.spend();
            if (ours) {
              gathered.addPresent(objectCodec.decode(head.value()));
            }
            head = heads.next();
          }
          while (ours && isOf(key, old) && gathered.takesMore()) {
            budget.spend();
            gathered.add(VersionRow.CODEC.decode(java.util.Objects.requireNonNull(old).value()));
            old = olds.next();
          }
          if (isOf(key, old)) {
            budget.spend();
            olds.seek(VersionScan.behind(key));
            old = olds.next();
          }
          if (ours && !goesOn.test(gathered.own())) {
            return Arrays.copyOf(key, key.length + 1);
          }
        }
        return null;
      }
    }

    private byte @Nullable [] escapedEnd() {
      return end == null ? null : escaped(end);
    }

    private static boolean isOf(byte[] key, Scan.@Nullable Row old) {
      return old != null && Arrays.equals(ObjectKey.unescaped(old.key()), key);
    }
  }

  private static byte[] escaped(byte[] storeKey) {
    return ObjectKey.escaped(storeKey).toBytes();
  }

  private static byte[] first(Scan.@Nullable Row head, Scan.@Nullable Row old) {
    return VersionScan.first(head, old);
  }

  /** What is found of a key. */
  private static final class Gathered {
    private final ObjectKey key;
    private final List<VersionRow> rows = new ArrayList<>();
    private @Nullable Version present;

    Gathered(ObjectKey key) {
      this.key = key;
    }

    void addPresent(RegisterRow<ObjectState> row) {
      if (row.version() instanceof ObjectState.Present now) {
        present = new Version(now.id(row.id()), now.version(), true);
      }
    }

    void add(VersionRow row) {
      if (!row.isRemoved() && (present == null || !present.id().equals(row.id()))) {
        rows.add(row.withoutBytes());
      }
    }

    boolean takesMore() {
      return rows.size() < VERSIONS_MAX;
    }

    Own own() {
      rows.sort(Comparator.comparing(VersionScan::written).reversed());
      List<Version> all = new ArrayList<>();
      if (present != null) {
        all.add(present);
      }
      for (VersionRow row : rows) {
        VersionRow.Kept kept = row.kept();
        if (kept != null) {
          all.add(new Version(row.id(), kept.version(), false));
        }
      }
      return new Own(key, all, takesMore());
    }
  }
}
