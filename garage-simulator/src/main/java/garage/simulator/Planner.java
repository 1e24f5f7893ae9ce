package garage.simulator;

import garage.simulator.cluster.ClusterSettings;
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
 * Draws a plan from a seed. Each run has its own mixture of operations, keys and faults (swarm
 * testing): one that does a little of everything seldom does enough of anything. Some are duels:
 * everybody wants the same key within seconds. Some are calm: bursts of work, and hours in which
 * little happens but what nodes do on their own. Some seeds are left to {@link SharpPlanner}.
 */
final class Planner {
  private static final int[] SIZES = {
    0,
    1,
    500,
    ClusterSettings.INLINE_BYTES,
    ClusterSettings.INLINE_BYTES + 1,
    ClusterSettings.BLOCK_BYTES,
    ClusterSettings.BLOCK_BYTES + 1,
    3 * ClusterSettings.BLOCK_BYTES,
    5 * ClusterSettings.BLOCK_BYTES + 77
  };

  private static final int KINDS_OF_ACTION = 10;

  /** Whether some plans have a bucket that keeps every version. */
  static final boolean VERSIONED = true;

  /** Actions of a duel: those of a register. */
  private static final int DUEL_ACTIONS = 4;

  /** How often versioning is suspended or enabled where that is done. */
  private static final int SUSPENSIONS = 12;

  private static final long HOUR_MILLIS = Duration.ofHours(1).toMillis();

  /** The kinds of runs. */
  private enum Mood {
    STORM,
    DUEL,
    CALM
  }

  private final SeededRandom random;
  private final Mood mood;
  private final int[] actionWeights = new int[KINDS_OF_ACTION];
  private final ClusterSettings cluster;
  private final int clients;
  private final int hotKeys;
  private final int coldKeys;
  private final long stormMillis;
  private final long[] bursts;
  private final boolean smallOnly;
  private final boolean versioned;
  private final boolean suspended;
  private final boolean fleeting;
  private final long patienceMillis;

  private Planner(long seed) {
    this.random = new SeededRandom(SeededRandom.mix(seed * 31 + 7));
    int drawn = random.nextInt(20);
    this.mood = drawn < 9 ? Mood.STORM : drawn < 16 ? Mood.DUEL : Mood.CALM;
    this.cluster = shape(new SeededRandom(SeededRandom.mix(seed * 61 + 61)));
    for (int i = 0; i < KINDS_OF_ACTION; i++) {
      boolean none = random.chance(0.3) || (mood == Mood.DUEL && i >= DUEL_ACTIONS);
      actionWeights[i] = none ? 0 : 1 + random.nextInt(6);
    }
    actionWeights[0] += 2;
    actionWeights[1] += 2;
    boolean duel = mood == Mood.DUEL;
    this.clients = duel ? 4 + random.nextInt(9) : 2 + random.nextInt(4);
    this.hotKeys = duel ? 1 : 1 + random.nextInt(3);
    this.coldKeys = duel || random.chance(0.4) ? 0 : random.nextInt(12);
    this.stormMillis =
        switch (mood) {
          case STORM -> 250L << random.nextInt(10);
          case DUEL -> 250L << random.nextInt(5);
          case CALM -> HOUR_MILLIS + random.nextLong(HOUR_MILLIS);
        };
    this.bursts = new long[1 + random.nextInt(8)];
    for (int i = 0; i < bursts.length; i++) {
      bursts[i] = random.nextLong(stormMillis);
    }
    this.smallOnly = random.chance(duel ? 0.8 : 0.3);
    SeededRandom buckets = new SeededRandom(SeededRandom.mix(seed * 53 + 29));
    this.versioned = buckets.chance(0.15) && VERSIONED;
    this.suspended = versioned && Suspensions.areIn(seed);
    this.fleeting = buckets.chance(0.15);
    this.patienceMillis = duel ? 100L << random.nextInt(9) : 30_000;
  }

  static Plan plan(long seed) {
    if (UpkeepPlanner.isFor(seed)) {
      return UpkeepPlanner.plan(seed);
    }
    SharpPlanner.Kind kind = SharpPlanner.Kind.of(seed);
    return kind == null ? new Planner(seed).draw(seed) : SharpPlanner.plan(seed, kind);
  }

  /** Of three machines mostly; {@code sizes} draws how many there are where there are others. */
  private ClusterSettings shape(SeededRandom sizes) {
    boolean rare = sizes.chance(0.3);
    int drawn = random.nextInt(20);
    if (drawn == 0 && mood != Mood.DUEL) {
      return new ClusterSettings(rare ? 2 : 1, 1);
    }
    if (drawn < 14 || mood == Mood.DUEL) {
      return new ClusterSettings(3, 3);
    }
    int machines = rare ? 6 + sizes.nextInt(4) : drawn < 17 ? 4 : 5;
    int members = 3 + random.nextInt(machines - 2);
    return new ClusterSettings(machines, members >= 5 && random.chance(0.3) ? 5 : 3, members);
  }

  private Plan draw(long seed) {
    int count = 30 + random.nextInt(170);
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      steps.add(
          new Step(
              moment(),
              random.nextInt(clients),
              random.nextInt(cluster.machines()),
              random.nextInt(3),
              action(i + 1)));
    }
    List<Incident> incidents =
        new FaultPlanner(random, cluster, stormMillis, bursts, mood == Mood.DUEL).draw();
    if (random.chance(0.6)) {
      incidents.forEach(incident -> addLooks(incident, steps));
    }
    Plan.Work work = new Plan.Work(clients, 0, versioned, suspended);
    if (suspended) {
      steps.addAll(Suspensions.draw(seed, SUSPENSIONS, stormMillis, 0, work, cluster.machines()));
    }
    steps.sort(Comparator.comparingLong(Step::atMillis));
    Plan.Timing timing = new Plan.Timing(stormMillis, patienceMillis);
    return new Plan(seed, cluster, work, timing, ending(), steps, incidents);
  }

  /** Lets clients look as soon as something is over: what was left half done shows then. */
  private void addLooks(Incident incident, List<Step> steps) {
    long over = incident.atMillis() + incident.forMillis();
    int looks = random.nextInt(7);
    int within = 10 << random.nextInt(8);
    for (int i = 0; i < looks; i++) {
      Action look =
          random.chance(0.8)
              ? new Action.Get("h" + random.nextInt(hotKeys), -1, 0)
              : new Action.ListAll("h", 5);
      steps.add(
          new Step(
              over + random.nextInt(within),
              random.nextInt(clients),
              random.nextInt(cluster.machines()),
              0,
              look));
    }
  }

  private Plan.Ending ending() {
    boolean calm = mood == Mood.CALM;
    if (random.chance(calm ? 0.5 : 0.03)) {
      return Plan.Ending.DELETED;
    }
    return random.chance(calm ? 1 : 0.4) ? Plan.Ending.SETTLED : Plan.Ending.READ;
  }

  /** When something is done: at any time, or near one of the bursts of a calm run. */
  private long moment() {
    if (mood != Mood.CALM || random.chance(0.1)) {
      return random.nextLong(stormMillis);
    }
    return bursts[random.nextInt(bursts.length)] + random.nextLong(FaultPlanner.BURST_MILLIS);
  }

  private String key() {
    if (fleeting && random.chance(0.5)) {
      return Client.FLEETING_KEYS.get(random.nextInt(Client.FLEETING_KEYS.size()));
    }
    if (suspended && random.chance(0.3)) {
      return "w" + random.nextInt(2);
    }
    boolean hot = coldKeys == 0 || random.chance(0.7);
    return hot ? "h" + random.nextInt(hotKeys) : "c" + random.nextInt(coldKeys);
  }

  private int size() {
    return smallOnly ? random.nextInt(600) : SIZES[random.nextInt(SIZES.length)];
  }

  private Action.Condition condition() {
    return switch (random.nextInt(3)) {
      case 0 -> Action.Condition.NONE;
      case 1 -> Action.Condition.ABSENT;
      default -> Action.Condition.SEEN;
    };
  }

  private Action.Condition ifSeen() {
    return random.chance(0.3) ? Action.Condition.SEEN : Action.Condition.NONE;
  }

  static int weighted(SeededRandom random, int[] weights) {
    int sum = 0;
    for (int weight : weights) {
      sum += weight;
    }
    int left = random.nextInt(Math.max(1, sum));
    for (int i = 0; i < weights.length; i++) {
      left -= weights[i];
      if (left < 0) {
        return i;
      }
    }
    return 0;
  }

  private Action action(int content) {
    if (fleeting && random.chance(0.15)) {
      return random.chance(0.5) ? new Action.CreateBucket() : new Action.DeleteBucket();
    }
    String key = key();
    int size = size();
    if (versioned && random.chance(0.15)) {
      return new Action.GetOld(key, random.nextInt(1_000));
    }
    if (suspended && random.chance(0.1)) {
      return new Action.DeleteVersion("w" + random.nextInt(2), random.nextInt(1_000));
    }
    return switch (weighted(random, actionWeights)) {
      case 0 -> new Action.Put(key, content, size, Action.Condition.NONE, pause(), breakAt(size));
      case 1 -> new Action.Get(key, -1, 0);
      case 2 -> new Action.Put(key, content, size, condition(), 0, -1);
      case 3 -> new Action.Delete(key, ifSeen());
      case 4 -> new Action.ListAll(random.chance(0.5) ? "" : "h", 1 + random.nextInt(6));
      case 5 -> new Action.Copy(key(), key);
      case 6 -> new Action.Multipart(key, content, size + 1, condition(), ending(random));
      case 7 -> new Action.Get(key, random.nextInt(size + 1), random.nextInt(size + 1));
      case 8 -> new Action.Tag(key, content);
      default -> random.chance(0.7) ? new Action.Head(key) : new Action.DeleteTwo(key, other(key));
    };
  }

  /** Another key of the same bucket. */
  private static String other(String key) {
    List<String> fleeting = Client.FLEETING_KEYS;
    return fleeting.contains(key) ? fleeting.get(1 - fleeting.indexOf(key)) : "c99";
  }

  private int pause() {
    return random.chance(0.2) ? random.nextInt(1_000) : 0;
  }

  private int breakAt(int size) {
    return size > 0 && random.chance(0.1) ? random.nextInt(size) : -1;
  }

  private static Action.Ending ending(SeededRandom random) {
    Action.Ending[] all = Action.Ending.values();
    return random.chance(0.4) ? Action.Ending.COMPLETE : all[random.nextInt(all.length)];
  }
}
