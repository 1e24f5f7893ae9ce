package garage.model.bucket;

import garage.common.env.Deadline;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.layout.Partition;
import garage.table.register.Condition;
import garage.table.register.ConditionalOutcome;
import garage.table.register.Register;
import garage.table.register.RegisterSchema;
import garage.table.register.RegisterTransition;
import garage.table.register.Version;
import garage.table.sync.SyncedRows;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether buckets are deleted: for each a register over all nodes. An attempt at deletion is
 * entered first, and either it decides that the bucket is gone, or whoever strikes it out decides
 * that it is not; never both.
 */
final class Fates {
  static final String FAMILY = "bucket_fate";

  private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final Register<Fate> register;

  Fates(Register.Context everywhere) {
    this.register = new Register<>(new Fate.Schema(FAMILY), everywhere);
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

  int collect(List<byte[]> keys, Deadline deadline) {
    return register.collect(keys, deadline);
  }

  /** What is decided. */
  Fate of(Uuid bucket, Deadline deadline) {
    return register
        .read(bucket.toBytes(), false, deadline)
        .map(Version::value)
        .orElse(new Fate.Standing());
  }

  /** Enters an attempt, if none is under way; answers whether it is. */
  boolean begin(Uuid bucket, Timestamp attempt, Deadline deadline) {
    return change(bucket, null, new Fate.Closing(attempt), deadline);
  }

  /** Decides that the bucket is gone, if the attempt still stands. */
  boolean end(Uuid bucket, Timestamp attempt, Deadline deadline) {
    return change(bucket, new Fate.Closing(attempt), new Fate.Gone(), deadline);
  }

  /** Strikes out an attempt, if it still stands; answers whether it did. */
  boolean strike(Uuid bucket, Timestamp attempt, Deadline deadline) {
    return change(bucket, new Fate.Closing(attempt), new Fate.Standing(), deadline);
  }

  private boolean change(Uuid bucket, @Nullable Fate from, Fate to, Deadline deadline) {
    Condition<Fate> unchanged = now -> java.util.Objects.equals(now, from);
    return register.writeIf(bucket.toBytes(), unchanged, to, NO_BODY, deadline)
        instanceof ConditionalOutcome.Written<Fate>;
  }
}
