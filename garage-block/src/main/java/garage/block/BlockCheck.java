package garage.block;

import garage.common.env.Gate;
import garage.common.id.Hash;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes once through all blocks that were ever counted, when it is asked to: looks whether those
 * that are needed have a file, and, if asked for that too, counts their references anew. Files that
 * nothing refers to are the {@link OrphanSweep}'s.
 */
final class BlockCheck implements Worker {
  private static final int STEP_BLOCKS = 128;
  private static final Duration RECHECK = Duration.ofSeconds(10);
  private static final byte[] START = {};
  private static final Logger log = LoggerFactory.getLogger(BlockCheck.class);

  private final BlockStore blocks;
  private final Gate gate;
  private boolean asked;
  private boolean recount;
  private boolean running;
  private byte[] after = START;
  private long looked;
  private long mended;

  BlockCheck(BlockStore blocks) {
    this.blocks = blocks;
    this.gate = new Gate(blocks.clock());
  }

  /** Begins, or begins again. */
  void ask(boolean alsoRecount) {
    gate.update(() -> {
      asked = true;
      recount |= alsoRecount;
    });
  }

  @Override
  public String name() {
    return "block check";
  }

  @Override
  public long queueLength() {
    return gate.locked(
        () -> asked || running ? 256L - (after.length == 0 ? 0 : after[0] & 0xff) : 0);
  }

  @Override
  public WorkerState step() {
    boolean begin =
        gate.locked(() -> {
          boolean begins = asked;
          asked = false;
          running |= begins;
          return begins;
        });
    if (begin) {
      after = START;
      looked = 0;
      mended = 0;
    }
    if (!gate.locked(() -> running)) {
      return new WorkerState.Idle(RECHECK);
    }
    long started = blocks.clock().nanos();
    List<Hash> page = blocks.rows().counted(after, null, STEP_BLOCKS);
    boolean counting = gate.locked(() -> recount);
    for (Hash hash : page) {
      mended += look(hash, counting) ? 1 : 0;
    }
    looked += page.size();
    if (page.isEmpty()) {
      log.info("{} blocks were looked at, {} were wrong", looked, mended);
      gate.update(() -> {
        running = false;
        recount = asked && recount;
      });
      return new WorkerState.Idle(RECHECK);
    }
    after = ReferenceRows.after(page.getLast());
    return blocks
        .pace()
        .after(Duration.ofNanos(blocks.clock().nanos() - started), Pace.Hurry.REPAIR);
  }

  private boolean look(Hash hash, boolean counting) {
    boolean miscounted = counting && blocks.recount(hash);
    boolean missing = blocks.isMissing(hash) && blocks.wantMissing(hash);
    return miscounted || missing;
  }
}
