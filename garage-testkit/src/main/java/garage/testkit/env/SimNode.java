package garage.testkit.env;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Network;
import garage.common.env.RandomSource;
import garage.common.env.Tasks;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A simulated machine that runs one process. The seams handed out belong to the present process:
 * after a {@link #kill} or {@link #powerOff} they throw {@code Cancelled}, and after {@link #start}
 * new ones must be taken. Disks, the wall clock, the name and the identity stay.
 */
public final class SimNode {
  /** Origins of monotonic time lie within plus and minus this; about 13 days. */
  private static final long ORIGIN_MAX_NANOS = 1L << 50;

  private final String name;
  private final String ip;
  private final NodeId id;
  private final Scheduler scheduler;
  private final SimNetwork fabric;
  private final SeededRandom seeds;
  private final WallClock wall;
  private final Map<String, Platter> platters = new LinkedHashMap<>();
  private final List<Runnable> onPowerOff = new ArrayList<>();
  private Life life;
  private boolean powered = true;
  private int lives;

  SimNode(String name, int number, Scheduler scheduler, SimNetwork fabric, SeededRandom seeds) {
    this.name = name;
    this.ip = "10.0." + number / 250 + "." + (number % 250 + 1);
    this.scheduler = scheduler;
    this.fabric = fabric;
    this.seeds = seeds;
    this.wall = new WallClock(scheduler);
    this.id =
        new NodeId(
            new Bytes32(seeds.nextLong(), seeds.nextLong(), seeds.nextLong(), seeds.nextLong()));
    this.life = boot();
    fabric.add(this);
  }

  private Life boot() {
    Incarnation incarnation = new Incarnation(scheduler, name, ++lives);
    long origin = seeds.between(-ORIGIN_MAX_NANOS, ORIGIN_MAX_NANOS);
    SimClock clock = new SimClock(incarnation, wall, origin);
    return new Life(
        incarnation,
        clock,
        new SimTasks(incarnation),
        seeds.split("process"),
        new LinkedHashMap<>());
  }

  private record Life(
      Incarnation incarnation,
      SimClock clock,
      Tasks tasks,
      SeededRandom random,
      Map<String, SimDisk> disks) {}

  // --- the seams of the present process

  public Clock clock() {
    return life.clock;
  }

  public Tasks tasks() {
    return life.tasks;
  }

  public RandomSource random() {
    return life.random;
  }

  /** Connections that prove {@link #id}. */
  public Network network() {
    return new NodeNetwork(fabric, this, life.incarnation, life.clock, id);
  }

  /** Connections without an identity, as a command line makes. */
  public Network anonymousNetwork() {
    return new NodeNetwork(fabric, this, life.incarnation, life.clock, null);
  }

  /** The disk of this name, empty at first. */
  public SimDisk disk(String diskName) {
    Platter platter =
        platters.computeIfAbsent(diskName, n -> new Platter(seeds.split("disk " + n)));
    Incarnation incarnation = life.incarnation;
    return life.disks.computeIfAbsent(
        diskName, n -> new SimDisk(platter, new DiskHost(incarnation, name + ":" + n)));
  }

  // --- the machine

  public String name() {
    return name;
  }

  /** The address of a port of this node by its name, which {@link Network#resolve} knows. */
  public Address address(int port) {
    return new Address(name, port);
  }

  /** This node's IP address. */
  public String ip() {
    return ip;
  }

  /** The identity that {@link #network} proves. */
  public NodeId id() {
    return id;
  }

  /** Whether the process runs, or is only frozen. */
  public boolean isRunning() {
    return !life.incarnation.isDead();
  }

  boolean isPowered() {
    return powered;
  }

  boolean isFrozen() {
    return life.incarnation.isFrozen();
  }

  /** Ends the process as {@code kill -9} does: what was written stays, connections are reset. */
  public void kill() {
    end("kill", true);
  }

  /**
   * Ends the process as a loss of power does: disks keep what was synced and whatever else the seed
   * lets survive; peers hear nothing.
   */
  public void powerOff() {
    boolean was = powered;
    powered = false;
    end("power off", false);
    if (was) {
      platters.values().forEach(Platter::powerOff);
      onPowerOff.forEach(Runnable::run);
    }
    scheduler.stopIfDropped();
  }

  private void end(String how, boolean reset) {
    if (isRunning()) {
      scheduler.trace(how, name);
      life.incarnation.kill();
      fabric.gone(this, life.incarnation, reset);
    }
    if (reset) {
      scheduler.stopIfDropped();
    }
  }

  /** Starts a new process after {@link #kill} or {@link #powerOff}. */
  public void start() {
    if (isRunning()) {
      throw new IllegalStateException(name + " runs");
    }
    scheduler.trace("boot", name);
    powered = true;
    life = boot();
    fabric.changed();
  }

  /** Stops the process as {@code SIGSTOP} does: it keeps all it has and does nothing. */
  public void freeze() {
    scheduler.trace("freeze", name);
    life.incarnation.freeze();
  }

  /** Lets the process go on. */
  public void thaw() {
    scheduler.trace("thaw", name);
    life.incarnation.thaw();
    fabric.changed();
  }

  /** Sets the wall clock forward, or back if negative. */
  public void jumpWall(Duration by) {
    scheduler.trace("jump", name + " " + by);
    wall.jump(by);
  }

  /** How far the wall clock is ahead of a right one; negative if it is behind. */
  public Duration wallAhead() {
    return wall.ahead();
  }

  /** Lets the wall clock run fast, or slow if negative. */
  public void driftWall(double partsPerMillion) {
    scheduler.trace("drift", name + " " + partsPerMillion);
    wall.drift(partsPerMillion);
  }

  /** Tells a fake that is not a disk, such as a store in memory, to forget what was not synced. */
  public void onPowerOff(Runnable forget) {
    onPowerOff.add(forget);
  }
}
