package garage.block;

import garage.block.ScrubState.Phase;
import garage.block.disk.BlockFiles;
import garage.block.disk.FoundFile;
import garage.common.env.Gate;
import garage.common.env.RandomSource;
import garage.common.id.Hash;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.db.Batch;
import garage.db.Tree;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads every byte of every block once a month and compares the SHA-256, so that damage is found
 * while another replica is still whole; blocks that are needed and have no file are found on the
 * way. What is bad is put aside and fetched again. It goes on where it was after a restart, and as
 * fast as clients do not feel it.
 */
final class Scrub implements Worker {
  /** From the end of one round to the next, at least. */
  static final Duration EVERY = Duration.ofDays(25);

  /** Added to it at random, so that not all nodes do it at once. */
  static final Duration JITTER = Duration.ofDays(10);

  /** How long a pause lasts unless it is ended. */
  static final Duration PAUSE = Duration.ofDays(1);

  /** How much is looked at again after a crash. */
  private static final Duration CHECKPOINT_EVERY = Duration.ofMinutes(1);

  private static final Duration RECHECK = Duration.ofSeconds(30);
  private static final int PAGE = 1024;
  private static final byte[] KEY = "scrub".getBytes(StandardCharsets.US_ASCII);

  private final BlockStore blocks;
  private final RandomSource random;
  private final boolean scheduled;
  private final Tree tree;
  private final Gate gate;
  private ScrubState state;
  private long savedNanos;

  /** What is left of the directory at hand; null between two. Of the worker's task alone. */
  private @Nullable Iterator<Hash> directory;

  /** The state the directory is of: another one means that somebody began or ended a round. */
  private long directoryOf;

  private int directoryLeaf;

  /**
   * A scrub of {@code blocks}.
   *
   * @param scheduled whether it runs by itself
   */
  Scrub(BlockStore blocks, RandomSource random, boolean scheduled) {
    this.blocks = blocks;
    this.random = random;
    this.scheduled = scheduled;
    this.tree = blocks.store().tree(BlockTrees.STATE);
    this.gate = new Gate(blocks.clock());
    this.state = ScrubState.decode(blocks.store().get(tree, KEY), nextRun());
    this.savedNanos = blocks.clock().nanos();
    save(state);
  }

  private long nextRun() {
    long jitter = Math.floorMod(random.nextLong(), JITTER.toMillis());
    return blocks.clock().wallMillis() + EVERY.toMillis() + jitter;
  }

  ScrubState state() {
    return gate.locked(() -> state);
  }

  /** Begins a round now; one under way goes on. */
  void start() {
    long now = blocks.clock().wallMillis();
    change(s ->
        switch (s.phase()) {
          case IDLE -> s.started(now);
          case PAUSED -> s.resumed();
          case RUNNING -> s;
        });
  }

  /** Stops for a day. */
  void pause() {
    long until = blocks.clock().wallMillis() + PAUSE.toMillis();
    change(s -> s.phase() == Phase.IDLE ? s : s.paused(until));
  }

  /** Ends a pause. */
  void resume() {
    change(s -> s.phase() == Phase.PAUSED ? s.resumed() : s);
  }

  /** Ends the round; the next one comes in its time. */
  void cancel() {
    long next = nextRun();
    change(s -> s.phase() == Phase.IDLE ? s : s.cancelled(next));
  }

  private void change(UnaryOperator<ScrubState> change) {
    save(
        gate.locked(() -> {
          state = change.apply(state);
          return state;
        }));
  }

  private void save(ScrubState now) {
    blocks.store().commit(new Batch().put(tree, KEY, ScrubState.CODEC.encode(now)));
  }

  @Override
  public String name() {
    return "block scrub";
  }

  @Override
  public long queueLength() {
    ScrubState now = state();
    return now.phase() == Phase.IDLE ? 0 : BlockFiles.leaves() - now.leaf();
  }

  @Override
  public WorkerState step() {
    ScrubState now = state();
    long wall = blocks.clock().wallMillis();
    return switch (now.phase()) {
      case IDLE -> {
        if (scheduled && wall >= now.nextRun()) {
          start();
        }
        yield new WorkerState.Idle(RECHECK);
      }
      case PAUSED -> {
        if (wall >= now.pausedUntil()) {
          resume();
        }
        yield new WorkerState.Idle(RECHECK);
      }
      case RUNNING -> look(now);
    };
  }

  private WorkerState look(ScrubState now) {
    if (now.leaf() == BlockFiles.leaves()) {
      long next = nextRun();
      change(s -> s.phase() == Phase.IDLE ? s : s.completed(blocks.clock().wallMillis(), next));
      return new WorkerState.Busy();
    }
    Iterator<Hash> files = files(now);
    if (!files.hasNext()) {
      directory = null;
      int missing = missing(now.leaf());
      update(now, s -> s.pastLeaf(missing));
      return new WorkerState.Busy();
    }
    long begin = blocks.clock().nanos();
    Hash hash = files.next();
    int bad = blocks.inspect(hash);
    update(now, s -> s.past(hash.toBytes(), bad));
    Duration worked = Duration.ofNanos(blocks.clock().nanos() - begin);
    Duration pause = blocks.pace().pause(worked, Pace.Hurry.LEISURE);
    // At most half of the time even when nobody is there: there is no hurry.
    return new WorkerState.Throttled(pause.compareTo(worked) > 0 ? pause : worked);
  }

  /** Goes on, unless somebody ended this round or began another. */
  private void update(ScrubState was, UnaryOperator<ScrubState> step) {
    long nanos = blocks.clock().nanos();
    boolean due = nanos - savedNanos > CHECKPOINT_EVERY.toNanos();
    ScrubState next =
        gate.locked(() -> {
          if (state.begun() == was.begun() && state.phase() != Phase.IDLE) {
            state = step.apply(state);
          }
          return state;
        });
    if (due) {
      savedNanos = nanos;
      save(next);
    }
  }

  private Iterator<Hash> files(ScrubState now) {
    Iterator<Hash> at = directory;
    if (at == null || directoryOf != now.begun() || directoryLeaf != now.leaf()) {
      Set<Hash> found = new TreeSet<>();
      for (FoundFile file : blocks.files().list(now.leaf())) {
        if (file instanceof FoundFile.Block(Hash hash) && isAfter(hash, now.after())) {
          found.add(hash);
        }
      }
      at = found.iterator();
      directory = at;
      directoryOf = now.begun();
      directoryLeaf = now.leaf();
    }
    return at;
  }

  private static boolean isAfter(Hash hash, byte[] after) {
    return Arrays.compareUnsigned(hash.toBytes(), after) > 0;
  }

  /** Looks for blocks of a directory that are needed and not there; answers how many. */
  private int missing(int leaf) {
    byte[] after = {(byte) leaf};
    byte[] end = leaf == 0xff ? null : new byte[] {(byte) (leaf + 1)};
    int missing = 0;
    List<Hash> page = blocks.rows().counted(after, end, PAGE);
    while (!page.isEmpty()) {
      for (Hash hash : page) {
        missing += blocks.isMissing(hash) && blocks.wantMissing(hash) ? 1 : 0;
      }
      after = ReferenceRows.after(page.getLast());
      page = blocks.rows().counted(after, end, PAGE);
    }
    return missing;
  }
}
