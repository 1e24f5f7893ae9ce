package garage.model.bucket;

import garage.common.env.Deadline;
import garage.common.id.Uuid;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.layout.Partition;
import garage.table.register.Condition;
import garage.table.register.ConditionalOutcome;
import garage.table.register.Register;
import garage.table.register.RegisterSchema;
import garage.table.register.RegisterTransition;
import garage.table.register.Version;
import garage.table.sync.SyncedRows;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The names of buckets, each a register over all nodes: of any number of requests for one name, on
 * any nodes, one wins. What this node has of a register may never have taken effect, so {@link
 * #here} is a hint that needs confirmation, and {@link #settled} the truth.
 */
final class Names {
  static final String FAMILY = "alias";

  private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final Register<NameSlot> register;
  private final Store store;
  private final Tree rows;

  Names(Register.Context everywhere) {
    this.register = new Register<>(new NameSlot.Schema(FAMILY), everywhere);
    this.store = everywhere.store();
    this.rows = store.tree(FAMILY);
  }

  RegisterTransition<?> transition(BiPredicate<String, Partition> isComplete) {
    return register.transition(isComplete);
  }

  SyncedRows synced() {
    return register.synced();
  }

  static Set<String> trees() {
    return RegisterSchema.trees(FAMILY);
  }

  /** What a name stands for, as far as this node knows. */
  Optional<Uuid> here(String scope, String name) {
    NameSlot slot = register.here(Alias.key(scope, name)).orElse(null);
    return Optional.ofNullable(bucket(slot));
  }

  /** What a name stands for. */
  Optional<Uuid> settled(String scope, String name, Deadline deadline) {
    return register
        .read(Alias.key(scope, name), false, deadline)
        .map(version -> version.value() instanceof NameSlot.Bound bound ? bound : null)
        .map(bound -> bound.alias().bucket());
  }

  /**
   * Lets a name stand for {@code next}, null for nothing, if it stands for {@code seen} now, null
   * for nothing; answers whether it did.
   */
  boolean change(
      String scope, String name, @Nullable Uuid seen, @Nullable Uuid next, Deadline deadline) {
    NameSlot slot =
        next == null ? new NameSlot.Free() : new NameSlot.Bound(new Alias(scope, name, next));
    Condition<NameSlot> unchanged = now -> java.util.Objects.equals(bucket(now), seen);
    var outcome = register.writeIf(Alias.key(scope, name), unchanged, slot, NO_BODY, deadline);
    return outcome instanceof ConditionalOutcome.Written<NameSlot>;
  }

  /** Every name that stands for a bucket as far as this node knows, by scope and name. */
  List<Alias> all() {
    List<Alias> all = new ArrayList<>();
    try (Scan scan = store.scan(rows, KeyRange.all())) {
      for (Scan.Row row = scan.next(); row != null; row = scan.next()) {
        alias(row.value()).ifPresent(all::add);
      }
    }
    return all;
  }

  /** What certainly stands for a bucket, of the names it has noted and of those known here. */
  List<Alias> of(Bucket bucket, Deadline deadline) {
    TreeMap<String, Alias> known = new TreeMap<>();
    Stream.concat(all().stream(), bucket.noted().stream())
        .filter(alias -> alias.bucket().equals(bucket.id()))
        .forEach(alias -> known.put(Alias.label(alias.scope(), alias.name()), alias));
    return known.values().stream()
        .filter(alias ->
            settled(alias.scope(), alias.name(), deadline).equals(Optional.of(bucket.id())))
        .toList();
  }

  /** Takes away the rows of names that stand for nothing; answers how many are gone. */
  int collect(List<byte[]> keys, Deadline deadline) {
    return register.collect(keys, deadline);
  }

  private Optional<Alias> alias(byte[] row) {
    Version<NameSlot> newest = register.newest(List.of(row));
    return newest != null && newest.value() instanceof NameSlot.Bound(Alias alias)
        ? Optional.of(alias)
        : Optional.empty();
  }

  private static @Nullable Uuid bucket(@Nullable NameSlot slot) {
    return slot instanceof NameSlot.Bound(Alias alias) ? alias.bucket() : null;
  }
}
