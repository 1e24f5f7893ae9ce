package garage.block;

import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.layout.Partition;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through all references, when it is asked to, and releases those of data that is no more:
 * what is left of a request that reached a replica long after it had been given up.
 */
final class OwnerCheck implements Worker {
  private static final Duration RECHECK = Duration.ofSeconds(10);
  private static final int STEP_ROWS = 64;
  private static final byte[] START = {};
  private static final Logger log = LoggerFactory.getLogger(OwnerCheck.class);

  private final BlockStore blocks;
  private final BlockPeers peers;
  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile boolean running;
  private byte[] after = START;
  private @Nullable Uuid alive;
  private long released;
  private volatile BlockUpkeep.@Nullable Owners owners;

  OwnerCheck(BlockStore blocks, BlockPeers peers) {
    this.blocks = blocks;
    this.peers = peers;
  }

  /** Begins, or begins again. */
  void ask(BlockUpkeep.Owners who) {
    owners = who;
    asked.set(true);
  }

  @Override
  public String name() {
    return "block reference check";
  }

  @Override
  public long queueLength() {
    return running ? Partition.COUNT - (after.length == 0 ? 0 : after[0] & 0xff) : 0;
  }

  @Override
  public WorkerState step() {
    if (asked.getAndSet(false)) {
      after = START;
      released = 0;
      running = true;
    }
    BlockUpkeep.Owners who = owners;
    if (!running || who == null) {
      return new WorkerState.Idle(RECHECK);
    }
    byte[] end = new byte[ReferenceExchange.KEY_BYTES];
    Arrays.fill(end, (byte) 0xff);
    List<ReferenceRow> page = blocks.rows().rows(after, end, STEP_ROWS);
    if (page.isEmpty()) {
      log.info("{} references of data that is no more were released", released);
      running = false;
      return new WorkerState.Idle(RECHECK);
    }
    long begin = blocks.clock().nanos();
    for (ReferenceRow row : page) {
      check(row, who);
    }
    after = page.getLast().reference().key();
    return blocks
        .pace()
        .after(Duration.ofNanos(blocks.clock().nanos() - begin), Pace.Hurry.LEISURE);
  }

  private void check(ReferenceRow row, BlockUpkeep.Owners who) {
    Hash hash = row.reference().hash();
    Uuid data = row.reference().dataId();
    boolean mine = peers.placement().replicas(Partition.of(hash)).includes(peers.self());
    if (row.state() != ReferenceState.PRESENT || !mine || data.equals(alive)) {
      return;
    }
    try {
      if (who.exists(data)) {
        alive = data;
      } else {
        blocks.release(List.of(hash), data);
        released++;
      }
    } catch (GarageException.QuorumNotReached | GarageException.TimedOut e) {
      log.warn("Whether {} exists cannot be told: {}", data, e.getMessage());
    }
  }
}
