package garage.block;

import garage.block.disk.FoundFile;
import garage.common.env.Deadline;
import garage.common.id.Hash;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks through all directories of blocks, after a stop that was not clean and after failed writes,
 * for what they left behind; see {@link BlockStore}.
 */
final class OrphanSweep implements Worker {
  /** Files looked at in one step: under a millisecond. */
  private static final int STEP_FILES_MAX = 64;

  /** The pause after a step with files: ten million take five minutes. */
  private static final Duration PAUSE = Duration.ofMillis(2);

  /** The shortest time from one round that failed writes caused to the next. */
  private static final Duration ROUND_MIN = Duration.ofHours(1);

  private static final Duration RECHECK = Duration.ofMinutes(1);

  private final BlockStore blocks;
  private final ReferenceRows rows;
  private final SweepProgress progress;
  private final BooleanSupplier referencesKnown;
  private final AtomicBoolean asked = new AtomicBoolean();
  private Deadline nextRound;

  /** What is left of the directory at hand; null between two. */
  private @Nullable Iterator<FoundFile> directory;

  /**
   * A sweep of {@code blocks}.
   *
   * @param referencesKnown whether what other replicas know of references has been learnt since the
   *     process began: before, a file without one may be needed all the same
   */
  OrphanSweep(BlockStore blocks, BooleanSupplier referencesKnown) {
    this.blocks = blocks;
    this.referencesKnown = referencesKnown;
    this.rows = blocks.rows();
    this.progress = blocks.sweepProgress();
    this.nextRound = Deadline.after(blocks.clock(), ROUND_MIN);
  }

  @Override
  public String name() {
    return "block orphan sweep";
  }

  @Override
  public long queueLength() {
    return progress.remaining();
  }

  @Override
  public WorkerState step() {
    if ((progress.remaining() == 0 && !begin()) || !referencesKnown.getAsBoolean()) {
      return new WorkerState.Idle(RECHECK);
    }
    Iterator<FoundFile> files = directory != null ? directory : list();
    for (int i = 0; i < STEP_FILES_MAX && files.hasNext(); i++) {
      look(files.next());
    }
    directory = files;
    if (files.hasNext()) {
      return new WorkerState.Throttled(PAUSE);
    }
    directory = null;
    progress.advance();
    return new WorkerState.Busy();
  }

  /** What is seen is durable first: no loss of power brings back what is not there. */
  private Iterator<FoundFile> list() {
    blocks.files().settleNames(progress.next());
    return blocks.files().list(progress.next()).iterator();
  }

  /** Has a round made now. */
  void ask() {
    asked.set(true);
  }

  /** Whether a round is to be made that is not on record yet. */
  boolean isAsked() {
    return asked.get();
  }

  private boolean begin() {
    boolean due = nextRound.expired(blocks.clock()) && blocks.takeSuspicion();
    if (!asked.getAndSet(false) && !due) {
      return false;
    }
    nextRound = Deadline.after(blocks.clock(), ROUND_MIN);
    progress.restart();
    return true;
  }

  private void look(FoundFile found) {
    switch (found) {
      case FoundFile.Block(Hash hash) -> {
        if (!rows.known(hash)) {
          withLock(hash, () -> blocks.queueUnknown(hash));
        }
      }
      case FoundFile.Temporary(Hash hash) ->
          withLock(hash, () -> blocks.files().deleteTemporary(hash));
      case FoundFile.Quarantined(Hash hash) -> withLock(hash, () -> dropQuarantined(hash));
      case FoundFile.Foreign(String _) -> {}
    }
  }

  /** A damaged file is kept as evidence as long as the block is known. */
  private void dropQuarantined(Hash hash) {
    if (!rows.known(hash) && !blocks.files().exists(hash)) {
      blocks.files().deleteQuarantined(hash);
    }
  }

  /** A block in use is left alone: its user cleans up, or fails and causes another round. */
  private void withLock(Hash hash, Runnable action) {
    try (KeyedLocks.@Nullable Held lock = blocks.blockLocks().tryExclusive(hash)) {
      if (lock != null) {
        action.run();
      }
    }
  }
}
