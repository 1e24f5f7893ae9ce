package garage.block;

import garage.block.WantedRows.Due;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.db.Batch;
import garage.layout.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works off the wanted blocks: one that is needed here and is not here whole and durable is fetched
 * from another node; what fails is tried again after a growing wait. The queue is in the store, and
 * an entry is written in the batch that makes it necessary, so nothing is forgotten by a crash.
 *
 * <p>Times are those of the wall clock, since they outlive the process. Where that goes back,
 * entries made before would wait for it: they are looked for at the start and whenever it is seen,
 * and are looked at now.
 */
final class Resync {
  /** Blocks at once: enough to keep a disk and a network busy, and few beside the clients' own. */
  static final int WORKERS = 4;

  /** Queue rows looked at for one that no other worker has at hand. */
  private static final int AHEAD = 2 * WORKERS;

  /** The longest wait for the queue's first row. */
  private static final Duration RECHECK_MAX = Duration.ofSeconds(5);

  /** Rows read at once in looking for those to be tried again now. */
  private static final int PAGE = 1_000;

  /** From a new connection until what failed is tried again: others may come with it. */
  private static final Duration SETTLE = Duration.ofSeconds(2);

  /** All that failed is tried again no more often than this for new connections. */
  private static final Duration RETRIES_APART = Duration.ofSeconds(30);

  private static final Duration FETCH_MAX = Duration.ofMinutes(2);

  private static final Logger log = LoggerFactory.getLogger(Resync.class);

  private final BlockStore blocks;
  private final BlockPeers peers;
  private final BlockFetch fetch;
  private final WantedRows wanted;
  private final Gate gate;
  private final Set<Hash> atHand = new TreeSet<>();
  private final AtomicLong done = new AtomicLong();

  /** The latest time seen; at the start any may have been. */
  private long latest = Long.MAX_VALUE;

  /** When what failed is tried again, since another node is there. */
  private Deadline retryDue = Deadline.NEVER;

  private Deadline notBefore;

  Resync(BlockStore blocks, BlockPeers peers, BlockFetch fetch) {
    this.blocks = blocks;
    this.peers = peers;
    this.fetch = fetch;
    this.wanted = blocks.wanted();
    this.gate = new Gate(peers.clock());
    this.notBefore = Deadline.after(peers.clock(), Duration.ZERO);
  }

  /** Another node is there: what failed for want of it need not wait its full time. */
  void connected() {
    gate.update(() -> {
      if (retryDue.equals(Deadline.NEVER)) {
        Deadline settled = Deadline.after(peers.clock(), SETTLE);
        retryDue = settled.earlier(notBefore).equals(settled) ? notBefore : settled;
      }
    });
  }

  List<Worker> workers() {
    List<Worker> workers = new ArrayList<>();
    for (int i = 1; i <= WORKERS; i++) {
      workers.add(new One(i));
    }
    return workers;
  }

  /** Blocks looked at with success since the start. */
  long done() {
    return done.get();
  }

  /** One of the tasks that share the queue. */
  private final class One implements Worker {
    private final int number;

    One(int number) {
      this.number = number;
    }

    @Override
    public String name() {
      return "block resync #" + number;
    }

    @Override
    public long queueLength() {
      return wanted.count();
    }

    @Override
    public WorkerState step() {
      long now = blocks.clock().wallMillis();
      if (number == 1) {
        followClock(now);
        followConnections();
      }
      List<Due> queued = wanted.queued(AHEAD);
      Due mine = take(queued, now);
      if (mine == null) {
        return new WorkerState.Idle(idle(queued, now));
      }
      long begin = blocks.clock().nanos();
      try {
        look(mine);
      } finally {
        gate.update(() -> atHand.remove(mine.hash()));
      }
      return blocks
          .pace()
          .after(Duration.ofNanos(blocks.clock().nanos() - begin), Pace.Hurry.REPAIR);
    }
  }

  private void followClock(long now) {
    if (now < latest) {
      retry(entry -> entry.isOfAnotherClock(now));
    }
    latest = now;
  }

  private void followConnections() {
    boolean due =
        gate.locked(() -> {
          boolean expired = retryDue.expired(peers.clock());
          if (expired) {
            retryDue = Deadline.NEVER;
            notBefore = Deadline.after(peers.clock(), RETRIES_APART);
          }
          return expired;
        });
    if (due) {
      retry(entry -> entry.errors() > 0);
    }
  }

  private void retry(Predicate<WantedBlock> which) {
    List<WantedRows.Entry> page = wanted.list(null, PAGE);
    while (!page.isEmpty()) {
      for (WantedRows.Entry entry : page) {
        if (which.test(entry.block())) {
          blocks.retryNow(entry.hash());
        }
      }
      page = wanted.list(page.getLast().hash(), PAGE);
    }
  }

  private @Nullable Due take(List<Due> queued, long now) {
    return gate.locked(() -> {
      for (Due due : queued) {
        if (due.millis() <= now && atHand.add(due.hash())) {
          return due;
        }
      }
      return null;
    });
  }

  private static Duration idle(List<Due> queued, long now) {
    long wait = RECHECK_MAX.toMillis();
    for (Due due : queued) {
      wait = due.millis() > now ? Math.min(wait, due.millis() - now) : wait;
    }
    return Duration.ofMillis(wait);
  }

  private void look(Due due) {
    WantedBlock entry = wanted.get(due.hash());
    if (entry == null || entry.nextTryMillis() != due.millis()) {
      Batch batch = new Batch();
      wanted.drop(batch, due);
      blocks.store().commit(batch);
      return;
    }
    try {
      blocks.satisfied(due.hash(), bring(due.hash()));
      done.incrementAndGet();
    } catch (GarageException.Cancelled e) {
      throw e;
    } catch (GarageException e) {
      if (entry.errors() == 0) { // a full disk fails many, again and again
        log.warn("Block {} is needed and could not be fetched: {}", due.hash(), e.getMessage());
      }
      blocks.failed(due.hash(), e.getMessage());
    }
  }

  /** Has the block here; answers whether it must be. */
  private boolean bring(Hash hash) {
    if (!blocks.rows().needed(hash) || !isOfThisNode(hash)) {
      return false;
    }
    if (!blocks.settle(hash)) {
      fetch.bring(hash, Deadline.after(blocks.clock(), FETCH_MAX));
    }
    return true;
  }

  /** A node that has left the partition keeps what it has, and needs no more. */
  private boolean isOfThisNode(Hash hash) {
    return peers.placement().replicas(Partition.of(hash)).includes(peers.self());
  }
}
