package garage.block;

import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.db.Batch;
import garage.layout.Partition;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes the sums over references anew, when it is asked to. A sum that did not change while the
 * rows were read and is another than theirs is put right by adding the difference, so that changes
 * that come meanwhile count as well.
 */
final class SumCheck implements Worker {
  private static final Duration RECHECK = Duration.ofSeconds(10);
  private static final int BUCKETS = Partition.COUNT * ReferenceSums.BUCKETS;
  private static final int PAGE = 1024;
  private static final Logger log = LoggerFactory.getLogger(SumCheck.class);

  private final BlockStore blocks;
  private final ReferenceRows rows;
  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile int next = BUCKETS;

  SumCheck(BlockStore blocks) {
    this.blocks = blocks;
    this.rows = blocks.rows();
  }

  void ask() {
    asked.set(true);
  }

  @Override
  public String name() {
    return "block reference sums";
  }

  @Override
  public long queueLength() {
    return (long) BUCKETS - next;
  }

  @Override
  public WorkerState step() {
    if (asked.getAndSet(false)) {
      next = 0;
    }
    int now = next;
    if (now == BUCKETS) {
      return new WorkerState.Idle(RECHECK);
    }
    check(Partition.of(now / ReferenceSums.BUCKETS), now % ReferenceSums.BUCKETS);
    next = now + 1;
    return new WorkerState.Busy();
  }

  private void check(Partition partition, int bucket) {
    ReferenceSums sums = rows.sums();
    long before = sums.of(partition, bucket);
    long counted = counted(new byte[] {(byte) partition.number(), (byte) bucket});
    if (counted != before && sums.of(partition, bucket) == before) {
      log.error("The sum over references {}/{} was wrong", partition, bucket);
      Batch batch = new Batch();
      sums.correct(batch, partition, bucket, counted - before);
      blocks.store().commit(batch);
    }
  }

  private long counted(byte[] prefix) {
    byte[] end = Arrays.copyOf(prefix, ReferenceExchange.KEY_BYTES);
    Arrays.fill(end, prefix.length, end.length, (byte) 0xff);
    byte[] after = prefix;
    long sum = 0;
    List<ReferenceRow> page = rows.rows(after, end, PAGE);
    while (!page.isEmpty()) {
      for (ReferenceRow row : page) {
        sum += ReferenceSums.value(row.reference(), row.state());
      }
      after = page.getLast().reference().key();
      page = rows.rows(after, end, PAGE);
    }
    return sum;
  }
}
