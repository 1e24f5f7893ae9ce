package garage.model.object;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.time.Timestamp;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A look at the versions of one key: what is asked of a replica, its answer, and the sum. */
final class Look {
  /** Rows in one answer: a page, though nearly always a key has few. */
  static final int ROWS_MAX = 256;

  private Look() {}

  /**
   * What is asked for: these versions, or if none is named those written before {@code below}.
   *
   * @param below null for all
   */
  record Ask(
      long epoch,
      ObjectKey key,
      List<VersionId> ids,
      @Nullable Timestamp below,
      boolean withBytes) {
    static final VersionedCodec<Ask> CODEC =
        VersionedCodec.first(
            Codec.of(
                (out, a) ->
                    out.i64(a.epoch)
                        .value(a.key, ObjectKey.CODEC)
                        .list(a.ids, VersionId.CODEC)
                        .optional(a.below, Timestamp.CODEC)
                        .bool(a.withBytes),
                in ->
                    new Ask(
                        in.i64(),
                        in.value(ObjectKey.CODEC),
                        in.list(VersionId.CODEC),
                        in.optional(Timestamp.CODEC),
                        in.bool())));

    Ask {
      ids = List.copyOf(ids);
    }

    static Ask exactly(ObjectKey key, List<VersionId> ids, boolean withBytes) {
      return new Ask(0, key, ids, null, withBytes);
    }

    static Ask below(ObjectKey key, @Nullable Timestamp below) {
      return new Ask(0, key, List.of(), below, false);
    }

    Ask at(long otherEpoch) {
      return new Ask(otherEpoch, key, ids, below, withBytes);
    }
  }

  /**
   * A replica's answer: what its register holds, read first, and then the rows: so a version that
   * moves from the one to the other meanwhile is seen. What the register holds is the first row.
   *
   * @param laterEpoch of a node that is ahead of who asked, and shows nothing; else 0
   * @param closed whether the door of the bucket is closed
   * @param ballot at which the register took what it holds
   * @param present what it holds; null for nothing
   * @param left of a register that holds nothing: up to which order versions may be left that took
   *     effect before; zero where the last one was removed
   * @param more whether there are further rows behind these
   */
  record Shown(
      long laterEpoch,
      boolean closed,
      Timestamp ballot,
      @Nullable VersionId present,
      Timestamp left,
      List<VersionRow> rows,
      boolean more) {
    static final VersionedCodec<Shown> CODEC =
        VersionedCodec.first(Codec.of(Shown::write, Shown::read));

    Shown {
      rows = List.copyOf(rows);
    }

    private static void write(Writer out, Shown shown) {
      out.i64(shown.laterEpoch)
          .bool(shown.closed)
          .value(shown.ballot, Timestamp.CODEC)
          .optional(shown.present, VersionId.CODEC)
          .value(shown.left, Timestamp.CODEC)
          .list(shown.rows, VersionRow.FIELDS)
          .bool(shown.more);
    }

    private static Shown read(Reader in) {
      return new Shown(
          in.i64(),
          in.bool(),
          in.value(Timestamp.CODEC),
          in.optional(VersionId.CODEC),
          in.value(Timestamp.CODEC),
          in.list(VersionRow.FIELDS),
          in.bool());
    }
  }

  /**
   * What a quorum shows.
   *
   * @param present what the newest of their registers holds
   * @param written when that was written; null if it holds nothing
   * @param left as the newest of those says that hold nothing; null if none of them does
   * @param rows merged, by {@link VersionRow#sortKey}
   * @param agreed those of the rows that all who answered have
   * @param more before which time there may be more; null if that is all
   * @param torn whether the registers differ: what is present, and what of the rest ever took
   *     effect, a read of the register settles
   */
  record Sum(
      @Nullable VersionId present,
      @Nullable Timestamp written,
      @Nullable Timestamp left,
      SortedMap<byte[], VersionRow> rows,
      List<VersionRow> agreed,
      @Nullable Timestamp more,
      boolean torn) {
    /**
     * What of it is in sight while the present version, null for none, is of that time: where
     * nothing is present, what was an old version when that came about.
     */
    Sum beside(@Nullable Timestamp present) {
      SortedMap<byte[], VersionRow> seen = new TreeMap<>(rows.comparator());
      rows.forEach((sort, row) -> {
        VersionRow shown = present == null && left != null ? row.at(left) : row.inSight(present);
        if (shown != null) {
          seen.put(sort, shown);
        }
      });
      return new Sum(this.present, written, left, seen, agreed, more, torn);
    }

    @Nullable VersionRow row(VersionId id) {
      return rows.get(VersionRow.sortKey(id));
    }

    /** What is kept of a version; null if it is not there. */
    VersionRow.@Nullable Kept kept(VersionId id) {
      VersionRow row = row(id);
      return row == null ? null : row.kept();
    }
  }
}
