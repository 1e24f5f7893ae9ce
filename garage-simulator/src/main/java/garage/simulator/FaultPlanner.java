package garage.simulator;

import garage.simulator.cluster.ClusterSettings;
import garage.simulator.fault.Fault;
import garage.simulator.fault.Incident;
import garage.testkit.env.SeededRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Draws what goes wrong in a run, within the budget: what spoils blocks for good happens on one
 * machine, the fragile one, and only where there are three copies or more; it is also the one that
 * is lost for ever if one is.
 */
final class FaultPlanner {
  /** How long the bursts of a calm run last. */
  static final long BURST_MILLIS = 20_000;

  private static final int KINDS = 15;
  private static final int FIRST_THAT_SPOILS = 11;

  /** The kinds of a duel: crashes, freezes, links and clocks; no disks. */
  private static final int[] DUEL_KINDS = {0, 3, 4, 5, 6, 9};

  /** The farthest a clock is set for good, in ms: within what nodes accept of each other. */
  private static final int CLOCK_JUMP_MAX = 4_000;

  /** How far a clock is wrong until somebody sets it right, in ms. */
  private static final int[] CLOCK_WRONG = {12_000, 60_000, 3_600_000, -20_000, -3_600_000};

  private final SeededRandom random;
  private final ClusterSettings cluster;
  private final long stormMillis;
  private final long[] bursts;
  private final boolean duel;
  private final int[] weights = new int[KINDS];
  private final int fragile;
  private final List<Incident> incidents = new ArrayList<>();

  FaultPlanner(
      SeededRandom random, ClusterSettings cluster, long stormMillis, long[] bursts, boolean duel) {
    this.random = random;
    this.cluster = cluster;
    this.stormMillis = stormMillis;
    this.bursts = bursts.clone();
    this.duel = duel;
    this.fragile = random.nextInt(cluster.machines());
    if (duel) {
      for (int kind : DUEL_KINDS) {
        weights[kind] = random.chance(0.3) ? 0 : 1 + random.nextInt(4);
      }
    } else {
      for (int i = 0; i < KINDS; i++) {
        weights[i] = random.chance(0.5) ? 0 : 1 + random.nextInt(4);
      }
    }
    for (int i = FIRST_THAT_SPOILS; i < KINDS && cluster.copies() < 3; i++) {
      weights[i] = 0; // the only copy
    }
  }

  List<Incident> draw() {
    int faults = random.chance(0.1) ? 0 : random.nextInt(duel ? 16 : 10);
    for (int i = 0; i < faults; i++) {
      incidents.add(incident(fault()));
    }
    if (random.chance(0.5)) {
      incidents.add(new Incident(0, stormMillis, slowLinks()));
    }
    if (duel && random.chance(0.5)) {
      int machine = random.nextInt(cluster.machines());
      incidents.add(new Incident(0, 0, new Fault.ClockJump(machine, random.nextInt(1_000))));
    }
    if (!duel && random.chance(0.05)) {
      incidents.add(
          incident(new Fault.ClockWrong(fragile, CLOCK_WRONG[random.nextInt(CLOCK_WRONG.length)])));
    }
    if (cluster.machines() > 3) {
      addLayouts();
    }
    incidents.sort(Comparator.comparingLong(Incident::atMillis));
    return incidents;
  }

  private Incident incident(Fault fault) {
    boolean calm = stormMillis > 100 * BURST_MILLIS;
    long at =
        calm && random.chance(0.8)
            ? bursts[random.nextInt(bursts.length)] + random.nextLong(2 * BURST_MILLIS)
            : random.nextLong(stormMillis);
    long longest = calm ? 10 * BURST_MILLIS : Math.max(100, stormMillis / 3);
    return new Incident(at, (duel ? 10 : 50) + random.nextLong(longest), fault);
  }

  private void addLayouts() {
    int changes = random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      incidents.add(incident(new Fault.Relayout(members((1 << cluster.machines()) - 1), copies())));
    }
    if (random.chance(0.3)) {
      int others = (1 << cluster.machines()) - 1 - (1 << fragile);
      incidents.add(incident(new Fault.Replace(fragile, members(others), 3)));
    }
  }

  private int copies() {
    return cluster.copies() == 5 && random.chance(0.5) ? 5 : 3;
  }

  /** At least three of these machines. */
  private int members(int of) {
    int members = of;
    while (Integer.bitCount(members) > 3 && random.chance(0.6)) {
      members &= ~(1 << random.nextInt(cluster.machines()));
    }
    return members;
  }

  private Fault fault() {
    int machine = random.nextInt(cluster.machines());
    int other = random.nextInt(cluster.machines());
    return switch (Planner.weighted(random, weights)) {
      case 0 -> new Fault.Crash(machine, random.chance(0.5));
      case 1 -> new Fault.CrashAll(random.chance(0.7));
      case 2 -> new Fault.Restart(machine);
      case 3 -> new Fault.Freeze(machine);
      case 4 -> new Fault.Partition(1 + random.nextInt((1 << cluster.machines()) - 1));
      case 5 -> new Fault.OneWay(machine, other);
      case 6 -> slowLinks();
      case 7 -> new Fault.DiskErrors(fragile, rate(), rate(), rate());
      case 8 -> new Fault.DiskFull(machine);
      case 9 -> new Fault.ClockJump(machine, random.nextInt(2 * CLOCK_JUMP_MAX) - CLOCK_JUMP_MAX);
      case 10 -> new Fault.ClockDrift(machine, random.nextInt(2_000) - 1_000);
      case 11 -> new Fault.Rot(fragile, random.nextInt(1_000));
      case 12 -> new Fault.BadSector(fragile, random.nextInt(1_000));
      case 13 -> new Fault.Misdirected(fragile, random.nextInt(1_000), random.nextInt(1_000));
      default -> new Fault.WipedBlocks(fragile);
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
