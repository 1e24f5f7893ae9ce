package garage.simulator;

import garage.simulator.cluster.ClusterSettings;
import garage.simulator.fault.Fault;
import garage.simulator.fault.Incident;
import garage.simulator.workload.Action;
import garage.simulator.workload.Client;
import garage.simulator.workload.Step;
import garage.testkit.env.SeededRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Draws plans that are after one kind of trouble, and of which nearly everything is about it: where
 * a mixture of all operations and faults comes upon a rare coincidence once in thousands of seeds,
 * these are made so that it is likely, and still draw who, when and how long.
 *
 * <p>Two kinds are made of <em>bouts</em>: a few clients and faults meet at a key of its own within
 * milliseconds or seconds, and then everybody looks at it. A plan has dozens of them, and a key's
 * history stays short enough to be judged at once.
 */
final class SharpPlanner {
  /** What the plans are after. */
  enum Kind {
    /** The protocol of registers: four machines, so that some are no replicas of a key. */
    BOUTS,
    /** Objects of several blocks, and listings, where every key has other replicas. */
    WIDE_BOUTS,
    /** Deletions, of a bucket too, while a replica is away, and what comes back of them. */
    GRAVES,
    /** What is written, overwritten, deleted and written again while power goes and comes. */
    LEAKS,
    /** Files that are spoilt before they are read, or written again. */
    ROT;

    /** The number of the {@code n}th seed of this kind, from 0. */
    long seed(long n) {
      return EVERY * (n * values().length + List.of(values()).indexOf(this)) + EVERY - 1;
    }

    /** The kind of a seed; null if it is of none. */
    static @org.jspecify.annotations.Nullable Kind of(long seed) {
      return seed % EVERY == EVERY - 1
          ? values()[Math.floorMod(seed / EVERY, values().length)]
          : null;
    }
  }

  /** One seed of so many is sharp. */
  private static final int EVERY = 4;

  /** Clients, by turns. */
  private static final int CLIENTS = 16;

  /** The first of them, which wait for an answer whatever happens. */
  private static final int PATIENT = 9;

  /** Of these, those that do nothing else meanwhile. */
  private static final int KEPT = 6;

  private static final int[] LARGE = {
    ClusterSettings.INLINE_BYTES + 1,
    ClusterSettings.BLOCK_BYTES,
    3 * ClusterSettings.BLOCK_BYTES,
    5 * ClusterSettings.BLOCK_BYTES + 77
  };

  /** Contents that are written again and again. */
  private static final int CONTENTS = 6;

  private static final int LEAKING_KEYS = 8;

  /** How often a plan has a write refused that was half done. */
  private static final int REFUSALS = 4;

  /** How often versioning is suspended or enabled where that is done, in milliseconds. */
  private static final long SUSPEND_EVERY = 1_000;

  /** The same in a plan of bursts. */
  private static final int SUSPENSIONS = 8;

  private static final long MINUTE = Duration.ofMinutes(1).toMillis();

  private final SeededRandom random;
  private final Kind kind;
  private final List<Step> steps = new ArrayList<>();
  private final List<Incident> incidents = new ArrayList<>();
  private ClusterSettings cluster = new ClusterSettings(3, 3);
  private final boolean versioned;
  private final boolean suspended;
  private int turn;
  private int written;

  private SharpPlanner(long seed, Kind kind) {
    this.random = new SeededRandom(SeededRandom.mix(seed * 37 + 11));
    this.kind = kind;
    boolean may = Planner.VERSIONED && (kind == Kind.BOUTS || kind == Kind.LEAKS);
    this.versioned = may && new SeededRandom(SeededRandom.mix(seed * 53 + 29)).chance(0.2);
    this.suspended = versioned && Suspensions.areIn(seed);
  }

  static Plan plan(long seed, Kind kind) {
    return new SharpPlanner(seed, kind).draw(seed);
  }

  private Plan draw(long seed) {
    long time =
        switch (kind) {
          case BOUTS -> bouts(new ClusterSettings(4, 3, random.chance(0.6) ? 3 : 4));
          case WIDE_BOUTS -> bouts(new ClusterSettings(5, 3));
          case GRAVES -> isReplaced(seed) ? replacements() : graves();
          case LEAKS -> leaks();
          case ROT -> random.chance(0.4) ? writtenAgain() : rot();
        };
    Plan.Timing timing = timing(time);
    Plan.Work work = new Plan.Work(CLIENTS, PATIENT, versioned, suspended);
    if (suspended) {
      int count = kind == Kind.BOUTS ? (int) (time / SUSPEND_EVERY) : SUSPENSIONS;
      steps.addAll(Suspensions.draw(seed, count, time, KEPT, work, cluster.machines()));
    }
    steps.sort(Comparator.comparingLong(Step::atMillis));
    incidents.sort(Comparator.comparingLong(Incident::atMillis));
    return new Plan(seed, cluster, work, timing, ending(), steps, incidents);
  }

  private Plan.Timing timing(long time) {
    long patience = 50L << random.nextInt(6);
    return new Plan.Timing(kind == Kind.BOUTS ? refusals(time) : time, patience);
  }

  private Plan.Ending ending() {
    return switch (kind) {
      case BOUTS, WIDE_BOUTS, GRAVES -> Plan.Ending.READ;
      case LEAKS -> random.chance(0.7) ? Plan.Ending.DELETED : Plan.Ending.SETTLED;
      case ROT -> random.chance(0.2) ? Plan.Ending.SETTLED : Plan.Ending.READ;
    };
  }

  // --- what plans are made of

  /** A step of any client but one that is kept for what must wait. */
  private void step(long at, int machine, Action action) {
    step(at, KEPT + turn++ % (CLIENTS - KEPT), machine, action);
  }

  /** A step of a client that waits for its answer whatever happens. */
  private void patiently(long at, int machine, Action action) {
    step(at, turn++ % KEPT, machine, action);
  }

  private void step(long at, int client, int machine, Action action) {
    steps.add(new Step(at, client, machine, 0, action));
  }

  private void fault(long at, long time, Fault fault) {
    incidents.add(new Incident(at, time, fault));
  }

  private int machine() {
    return random.nextInt(cluster.machines());
  }

  private Action put(String key, Action.Condition condition) {
    return new Action.Put(key, ++written, size(), condition, 0, -1);
  }

  private int size() {
    boolean large = kind == Kind.WIDE_BOUTS && random.chance(0.5);
    return large ? LARGE[random.nextInt(LARGE.length)] : random.nextInt(200);
  }

  private static Action get(String key) {
    return new Action.Get(key, -1, 0);
  }

  /** Looks at a key, one look after the other, everywhere. */
  private void look(String key, long at, int looks, int every) {
    for (int i = 0; i < looks; i++) {
      Action look =
          versioned && random.chance(0.3)
              ? new Action.GetOld(key, random.nextInt(1_000))
              : random.chance(0.2) ? new Action.ListAll(key, 1 + random.nextInt(3)) : get(key);
      step(at + (long) i * every + random.nextInt(every), machine(), look);
    }
  }

  // --- bouts

  private long bouts(ClusterSettings shape) {
    cluster = shape;
    int delay = 4 << random.nextInt(4);
    for (int machine = 0; machine < cluster.machines(); machine++) {
      fault(0, 0, new Fault.ClockJump(machine, random.nextInt(400)));
    }
    int bouts = 30 + random.nextInt(40);
    long at = 500;
    for (int bout = 0; bout < bouts; bout++) {
      at += 100 + bout("h%03d".formatted(bout), at, delay);
    }
    fault(0, at, new Fault.BadLinks(delay, 0, 0));
    return at;
  }

  /** More bouts, after the others; answers when they are over. */
  private long refusals(long from) {
    int delay = 4 << random.nextInt(4);
    long at = from + 100;
    for (int bout = 0; bout < REFUSALS; bout++) {
      at += 100 + refused("i%03d".formatted(bout), at);
    }
    fault(from + 1, at - from, new Fault.BadLinks(delay, 0, 0));
    return at;
  }

  /** Plans one bout, and answers how long it takes. */
  private long bout(String key, long at, int delay) {
    if (kind == Kind.WIDE_BOUTS) {
      return random.chance(0.5) ? race(key, at, delay) : partly(key, at, delay);
    }
    if (suspended && random.chance(0.4)) {
      return inVain(key, at, delay);
    }
    return switch (random.nextInt(20)) {
      case 0, 1, 2 -> late(key, at, delay);
      case 3, 4 -> lostAnswers(key, at, delay);
      case 5, 6, 7 -> interrupted(key, at, delay);
      case 8, 9 -> twoBallots(key, at, delay);
      case 10 -> promised(key, at, delay);
      case 11, 12 -> alone(key, at, delay);
      default -> race(key, at, delay);
    };
  }

  /**
   * Several clients want one key at once, and some go away. Some ways are blocked, briefly or until
   * the looks are over: then what was begun stays half done, and each look has its own quorum.
   */
  private long race(String key, long at, int delay) {
    int within = (2 * delay + 5) << random.nextInt(2);
    int looks = 3 + random.nextInt(6);
    int every = 1 + 2 * delay;
    int writes = 2 + random.nextInt(5);
    for (int i = 0; i < writes; i++) {
      step(at + random.nextInt(within), machine(), raced(key));
    }
    long end = at + within + (long) looks * every;
    int blocked = random.nextInt(5);
    for (int i = 0; i < blocked; i++) {
      long from = at + random.nextInt(within);
      long time = random.chance(0.3) ? 5 + random.nextInt(within) : end - from;
      fault(from, time, new Fault.OneWay(machine(), machine()));
    }
    if (random.chance(0.05)) {
      fault(at + random.nextInt(within), 10, new Fault.Crash(machine(), random.chance(0.7)));
      end += random.chance(0.5) ? 0 : 3_000;
    }
    look(key, at + within, looks, every);
    return end - at;
  }

  private Action raced(String key) {
    return switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> put(key, Action.Condition.NONE);
      case 4, 5, 6 -> put(key, Action.Condition.ABSENT);
      case 7 -> put(key, Action.Condition.SEEN);
      case 8 -> new Action.Delete(key, Action.Condition.NONE);
      case 9 -> new Action.Delete(key, Action.Condition.SEEN);
      default -> get(key);
    };
  }

  /**
   * The machines in some order, the coordinator last. If one is no member, it is that one: no key
   * is its own, but it asks members for what all nodes have before it does anything.
   */
  private int[] roles() {
    int[] roles = {0, 1, 2, 3};
    for (int i = cluster.members() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int other = roles[i];
      roles[i] = roles[j];
      roles[j] = other;
    }
    return roles;
  }

  /** How long after a request its coordinator has found out what it needs, more or less. */
  private int asked(int delay) {
    return cluster.members() < cluster.machines() ? 5 + random.nextInt(2 * delay + 3) : 0;
  }

  private void block(int from, int to, long at, long until) {
    fault(at, until - at, new Fault.OneWay(from, to));
  }

  private void readAt(int machine, String key, long at) {
    step(at, machine, get(key));
  }

  /** A write is seen, overwritten or deleted, and forgotten before it reaches most replicas. */
  private long late(String key, long at, int delay) {
    int[] is = roles();
    long from = at + asked(delay);
    long until = at + 1_200 + random.nextInt(1_800);
    block(is[3], is[0], from, until);
    block(is[3], is[1], from, until);
    block(is[random.nextInt(2)], is[2], at + 4L * delay, at + 400);
    patiently(at + 2, is[3], put(key, Action.Condition.NONE));
    readAt(is[2], key, at + 100 + 3L * delay);
    readAt(is[2], key, at + 160 + 3L * delay);
    int other = random.nextInt(3);
    Action over =
        random.chance(0.5)
            ? put(key, Action.Condition.NONE)
            : new Action.Delete(key, Action.Condition.NONE);
    patiently(at + 450 + random.nextInt(200), is[other], over);
    readAt(is[other], key, at + 800);
    look(key, until + 60, 3, 60 + delay);
    return until - at + 400 + 3L * delay;
  }

  /** A write that a quorum has is overwritten, again and again, before anybody hears of it. */
  private long lostAnswers(String key, long at, int delay) {
    int[] is = roles();
    long until = at + 5_500 + random.nextInt(3_000);
    long heard = at + 5 + asked(delay) + random.nextInt(2 * delay);
    block(is[3], is[2], at + asked(delay), until);
    block(is[0], is[3], heard, until);
    block(is[1], is[3], heard, until);
    patiently(at + 2, is[3], put(key, Action.Condition.NONE));
    readAt(is[0], key, at + 100 + 4L * delay);
    readAt(is[1], key, at + 160 + 4L * delay);
    int more = 3 + random.nextInt(3);
    for (int i = 0; i < more; i++) {
      step(at + 500 + 300L * i, is[random.nextInt(3)], put(key, Action.Condition.NONE));
    }
    readAt(is[random.nextInt(3)], key, until - 200);
    look(key, until + 2_000, 4, 3_000);
    return until - at + 14_000;
  }

  /** A conditional write loses its last round on the way to most replicas, and tries again. */
  private long interrupted(String key, long at, int delay) {
    int[] is = roles();
    long from = at + 2 + asked(delay) + random.nextInt(4 * delay + 4);
    long until = from + 100 + 2L * delay;
    block(is[3], is[0], from, until);
    block(is[3], is[1], from, until);
    fault(until - 20, 0, new Fault.Cut(is[3], is[0]));
    fault(until - 20, 0, new Fault.Cut(is[3], is[1]));
    patiently(at + 2, is[3], put(key, Action.Condition.ABSENT));
    if (random.chance(0.2)) {
      step(until - random.nextInt(100), is[random.nextInt(3)], raced(key));
    }
    look(key, until + 500, 5, 800);
    return until - at + 4_500;
  }

  /**
   * A write whose body takes its time, four times {@code pause}: what its coordinator has to find
   * out first it has found out long before it sends anything to replicas.
   */
  private void slowly(long at, int machine, String key, Action.Condition condition, int pause) {
    int size = 100 + random.nextInt(100);
    patiently(at, machine, new Action.Put(key, ++written, size, condition, pause, -1));
  }

  /**
   * A conditional write reaches [2] alone: the promises of [0] and [1] came late, and the way there
   * is blocked by then. Both promise a higher ballot to [0] before they hear of it, and refuse. So
   * it is tried again, and what it finds is its own.
   */
  private long refused(String key, long at) {
    int[] is = roles();
    long end = at + 2_000;
    slowly(at + 2, is[3], key, Action.Condition.ABSENT, 100);
    slowly(at + 2, is[0], key, Action.Condition.ABSENT, 300); // clocks are 400 ms apart
    block(is[0], is[3], at + 250, at + 600);
    block(is[1], is[3], at + 250, at + 600);
    block(is[3], is[0], at + 590, at + 1_400);
    block(is[3], is[1], at + 590, at + 1_400);
    block(is[0], is[2], at + 250, end);
    block(is[1], is[0], at + 250, end);
    look(key, end + 300, 3, 100);
    return end - at + 700;
  }

  /**
   * One version is on two replicas, accepted at different ballots, and counts for neither. The
   * write reached [1] alone and was overtaken by one on [0] and [2]; since those two never held it,
   * it is sent again, and reaches [0] alone. Then [1] is asked twice, with one of the others each
   * time. ([0] loses power so that nothing is left of its call to [1].)
   */
  private long twoBallots(String key, long at, int delay) {
    int[] is = roles();
    long heard = at + 2_000;
    long end = heard + 2_200;
    slowly(at + 2, is[3], key, Action.Condition.NONE, 100);
    block(is[3], is[0], at + 250, heard + 60); // the last refusal
    block(is[3], is[2], at + 250, heard);
    block(is[3], is[1], at + 700, end);
    block(is[0], is[1], at + 700, at + 1_305);
    patiently(at + 900, is[0], put(key, Action.Condition.NONE)); // clocks are 400 ms apart
    fault(at + 1_300, 10, new Fault.Crash(is[0], true));
    block(is[2], is[3], heard + 40, heard + 1_000); // the last promise
    block(is[3], is[2], heard + 990, end);
    long first = heard + 1_150 + delay;
    block(is[2], is[1], first - 5, first + 100 + 2L * delay);
    patiently(first, is[1], get(key));
    long second = first + 250 + 6L * delay;
    block(is[0], is[1], second - 5, second + 300);
    patiently(second, is[1], get(key));
    look(key, end + 60, 2, 50);
    return end - at + 300;
  }

  /**
   * A write is on [0] alone, and the others have promised a higher ballot to [1], which hears of it
   * no more: who reads it cannot write it back as it is. It is read again and again, by turns where
   * [0] is heard and where it is not.
   */
  private long promised(String key, long at, int delay) {
    int[] is = roles();
    int looks = 5;
    int every = 40 + 10 * delay;
    long reads = at + 1_400;
    long end = reads + (long) looks * every;
    slowly(at + 2, is[0], key, Action.Condition.NONE, 100);
    slowly(at + 2, is[1], key, Action.Condition.ABSENT, 300); // clocks are 400 ms apart
    block(is[0], is[1], at + 250, end);
    block(is[0], is[2], at + 250, end);
    block(is[1], is[0], at + 250, end);
    block(is[2], is[1], at + 250, end);
    for (int i = 0; i < looks; i++) {
      long read = reads + (long) i * every;
      block(i % 2 == 0 ? is[2] : is[0], is[3], read - 1, read + 20 + 6L * delay);
      patiently(read, is[3], get(key));
    }
    look(key, end + 200, 3, 200);
    return end - at + 900;
  }

  /**
   * A write is on [0] alone, and [1], whose clock may be behind, asks all replicas to write where
   * nothing is, and is heard of no more.
   */
  private long alone(String key, long at, int delay) {
    int[] is = roles();
    long until = at + 2_000;
    block(is[3], is[1], at + asked(delay), until);
    block(is[3], is[2], at + asked(delay), until);
    step(at + 2, is[3], put(key, Action.Condition.NONE));
    long asks = at + 60 + 5L * delay;
    long silent = asks + 2 + random.nextInt(3 * delay + 4);
    step(asks, is[1], put(key, Action.Condition.ABSENT));
    block(is[1], is[0], silent, until);
    block(is[1], is[2], silent, until);
    fault(until - 20, 0, new Fault.Cut(is[1], is[0]));
    fault(until - 20, 0, new Fault.Cut(is[1], is[2]));
    fault(until - 20, 0, new Fault.Cut(is[3], is[1]));
    fault(until - 20, 0, new Fault.Cut(is[3], is[2]));
    long reads = silent + 2L * delay;
    for (int i = 0; i < 3; i++) {
      readAt(is[random.chance(0.7) ? 2 : 0], key, reads + 4L * delay * i);
    }
    for (int other = 1; other < 4; other++) {
      block(is[0], is[other], until, until + 1_500);
    }
    look(key, until + 700, 4, 200);
    return until - at + 1_700;
  }

  /**
   * A version without an id is an old one; the write that is to take its place is on [0] alone,
   * which is heard of no more, while the others write the present version again.
   */
  private long inVain(String key, long at, int delay) {
    int[] is = roles();
    long gap = 20 + 6L * delay;
    step(at, machine(), new Action.SetVersioning(false));
    patiently(at + gap, is[1], put(key, Action.Condition.NONE));
    step(at + 2 * gap, machine(), new Action.SetVersioning(true));
    patiently(at + 3 * gap, is[2], put(key, Action.Condition.NONE));
    step(at + 4 * gap, machine(), new Action.SetVersioning(false));
    long from = at + 5 * gap;
    long until = from + 600 + 20L * delay;
    long then = from + 50 + 6L * delay;
    long asked = from + asked(delay);
    for (int other = 1; other < 4; other++) {
      block(is[0], is[other], then - 20 - random.nextInt(3 * delay), until);
    }
    for (int other = 1; other < 3; other++) {
      block(is[3], is[other], asked, until);
      fault(until - 5, 0, new Fault.Cut(is[3], is[other]));
    }
    step(
        from + 2,
        is[3],
        random.chance(0.7)
            ? put(key, Action.Condition.NONE)
            : new Action.Delete(key, Action.Condition.NONE));
    step(then, is[1], new Action.Tag(key, written));
    step(then + 100, is[2], new Action.GetOld(key, Action.GetOld.NULL));
    if (random.chance(0.3)) {
      step(then + 200, is[2], put(key, Action.Condition.NONE));
    }
    for (int i = 0; i < 6; i++) {
      step(until + 20 + 50L * i, is[i % 4], new Action.GetOld(key, Action.GetOld.NULL));
    }
    look(key, until + 400, 3, 100);
    return until - at + 800;
  }

  /** An object is read while most replicas of some of its rows have not heard of it. */
  private long partly(String key, long at, int delay) {
    int by = machine();
    int one = (by + 1 + random.nextInt(4)) % 5;
    int other = (by + 1 + random.nextInt(4)) % 5;
    long until = at + 700 + 12L * delay;
    block(by, one, at, until);
    block(by, other, at, until);
    fault(until - 5, 0, new Fault.Cut(by, one));
    fault(until - 5, 0, new Fault.Cut(by, other));
    int size = LARGE[random.nextInt(2)];
    patiently(at + 2, by, new Action.Put(key, ++written, size, Action.Condition.NONE, 0, -1));
    for (int i = 0; i < 6; i++) {
      readAt(machine(), key, at + 30 + 8L * delay + 60L * i);
    }
    look(key, until, 2, 400);
    return until - at + 900;
  }

  // --- graves

  private long graves() {
    cluster = new ClusterSettings(3, 3);
    long at = 500;
    int rounds = 1 + random.nextInt(3);
    for (int round = 0; round < rounds; round++) {
      at += grave("g" + round, at);
    }
    return at;
  }

  private long grave(String prefix, long at) {
    int keys = 4 + random.nextInt(16);
    int away = machine();
    long time = 8_000L + random.nextInt(40_000);
    fault(
        at + 2_000,
        time,
        switch (random.nextInt(3)) {
          case 0 -> new Fault.Crash(away, random.chance(0.5));
          case 1 -> new Fault.Freeze(away);
          default -> new Fault.Partition(1 << away);
        });
    for (int i = 0; i < keys; i++) {
      String key = prefix + "%02d".formatted(i);
      int there = (away + 1 + random.nextInt(2)) % 3;
      patiently(at + random.nextInt(1_500), machine(), put(key, Action.Condition.NONE));
      if (random.chance(0.8)) {
        Action delete = new Action.Delete(key, Action.Condition.NONE);
        patiently(at + 2_100 + random.nextInt(4_000), there, delete);
      }
      if (random.chance(0.2)) {
        patiently(at + 2_000 + time, machine(), put(key, Action.Condition.ABSENT));
      }
      look(key, at + 2_000 + time, 1, 3_000);
    }
    int lists = 1 + random.nextInt(6);
    for (int i = 0; i < lists; i++) {
      Action list = new Action.ListAll(prefix, 1 + random.nextInt(5));
      patiently(at + random.nextInt((int) time + 4_000), machine(), list);
    }
    return time + 6_000;
  }

  /** Whether a bucket is replaced in a plan of this kind. */
  private static boolean isReplaced(long seed) {
    return new SeededRandom(SeededRandom.mix(seed * 59 + 31)).chance(0.3);
  }

  /**
   * A bucket is deleted and another made by its name while a machine is cut off, which is asked for
   * what is in it as soon as it hears of the others: what it knows of the name leads to the former.
   */
  private long replacements() {
    cluster = new ClusterSettings(3, 3);
    patiently(100, machine(), new Action.CreateBucket());
    long at = 500;
    int rounds = 3 + random.nextInt(5);
    for (int round = 0; round < rounds; round++) {
      at += replaced(at);
    }
    return at;
  }

  private long replaced(long at) {
    int away = machine();
    int there = (away + 1 + random.nextInt(2)) % 3;
    String key = Client.FLEETING_KEYS.getFirst();
    String other = Client.FLEETING_KEYS.getLast();
    step(at, KEPT - 1, away, get(key)); // it has looked for the name itself
    long cut = at + 200;
    long over = cut + 1_000 + random.nextInt(3_000);
    fault(cut, over - cut, new Fault.Partition(1 << away));
    long from = cut + 50;
    step(from, 0, there, new Action.DeleteTwo(key, other));
    step(from + 100, 0, there, new Action.DeleteBucket());
    step(from + 200, 0, there, new Action.CreateBucket());
    step(from + 300, 0, there, put(key, Action.Condition.NONE));
    for (int i = 0; i < 12; i++) {
      step(over + random.nextInt(1_500), away, missed(key, other));
    }
    look(key, over + 2_000, 3, 200);
    return over - at + 3_000;
  }

  private Action missed(String key, String other) {
    return switch (random.nextInt(10)) {
      case 0 -> new Action.Delete(key, Action.Condition.NONE);
      case 1 -> put(other, Action.Condition.ABSENT);
      case 2 -> new Action.Head(key);
      case 3 -> new Action.Copy(key, other);
      default -> get(key);
    };
  }

  // --- leaks

  /** Bursts in which the same contents come and go: at once, and around the delays of deletion. */
  private long leaks() {
    cluster = random.chance(0.75) ? new ClusterSettings(1, 1) : new ClusterSettings(3, 3);
    long at = 100;
    int bursts = 2 + random.nextInt(3);
    for (int burst = 0; burst < bursts; burst++) {
      burst(at);
      at += 10_000 + (random.chance(0.2) ? 0 : random.nextLong(19 * MINUTE));
    }
    for (int i = 0; i < LEAKING_KEYS; i++) {
      patiently(at + i * 100L, machine(), get("k" + i));
    }
    return at + 2_000;
  }

  private void burst(long at) {
    int actions = 6 + random.nextInt(20);
    int within = 20 << random.nextInt(6);
    for (int i = 0; i < actions; i++) {
      step(at + random.nextInt(within), machine(), leaking("k" + random.nextInt(LEAKING_KEYS)));
    }
    if (random.chance(0.7)) {
      fault(at + random.nextInt(within + 10), 100, new Fault.CrashAll(random.chance(0.7)));
    }
  }

  private Action leaking(String key) {
    int content = 1 + random.nextInt(CONTENTS);
    int size = LARGE[content % LARGE.length];
    return switch (random.nextInt(10)) {
      case 0, 1, 2, 3, 4 ->
          new Action.Put(key, content, size, Action.Condition.NONE, 0, brokenAt(size));
      case 5, 6 -> new Action.Delete(key, Action.Condition.NONE);
      case 7 -> new Action.Copy("k" + random.nextInt(LEAKING_KEYS), key);
      case 8 -> {
        Action.Ending[] all = Action.Ending.values();
        Action.Ending end = all[random.nextInt(all.length)];
        yield new Action.Multipart(key, content, size, Action.Condition.NONE, end);
      }
      default -> get(key);
    };
  }

  private int brokenAt(int size) {
    return random.chance(0.15) ? random.nextInt(size) : -1;
  }

  // --- rot

  /** Files of one machine are spoilt, and read there. */
  private long rot() {
    cluster = new ClusterSettings(3, 3);
    int objects = 3 + random.nextInt(8);
    for (int i = 0; i < objects; i++) {
      int size = LARGE[random.nextInt(LARGE.length)];
      patiently(
          100 + random.nextInt(1_000),
          machine(),
          new Action.Put("k" + i, ++written, size, Action.Condition.NONE, 0, -1));
    }
    int spoilt = 3 + random.nextInt(12);
    for (int i = 0; i < spoilt; i++) {
      int file = random.nextInt(1_000);
      fault(
          3_000 + random.nextInt(500),
          0,
          switch (random.nextInt(5)) {
            case 0 -> new Fault.BadSector(0, file);
            case 1 -> new Fault.Misdirected(0, file, random.nextInt(1_000));
            default -> new Fault.Rot(0, file);
          });
    }
    for (int i = 0; i < 2 * objects; i++) {
      String key = "k" + random.nextInt(objects);
      int from = random.chance(0.5) ? -1 : random.nextInt(2 * ClusterSettings.BLOCK_BYTES);
      patiently(
          4_000 + random.nextInt(4_000),
          random.chance(0.7) ? 0 : machine(),
          new Action.Get(key, from, from < 0 ? 0 : random.nextInt(3_000)));
    }
    return 9_000;
  }

  /**
   * On one machine, files are spoilt, and the same contents are written again before anybody reads
   * them: so all that was acknowledged must be read, though there was no other copy.
   */
  private long writtenAgain() {
    cluster = new ClusterSettings(1, 1);
    int objects = 2 + random.nextInt(6);
    for (int i = 0; i < objects; i++) {
      int size = LARGE[i % LARGE.length];
      for (String key : List.of("a", "b")) {
        patiently(
            key.equals("a") ? 100 + random.nextInt(1_000) : 5_000 + random.nextInt(1_000),
            0,
            new Action.Put(key + i, i + 1, size, Action.Condition.NONE, 0, -1));
      }
      patiently(9_000 + random.nextInt(1_000), 0, get("ab".charAt(random.nextInt(2)) + "" + i));
    }
    int spoilt = 1 + random.nextInt(6);
    for (int i = 0; i < spoilt; i++) {
      fault(3_000 + random.nextInt(500), 0, new Fault.Rot(0, random.nextInt(1_000)));
    }
    return 11_000;
  }
}
