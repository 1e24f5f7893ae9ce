package garage.model.lifecycle;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.Uuid;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.db.Batch;
import garage.db.Store;
import garage.db.Tree;
import garage.model.bucket.Bucket;
import garage.model.bucket.BucketSetting;
import garage.model.bucket.Buckets;
import garage.model.lifecycle.LifecycleState.Pass;
import garage.model.lifecycle.LifecycleState.Place;
import garage.model.lifecycle.LifecycleState.Tally;
import garage.model.object.Objects;
import garage.model.object.OwnRows;
import garage.model.object.Uploads;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what the lifecycles of buckets ask for, once a day, from midnight on. Each node looks
 * through the rows it has itself, of the keys of which it is the first replica that is up, in the
 * order of the buckets and their keys; what seems due it asks a quorum about.
 *
 * <p>Nothing is deleted for what a row here says. An object is deleted on the condition, evaluated
 * in its register, that what is there has expired; versions are chosen from all that a quorum
 * shows, and go only if nothing has changed since; an upload is given up if nothing was done to it
 * since it was seen. So a write that comes between is never lost, and if two nodes believe to be
 * the first, one of them finds nothing to do. What a node has no row of it does not see to; it will
 * on another day, when the replicas have been brought together.
 *
 * <p>How far it has come is in the store, saved from time to time: after a restart a little is
 * looked at again. A key that cannot be had is left for the next day, several in a row end the
 * step, which is tried again. One task at a time; what an operator sees is under the gate.
 */
public final class LifecycleWorker implements Worker {
  /** The tree its state is in. */
  public static final String TREE = "lifecycle";

  private static final byte[] KEY = "state".getBytes(StandardCharsets.US_ASCII);

  /** Things to be done before more are looked for: as old as that the rules may be. */
  private static final int DUE_MAX = 64;

  /** Things done at once: they share syncs, and are few beside what clients do. */
  private static final int WIDTH = 16;

  /** What one of them may take; another one in its place is soon dealt with. */
  private static final Duration ONE_MAX = Duration.ofSeconds(10);

  /** Keys in a row that cannot be had, after which it is the cluster's fault and not theirs. */
  private static final int FAILURES_MAX = 3;

  /** How much is looked at again after a crash. */
  private static final Duration CHECKPOINT_EVERY = Duration.ofMinutes(1);

  /** The wall clock is looked at as often: it may be set. */
  private static final Duration RECHECK_MAX = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(LifecycleWorker.class);

  private final Parts parts;
  private final Store store;
  private final Tree tree;
  private final Clock clock;
  private final Tasks tasks;
  private final LifecycleCalendar calendar;
  private final Gate gate;
  private LifecycleState state;

  // Of the worker's task alone.
  private final LifecyclePace pace;
  private final ArrayDeque<Uuid> buckets = new ArrayDeque<>();
  private final ArrayDeque<Errand.Due> due = new ArrayDeque<>();
  private @Nullable Errand errand;
  private @Nullable Place behindDue;
  private int failures;
  private long savedNanos;

  /** What it works on, and what clients feel of it. */
  public record Parts(
      Buckets buckets, Objects objects, Uploads uploads, OwnRows own, Pace clients) {}

  /** A worker that goes on where the one before it ended that kept its state in {@code store}. */
  public LifecycleWorker(
      Parts parts, Store store, Clock clock, Tasks tasks, LifecycleCalendar calendar) {
    this.parts = parts;
    this.tasks = tasks;
    this.store = store;
    this.tree = store.tree(TREE);
    this.clock = clock;
    this.calendar = calendar;
    this.gate = new Gate(clock);
    this.pace = new LifecyclePace(parts.clients());
    byte[] kept = store.get(tree, KEY);
    this.state = kept == null ? LifecycleState.NEW : LifecycleState.CODEC.decode(kept);
    this.savedNanos = clock.nanos();
    Pass pass = state.pass();
    if (pass != null) {
      addBuckets(pass.place().bucket());
    }
  }

  @Override
  public String name() {
    return "object lifecycle";
  }

  /** The day that was seen to last; "never" before the first. */
  public String lastCompleted() {
    Long day = state().completed();
    return day == null ? "never" : calendar.name(day);
  }

  @Override
  public List<String> details() {
    List<String> lines = new ArrayList<>();
    lines.add("last completed: " + lastCompleted());
    Pass pass = state().pass();
    if (pass != null) {
      lines.add("under way: " + calendar.name(pass.day()));
      lines.add("bucket: " + (pass.place().bucket() == null ? "-" : pass.place().bucket()));
    }
    Tally tally = tally();
    lines.add("expired: " + tally.expired());
    lines.add("uploads given up: " + tally.uploads());
    lines.add("left for the next time: " + tally.failed());
    return lines;
  }

  /** What was done in the pass under way, or else in the last one. */
  Tally tally() {
    LifecycleState now = state();
    return now.pass() == null ? now.last() : now.pass().tally();
  }

  @Override
  public WorkerState step() {
    Pass pass = state().pass();
    if (pass == null) {
      return begin();
    }
    Uuid bucket = pass.place().bucket();
    if (bucket == null) {
      return next(pass);
    }
    long begin = clock.nanos();
    if (due.isEmpty()) {
      look(bucket, pass);
      return new WorkerState.Throttled(pace.afterLooking(since(begin)));
    }
    run(pass);
    return new WorkerState.Throttled(pace.afterDeleting(since(begin)));
  }

  private Duration since(long begin) {
    return Duration.ofNanos(clock.nanos() - begin);
  }

  private WorkerState begin() {
    long now = clock.wallMillis();
    long today = calendar.dayOf(now);
    Long completed = state().completed();
    if (completed == null || completed != today) {
      addBuckets(null);
      if (buckets.isEmpty()) { // nearly always: nothing has to be remembered
        gate.update(() -> state = new LifecycleState(today, Tally.NONE, null));
      } else {
        save(state().with(Pass.of(today)));
      }
      return new WorkerState.Busy();
    }
    Duration left = Duration.ofMillis(calendar.start(today + 1).toEpochMilli() - now);
    return new WorkerState.Idle(left.compareTo(RECHECK_MAX) < 0 ? left : RECHECK_MAX);
  }

  /** The buckets behind one, null for all. */
  private void addBuckets(@Nullable Uuid after) {
    byte[] from = after == null ? new byte[0] : after.toBytes();
    buckets.clear();
    parts.buckets().list().stream()
        .filter(bucket -> bucket.setting(BucketSetting.LIFECYCLE).isPresent())
        .map(bucket -> bucket.id().toBytes())
        .filter(id -> Arrays.compareUnsigned(id, from) > 0)
        .sorted(Arrays::compareUnsigned)
        .forEach(id -> buckets.add(Uuid.of(id)));
  }

  private WorkerState next(Pass pass) {
    Uuid id = buckets.poll();
    if (id != null) {
      go(pass.at(Place.in(id)));
      return new WorkerState.Busy();
    }
    Tally tally = pass.tally();
    if (tally.expired() + tally.uploads() + tally.failed() > 0) {
      LOG.info(
          "lifecycle of {}: {} expired, {} uploads given up, {} left for the next time",
          calendar.name(pass.day()),
          tally.expired(),
          tally.uploads(),
          tally.failed());
    }
    save(new LifecycleState(pass.day(), tally, null));
    return new WorkerState.Busy();
  }

  /** Looks for what may be due, for some milliseconds. */
  private void look(Uuid id, Pass pass) {
    Place place = behindDue == null ? pass.place() : behindDue;
    behindDue = null;
    if (place.bucket() == null) {
      go(pass.at(place));
      return;
    }
    Bucket bucket = parts.buckets().latest(id, deadline()).orElse(null);
    Lifecycle rules = bucket == null ? null : Lifecycle.of(bucket).orElse(null);
    if (bucket == null || rules == null) {
      go(pass.at(Place.in(null)));
      return;
    }
    Errand now = new Errand(parts, bucket, rules, new Lifecycle.Moment(clock.now(), calendar));
    Errand.Found found =
        place.objects() ? now.objects(place.row(), DUE_MAX) : now.uploads(place.row(), DUE_MAX);
    if (found.due().isEmpty()) {
      go(pass.at(place.at(found.next())));
    } else {
      errand = now;
      due.addAll(found.due());
      behindDue = place.at(found.next());
      go(pass.at(place));
    }
  }

  private void run(Pass pass) {
    Errand now = errand;
    if (now == null) {
      throw new IllegalStateException("what is due is of a bucket");
    }
    List<Errand.Due> some = new ArrayList<>();
    while (some.size() < WIDTH && !due.isEmpty()) {
      some.add(due.remove());
    }
    Attempts attempts = Attempts.at(tasks, some, one -> now.run(one, deadline()));
    GarageException why = attempts.why();
    failures = attempts.failed() < some.size() ? 0 : failures + some.size();
    if (why != null && failures >= FAILURES_MAX) {
      some.reversed().forEach(due::addFirst);
      throw why;
    }
    if (why != null) {
      LOG.debug("{} are left for the next time: {}", attempts.failed(), why.getMessage());
    }
    go(pass.plus(attempts.tally().plus(new Tally(0, 0, attempts.failed()))));
  }

  private Deadline deadline() {
    return Deadline.after(clock, ONE_MAX);
  }

  private LifecycleState state() {
    return gate.locked(() -> state);
  }

  private void go(Pass pass) {
    LifecycleState next = state().with(pass);
    if (clock.nanos() - savedNanos > CHECKPOINT_EVERY.toNanos()) {
      save(next);
    } else {
      gate.update(() -> state = next);
    }
  }

  private void save(LifecycleState next) {
    store.commit(new Batch().put(tree, KEY, LifecycleState.CODEC.encode(next)));
    savedNanos = clock.nanos();
    gate.update(() -> state = next);
  }
}
