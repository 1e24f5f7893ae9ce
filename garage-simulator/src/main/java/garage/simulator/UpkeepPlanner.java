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
import org.jspecify.annotations.Nullable;

/**
 * Draws plans in which a cluster is looked after while clients work and things go wrong: repairs
 * and scrubs run, machines get other directories for blocks, new versions come, metadata is copied,
 * and lifecycles delete what is old after days of some minutes. Clients upload in parts, and delete
 * single versions. A machine's metadata may fail, and on a machine that is alone a block may be
 * lost for good.
 */
final class UpkeepPlanner {
  /** One seed of so many is planned here, and none of those is sharp. */
  private static final int EVERY = 8;

  private static final int[] SIZES = {
    0,
    1,
    ClusterSettings.INLINE_BYTES,
    ClusterSettings.INLINE_BYTES + 1,
    ClusterSettings.BLOCK_BYTES,
    ClusterSettings.BLOCK_BYTES + 1,
    3 * ClusterSettings.BLOCK_BYTES + 9
  };

  /** As the admin API names them. */
  private static final List<String> REPAIRS =
      List.of(
          "\"tables\"",
          "\"blocks\"",
          "\"versions\"",
          "\"multipartUploads\"",
          "\"blockRefs\"",
          "\"blockRc\"",
          "\"rebalance\"",
          "{\"scrub\":\"start\"}",
          "{\"scrub\":\"start\"}",
          "{\"scrub\":\"pause\"}",
          "{\"scrub\":\"resume\"}",
          "{\"scrub\":\"cancel\"}");

  private static final int DIRECTORIES_MAX = 3;

  /** Numbers of contents that compression makes smaller begin here. */
  private static final int COMPRESSIBLE_FROM = 1_000_000;

  private static final long MINUTE = Duration.ofMinutes(1).toMillis();

  private final SeededRandom random;
  private final boolean alone;
  private final boolean versioned;
  private final boolean fleeting;
  private final ClusterSettings cluster;
  private final long time;
  private final int clients;
  private final int fragile;
  private final int[] weights = new int[11];
  private final List<Incident> incidents = new ArrayList<>();

  private UpkeepPlanner(long seed) {
    this.random = new SeededRandom(SeededRandom.mix(seed * 41 + 17));
    this.alone = random.chance(0.25);
    this.versioned = random.chance(0.5);
    this.fleeting = random.chance(0.3);
    int machines = alone ? 1 : random.chance(0.7) ? 3 : 4 + random.nextInt(2);
    this.cluster =
        new ClusterSettings(
            machines,
            alone ? 1 : 3,
            alone ? 1 : 3 + random.nextInt(machines - 2),
            1 + random.nextInt(DIRECTORIES_MAX),
            (1 + random.nextInt(4)) * MINUTE,
            random.chance(0.5));
    this.time = MINUTE + random.nextLong(8 * MINUTE);
    this.clients = 2 + random.nextInt(4);
    this.fragile = random.nextInt(machines);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = random.chance(0.2) ? 0 : 1 + random.nextInt(5);
    }
    weights[2] += 3;
  }

  /** The number of the {@code n}th seed of this kind, from 0. */
  static long seed(long n) {
    return EVERY * n + 1;
  }

  static boolean isFor(long seed) {
    return seed % EVERY == 1;
  }

  static Plan plan(long seed) {
    return new UpkeepPlanner(seed).draw(seed);
  }

  private Plan draw(long seed) {
    List<Step> steps = new ArrayList<>();
    int count = 40 + random.nextInt(100);
    for (int i = 0; i < count; i++) {
      steps.add(
          new Step(
              random.nextLong(time),
              random.nextInt(clients),
              random.nextInt(cluster.machines()),
              random.nextInt(3),
              action(10 * (i + 1))));
    }
    steps.sort(Comparator.comparingLong(Step::atMillis));
    operations();
    faults(steps);
    incidents.sort(Comparator.comparingLong(Incident::atMillis));
    return new Plan(
        seed,
        cluster,
        new Plan.Work(clients, 0, versioned, false, true),
        new Plan.Timing(time, 30_000),
        ending(),
        steps,
        incidents);
  }

  private Plan.Ending ending() {
    return switch (random.nextInt(6)) {
      case 0 -> Plan.Ending.SETTLED;
      case 1 -> Plan.Ending.DELETED;
      default -> Plan.Ending.READ;
    };
  }

  private String key() {
    if (fleeting && random.chance(0.3)) {
      return Client.FLEETING_KEYS.get(random.nextInt(Client.FLEETING_KEYS.size()));
    }
    return switch (random.nextInt(versioned ? 6 : 4)) {
      case 0 -> "h" + random.nextInt(3);
      case 1 -> "u" + random.nextInt(4);
      case 2 -> "x" + random.nextInt(6);
      case 3 -> "y" + random.nextInt(4);
      default -> "w" + random.nextInt(4);
    };
  }

  private Action action(int number) {
    if (fleeting && random.chance(0.1)) {
      return random.chance(0.6) ? new Action.CreateBucket() : new Action.DeleteBucket();
    }
    String key = key();
    int size = SIZES[random.nextInt(SIZES.length)];
    int content = cluster.compressed() && random.chance(0.5) ? number + COMPRESSIBLE_FROM : number;
    return switch (Planner.weighted(random, weights)) {
      case 0 -> new Action.Put(key, content, size, Action.Condition.NONE, 0, brokenAt(size));
      case 1 -> new Action.Get(key, -1, 0);
      case 2 -> parts(key, content, 1 + size);
      case 3 -> new Action.Delete(key, Action.Condition.NONE);
      case 4 -> new Action.Copy(key(), key);
      case 5 -> new Action.DeleteVersion("w" + random.nextInt(4), random.nextInt(1_000));
      case 6 -> new Action.GetOld("w" + random.nextInt(4), random.nextInt(1_000));
      case 7 ->
          random.chance(0.5)
              ? new Action.ListAll("", 1 + random.nextInt(9))
              : new Action.ListUploads(1 + random.nextInt(4));
      case 8 -> new Action.Tag(key, content);
      case 9 -> new Action.Get(key, random.nextInt(size + 1), random.nextInt(size + 1));
      default ->
          new Action.Put(
              key,
              content,
              size,
              random.chance(0.5) ? Action.Condition.ABSENT : Action.Condition.SEEN,
              random.nextInt(2_000),
              -1);
    };
  }

  private int brokenAt(int size) {
    return size > 0 && random.chance(0.1) ? random.nextInt(size) : -1;
  }

  private Action parts(String key, int content, int size) {
    @Nullable String copied = random.chance(0.4) ? key() : null;
    Action.Ending[] all = Action.Ending.values();
    Action.Ending ending =
        random.chance(0.4) ? Action.Ending.COMPLETE : all[random.nextInt(all.length)];
    Action.Condition condition =
        random.chance(0.8) ? Action.Condition.NONE : Action.Condition.ABSENT;
    int number = content + random.nextInt(8);
    return new Action.Parts(key, number, 1 + random.nextInt(5), size, copied, condition, ending);
  }

  private int machine() {
    return random.nextInt(cluster.machines());
  }

  private void incident(long forMillis, Fault fault) {
    incidents.add(new Incident(random.nextLong(time), forMillis, fault));
  }

  // --- what operators do

  private void operations() {
    int repairs = random.nextInt(8);
    for (int i = 0; i < repairs; i++) {
      incident(0, new Fault.Repair(machine(), REPAIRS.get(random.nextInt(REPAIRS.size()))));
    }
    int others = random.nextInt(5);
    for (int i = 0; i < others; i++) {
      switch (random.nextInt(5)) {
        case 0 -> incident(0, new Fault.Snapshot(machine()));
        case 1 -> incident(0, new Fault.Look(machine()));
        case 2 -> incident(0, new Fault.Manage(machine(), machine(), i));
        case 3 -> incident(2_000 + random.nextInt(20_000), new Fault.Upgrade());
        default -> incident(0, directories());
      }
    }
    if (cluster.machines() > 3 && random.chance(0.5)) {
      int members = (1 << cluster.machines()) - 1 & ~(1 << machine());
      incident(0, new Fault.Relayout(members, 3));
    }
  }

  /** More of them, or the same with the last one for reading only. */
  private Fault directories() {
    int count = Math.min(DIRECTORIES_MAX, cluster.directories() + random.nextInt(2));
    return new Fault.Directories(machine(), count, random.chance(0.4));
  }

  // --- what goes wrong

  private void faults(List<Step> steps) {
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      incident(500 + random.nextLong(time / 3), fault());
    }
    if (alone && !versioned && random.chance(0.6)) {
      incident(5_000, new Fault.LostBlock(0, random.nextInt(1_000)));
    }
    int failures = alone ? random.nextInt(5) : 0;
    for (int i = 0; i < failures; i++) {
      // While somebody writes: most of the time nobody does.
      long at = steps.get(random.nextInt(steps.size())).atMillis() + random.nextInt(10);
      long time = 500 + random.nextLong(2_000);
      incidents.add(new Incident(at, time, new Fault.MetadataErrors(0, random.chance(0.4))));
    }
    if (random.chance(0.3)) {
      incidents.add(
          new Incident(
              0,
              time,
              new Fault.BadLinks(
                  1 + random.nextInt(60), random.nextInt(2) * 0.02, random.nextInt(2) * 0.005)));
    }
  }

  private Fault fault() {
    int machine = machine();
    return switch (random.nextInt(alone ? 5 : 11)) {
      case 0 -> new Fault.Crash(machine, random.chance(0.5));
      case 1 -> new Fault.CrashAll(random.chance(0.7));
      case 2 -> new Fault.Restart(machine);
      case 3, 4 -> new Fault.MetadataErrors(fragile, random.chance(0.5));
      case 5 -> new Fault.Freeze(machine);
      case 6 -> new Fault.Partition(1 << machine);
      case 7 -> new Fault.DiskFull(machine);
      case 8 -> new Fault.Rot(fragile, random.nextInt(1_000));
      case 9 -> new Fault.DiskErrors(fragile, 0.1, 0.1, 0.1);
      default -> new Fault.WipedBlocks(fragile);
    };
  }
}
