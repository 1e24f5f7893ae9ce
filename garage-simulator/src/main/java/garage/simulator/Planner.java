package garage.simulator;

import garage.simulator.cluster.ClusterSettings;
import garage.simulator.fault.Fault;
import garage.simulator.fault.Incident;
import garage.simulator.workload.Action;
import garage.simulator.workload.Step;
import garage.testkit.env.SeededRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Draws a plan from a seed. Each run has its own mixture of operations, keys and faults (swarm
 * testing): one that does a little of everything seldom does enough of anything.
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

  private static final int KINDS_OF_ACTION = 9;
  private static final int KINDS_OF_FAULT = 12;

  /** The farthest a clock is set, in milliseconds: within what nodes accept of each other. */
  private static final int CLOCK_JUMP_MAX = 4_000;

  private final SeededRandom random;
  private final int machines;
  private final int[] actionWeights = new int[KINDS_OF_ACTION];
  private final int[] faultWeights = new int[KINDS_OF_FAULT];
  private final int hotKeys;
  private final int coldKeys;
  private final long stormMillis;
  private final int fragile;
  private final boolean smallOnly;

  private Planner(long seed) {
    this.random = new SeededRandom(SeededRandom.mix(seed * 31 + 7));
    int shape = random.nextInt(10);
    this.machines = shape == 0 ? 1 : shape == 1 ? 5 : shape == 2 ? 4 : 3;
    for (int i = 0; i < KINDS_OF_ACTION; i++) {
      actionWeights[i] = random.chance(0.3) ? 0 : 1 + random.nextInt(6);
    }
    actionWeights[0] += 2;
    actionWeights[1] += 2;
    for (int i = 0; i < KINDS_OF_FAULT; i++) {
      faultWeights[i] = random.chance(0.5) ? 0 : 1 + random.nextInt(4);
    }
    if (machines < 3) {
      faultWeights[11] = 0; // the only copy
    }
    this.hotKeys = 1 + random.nextInt(3);
    this.coldKeys = random.chance(0.4) ? 0 : random.nextInt(12);
    this.stormMillis = 250L << random.nextInt(10);
    this.fragile = random.nextInt(machines);
    this.smallOnly = random.chance(0.4);
  }

  static Plan plan(long seed) {
    return new Planner(seed).draw(seed);
  }

  private Plan draw(long seed) {
    int clients = 2 + random.nextInt(4);
    int count = 30 + random.nextInt(170);
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      steps.add(
          new Step(
              random.nextLong(stormMillis),
              random.nextInt(clients),
              random.nextInt(machines),
              random.nextInt(3),
              action(i + 1)));
    }
    steps.sort(Comparator.comparingLong(Step::atMillis));
    List<Incident> incidents = new ArrayList<>();
    int faults = random.chance(0.1) ? 0 : random.nextInt(10);
    for (int i = 0; i < faults; i++) {
      long at = random.nextLong(stormMillis);
      long length = 50 + random.nextLong(Math.max(100, stormMillis / 3));
      incidents.add(new Incident(at, length, fault()));
    }
    if (random.chance(0.5)) {
      incidents.add(new Incident(0, stormMillis, slowLinks()));
    }
    incidents.sort(Comparator.comparingLong(Incident::atMillis));
    return new Plan(
        seed,
        new ClusterSettings(machines, Math.min(machines, 3)),
        clients,
        random.chance(0.05),
        steps,
        incidents);
  }

  private String key() {
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

  private static int weighted(SeededRandom random, int[] weights) {
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
    String key = key();
    int size = size();
    return switch (weighted(random, actionWeights)) {
      case 0 -> new Action.Put(key, content, size, Action.Condition.NONE, pause(), breakAt(size));
      case 1 -> new Action.Get(key, -1, 0);
      case 2 -> new Action.Put(key, content, size, condition(), 0, -1);
      case 3 -> new Action.Delete(key, ifSeen());
      case 4 -> new Action.ListAll(random.chance(0.5) ? "" : "h", 1 + random.nextInt(6));
      case 5 -> new Action.Copy(key(), key);
      case 6 -> new Action.Multipart(key, content, size + 1, condition(), ending());
      case 7 -> new Action.Get(key, random.nextInt(size + 1), random.nextInt(size + 1));
      default -> random.chance(0.7) ? new Action.Head(key) : new Action.DeleteTwo(key, "c99");
    };
  }

  private int pause() {
    return random.chance(0.2) ? random.nextInt(1_000) : 0;
  }

  private int breakAt(int size) {
    return size > 0 && random.chance(0.1) ? random.nextInt(size) : -1;
  }

  private Action.Ending ending() {
    Action.Ending[] all = Action.Ending.values();
    return random.chance(0.4) ? Action.Ending.COMPLETE : all[random.nextInt(all.length)];
  }

  private Fault fault() {
    int machine = random.nextInt(machines);
    int other = random.nextInt(machines);
    return switch (weighted(random, faultWeights)) {
      case 0 -> new Fault.Crash(machine, random.chance(0.5));
      case 1 -> new Fault.CrashAll(random.chance(0.7));
      case 2 -> new Fault.Restart(machine);
      case 3 -> new Fault.Freeze(machine);
      case 4 -> new Fault.Partition(1 + random.nextInt((1 << machines) - 1));
      case 5 -> new Fault.OneWay(machine, other);
      case 6 -> slowLinks();
      case 7 -> new Fault.DiskErrors(fragile, rate(), rate(), rate());
      case 8 -> new Fault.DiskFull(machine);
      case 9 -> new Fault.ClockJump(machine, random.nextInt(2 * CLOCK_JUMP_MAX) - CLOCK_JUMP_MAX);
      case 10 -> new Fault.ClockDrift(machine, random.nextInt(2_000) - 1_000);
      default ->
          random.chance(0.5)
              ? new Fault.Rot(fragile, random.nextInt(1_000))
              : new Fault.BadSector(fragile, random.nextInt(1_000));
    };
  }

  private Fault slowLinks() {
    return new Fault.BadLinks(
        1 + random.nextInt(200), random.nextInt(3) * 0.02, random.nextInt(3) * 0.005);
  }

  private double rate() {
    return random.nextInt(3) * 0.1;
  }
}
