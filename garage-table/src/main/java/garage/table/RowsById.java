package garage.table;

import garage.common.crdt.Crdt;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.table.sync.SyncedRows;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Rows that have an id, of which every node has a copy: what this node knows costs no round; of
 * what it does not know, or would refuse, a quorum is asked, since it may have missed something. A
 * deleted row stays, and is shown to nobody.
 */
public final class RowsById<E extends Crdt<E>> {
  /** The sort key of these rows: each has a partition key of its own. */
  public static final byte[] NO_SORT_KEY = {};

  private final Table<E> table;
  private final SharedReads<E> settled;
  private final Pattern ids;
  private final Predicate<E> isDeleted;

  /**
   * The rows of {@code table}, whose partition keys are {@link #key} of their ids.
   *
   * @param ids what could be an id: of others nobody is asked
   */
  public RowsById(Table<E> table, Clock clock, Pattern ids, Predicate<E> isDeleted) {
    this.table = table;
    this.settled = new SharedReads<>(table, clock);
    this.ids = ids;
    this.isDeleted = isDeleted;
  }

  /** The partition key of the row of an id. */
  public static byte[] key(String id) {
    return id.getBytes(StandardCharsets.UTF_8);
  }

  /** Whether a row could have this id. */
  public boolean isId(String text) {
    return ids.matcher(text).matches();
  }

  /** The row of this id as this node knows it; empty if it is deleted or unknown here. */
  public Optional<E> here(String id) {
    return table.local(key(id), NO_SORT_KEY).filter(isDeleted.negate());
  }

  /**
   * The row of this id if {@code isAccepted} holds of it: as this node knows it, which may be
   * behind, or else as a quorum does. Only that a row is deleted can be taken from this node alone.
   */
  public Optional<E> get(String id, Predicate<E> isAccepted, Deadline deadline) {
    Optional<E> here = table.local(key(id), NO_SORT_KEY);
    if (here.isPresent() ? isDeleted.test(here.get()) : !isId(id)) {
      return Optional.empty();
    }
    return here.filter(isAccepted)
        .or(() -> ever(id, deadline).filter(isDeleted.negate()).filter(isAccepted));
  }

  /** The row of this id as a quorum knows it, deleted or not. */
  public Optional<E> ever(String id, Deadline deadline) {
    return settled.get(key(id), deadline);
  }

  /** Every row this node knows, by id. */
  public List<E> list() {
    return table.localAll(isDeleted.negate());
  }

  /** Writes a row on a quorum, and answers it. */
  public E insert(E row, Deadline deadline) {
    table.insert(row, deadline);
    return row;
  }

  /** The rows, to be brought together with those of other nodes. */
  public List<SyncedRows> synced() {
    return List.of(table.synced());
  }
}
