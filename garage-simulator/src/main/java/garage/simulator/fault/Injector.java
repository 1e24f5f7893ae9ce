package garage.simulator.fault;

import garage.common.env.Tasks;
import garage.common.time.HybridClock;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.Machine;
import garage.testkit.env.LinkFaults;
import garage.testkit.env.SimDisk;
import garage.testkit.env.SimNetwork;
import garage.testkit.env.SimNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Makes faults happen, and ends them all. */
public final class Injector {
  private static final long DISK_BYTES = 1L << 40;
  private static final int RELAYOUTS_MAX = 20;
  private static final int RELAYOUT_AGAIN_MILLIS = 2_000;
  private static final int PURGE_AGAIN_MILLIS = 2_000;

  /**
   * How wrong a clock may be in the end: of two, one ahead and one behind, nodes accept each
   * other's timestamps still. One jump is less; what sums up, of jumps and hours of drift, is not.
   */
  private static final Duration CLOCK_WRONG_MAX =
      HybridClock.AHEAD_MAX.dividedBy(2).minusMillis(500);

  private final Cluster cluster;
  private final Operator operator;
  private final List<Tasks.Task> tasks = new ArrayList<>();
  private final Map<String, Integer> wrongMillis = new TreeMap<>();
  private Fault.@Nullable Replace replacing;
  private @Nullable Machine purging;
  private final Set<Machine> broken = new LinkedHashSet<>();
  private boolean over;

  /** {@code witness} is told what an operator saw. */
  public Injector(Cluster cluster, Witness witness) {
    this.cluster = cluster;
    this.operator = new Operator(cluster, witness);
  }

  /** Lets each of these happen in its time, from now on. */
  public void start(List<Incident> incidents) {
    for (Incident incident : incidents) {
      tasks.add(cluster.world().tasks().start("fault", () -> happen(incident)));
    }
  }

  private void happen(Incident incident) {
    pause(incident.atMillis());
    if (!over) {
      cluster.world().note(incident.toString());
      begin(incident);
    }
  }

  /** Waits until every fault was there, then ends what is left of them. */
  public void finish() {
    over = true;
    tasks.forEach(Tasks.Task::cancel);
    tasks.forEach(Tasks.Task::join);
    network().heal();
    network().faults(LinkFaults.NONE);
    broken.forEach(Machine::kill);
    for (Machine machine : cluster.machines()) {
      machine.host().thaw();
      healDisk(machine);
      machine.healMetadata();
      machine.host().driftWall(0);
      machine.host().jumpWall(millis(-wrongMillis.getOrDefault(machine.name(), 0)));
      setClockRight(machine.host());
    }
  }

  /** A clock that is little wrong is left so: nodes have to live with that. */
  private static void setClockRight(SimNode host) {
    Duration ahead = host.wallAhead();
    if (ahead.abs().compareTo(CLOCK_WRONG_MAX) > 0) {
      host.jumpWall(ahead.negated());
    }
  }

  private void pause(long millis) {
    cluster.world().clock().sleep(Duration.ofMillis(millis));
  }

  private SimNetwork network() {
    return cluster.world().network();
  }

  private Machine machine(int index) {
    return cluster.machines().get(index);
  }

  private SimNode host(int index) {
    return machine(index).host();
  }

  private void begin(Incident incident) {
    long time = incident.forMillis();
    switch (incident.fault()) {
      case Fault.Crash(int machine, boolean power) -> crash(machine(machine), power, time);
      case Fault.CrashAll(boolean power) -> crashAll(power, time);
      case Fault.Restart(int machine) -> restart(machine(machine), time);
      case Fault.Freeze(int machine) -> freeze(host(machine), time);
      case Fault.Partition(int side) -> partition(side, time);
      case Fault.OneWay(int from, int to) -> network().clog(host(from), host(to), millis(time));
      case Fault.Cut(int machine, int other) -> network().reset(host(machine), host(other));
      case Fault.BadLinks bad -> badLinks(bad, time);
      case Fault.DiskErrors errors -> diskErrors(errors, time);
      case Fault.DiskFull(int machine) -> diskFull(machine(machine), time);
      case Fault.Rot(int machine, int file) -> spoil(machine, file, (disk, path) -> disk.rot(path));
      case Fault.BadSector(int machine, int file) ->
          spoil(machine, file, (disk, path) -> disk.breakFile(path));
      case Fault.Misdirected(int machine, int from, int to) -> misdirect(machine, from, to);
      case Fault.WipedBlocks(int machine) -> wipe(machine(machine), time);
      case Fault.Relayout(int members, int copies) -> relayout(members, copies);
      case Fault.Replace replace -> replace(replace, time);
      case Fault.ClockJump(int machine, int by) -> host(machine).jumpWall(millis(by));
      case Fault.ClockWrong(int machine, int by) -> wrongClock(machine(machine), by, time);
      case Fault.Repair(int machine, String what) -> operator.repair(machine(machine), what);
      case Fault.Snapshot(int machine) -> operator.snapshot(machine(machine));
      case Fault.Look(int machine) -> operator.look(machine(machine));
      case Fault.Manage(int machine, int other, int number) ->
          operator.manage(machine(machine), machine(other), number);
      case Fault.Upgrade() -> upgrade(time);
      case Fault.Directories(int machine, int count, boolean lastReadOnly) ->
          directories(machine(machine), count, lastReadOnly);
      case Fault.MetadataErrors(int machine, boolean kept) ->
          metadataErrors(machine(machine), kept, time);
      case Fault.LostBlock(int machine, int file) -> loseBlock(machine, file, time);
      case Fault.ClockDrift(int machine, int ppm) -> host(machine).driftWall(ppm);
    }
  }

  private void crash(Machine machine, boolean power, long time) {
    crash(machine, power);
    pause(time);
    machine.start();
  }

  private void crashAll(boolean power, long time) {
    cluster.machines().forEach(machine -> crash(machine, power));
    pause(time);
    startAll();
  }

  private void restart(Machine machine, long time) {
    machine.stop();
    pause(time);
    machine.start();
  }

  private void freeze(SimNode host, long time) {
    host.freeze();
    pause(time);
    host.thaw();
  }

  private void wipe(Machine machine, long time) {
    crash(machine, true);
    machine.blockDisks().forEach(SimDisk::wipe);
    pause(time);
    machine.start();
  }

  private void wrongClock(Machine machine, int by, long time) {
    wrongClock(machine, by);
    pause(time);
    wrongClock(machine, -by);
  }

  private void directories(Machine machine, int count, boolean lastReadOnly) {
    machine.stop();
    machine.directories(count, lastReadOnly);
    machine.start();
    operator.repair(machine, "\"rebalance\"");
  }

  private void loseBlock(int machine, int file, long time) {
    spoil(
        machine,
        file,
        (disk, path) -> {
          operator.lost(path);
          disk.delete(path);
        });
    purging = machine(machine);
    pause(time);
    while (!purged()) {
      pause(PURGE_AGAIN_MILLIS);
    }
  }

  /** Whether what needs a block that was lost is gone; if it is not, the operator tries again. */
  public boolean purged() {
    Machine at = purging;
    return at == null || operator.purge(at);
  }

  /** Whether no scrub is paused any more; if one is, the operator tries again to let it go on. */
  public boolean resumed() {
    return operator.resume();
  }

  private void upgrade(long time) {
    for (Machine machine : cluster.machines()) {
      if (!machine.isRetired()) {
        restart(machine, time / cluster.machines().size());
      }
    }
  }

  private void metadataErrors(Machine machine, boolean kept, long time) {
    broken.add(machine);
    machine.failMetadata(kept);
    pause(time);
    machine.healMetadata();
    machine.kill();
    broken.remove(machine);
    machine.start();
  }

  private void wrongClock(Machine machine, int by) {
    machine.host().jumpWall(millis(by));
    wrongMillis.merge(machine.name(), by, Integer::sum);
  }

  private static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }

  private static void crash(Machine machine, boolean power) {
    if (power) {
      machine.powerOff();
    } else {
      machine.kill();
    }
  }

  private void startAll() {
    List<Tasks.Task> starts = new ArrayList<>();
    for (Machine machine : cluster.machines()) {
      starts.add(cluster.world().tasks().start("start " + machine.name(), machine::start));
    }
    starts.forEach(Tasks.Task::join);
  }

  private void partition(int side, long time) {
    List<SimNode> one = new ArrayList<>();
    List<SimNode> other = new ArrayList<>();
    for (int i = 0; i < cluster.machines().size(); i++) {
      ((side >> i & 1) == 1 ? one : other).add(host(i));
    }
    network().partition(one, other);
    pause(time);
    for (SimNode a : one) {
      for (SimNode b : other) {
        network().heal(a, b);
        network().heal(b, a);
      }
    }
  }

  private void badLinks(Fault.BadLinks bad, long time) {
    network()
        .faults(
            LinkFaults.NONE
                .withDelay(Duration.ofNanos(100_000), millis(bad.delayMillis()))
                .withStalls(bad.stalls(), Duration.ofSeconds(3))
                .withResets(bad.resets()));
    pause(time);
    network().faults(LinkFaults.NONE);
  }

  /** A file that holds a block. */
  private record BlockFile(SimDisk disk, String path) {}

  private void spoil(int machine, int file, BiConsumer<SimDisk, String> how) {
    List<BlockFile> files = new ArrayList<>();
    for (SimDisk disk : machine(machine).blockDisks()) {
      disk.files().stream()
          .filter(f -> f.matches("([^/]*/)*[0-9a-f]{64}[^/]*"))
          .forEach(path -> files.add(new BlockFile(disk, path)));
    }
    if (!files.isEmpty()) {
      BlockFile chosen = files.get(file % files.size());
      how.accept(chosen.disk(), chosen.path());
    }
  }

  private void misdirect(int machine, int from, int to) {
    spoil(
        machine,
        from,
        (disk, source) -> spoil(machine, to, (_, target) -> disk.misdirect(source, target)));
  }

  private void replace(Fault.Replace lost, long time) {
    machine(lost.machine()).retire();
    replacing = lost;
    pause(time);
    relayout(lost.members(), lost.copies());
  }

  /** Tries at one machine after the other, as often as an operator would. */
  private void relayout(int members, int copies) {
    List<Machine> machines = cluster.machines();
    for (int i = 0; i < RELAYOUTS_MAX; i++) {
      List<Machine> chosen = lasting(members);
      if (chosen.size() < copies
          || cluster.relayout(machines.get(i % machines.size()), chosen, copies)) {
        return;
      }
      pause(RELAYOUT_AGAIN_MILLIS);
    }
  }

  /** Nobody gives a role to a machine that is gone for ever. */
  private List<Machine> lasting(int members) {
    List<Machine> machines = cluster.machines();
    return cluster.lasting().stream()
        .filter(m -> (members >> machines.indexOf(m) & 1) == 1)
        .toList();
  }

  /**
   * Whether no machine that is gone for ever has a role; if one has, because the faults ended
   * before its place could be given to another, the operator tries once more.
   */
  public boolean replaced() {
    Fault.Replace lost = replacing;
    Machine at = cluster.lasting().getFirst();
    if (lost == null || !cluster.hasRole(at, machine(lost.machine()))) {
      return true;
    }
    cluster.relayout(at, lasting(lost.members()), lost.copies());
    return false;
  }

  private void diskErrors(Fault.DiskErrors errors, long time) {
    for (SimDisk disk : machine(errors.machine()).blockDisks()) {
      disk.failReads(errors.reads());
      disk.failWrites(errors.writes());
      disk.failSyncs(errors.syncs());
    }
    pause(time);
    healDisk(machine(errors.machine()));
  }

  private void diskFull(Machine machine, long time) {
    machine.blockDisks().forEach(disk -> disk.capacity(0));
    machine.full(true);
    pause(time);
    healDisk(machine);
  }

  private static void healDisk(Machine machine) {
    for (SimDisk disk : machine.blockDisks()) {
      disk.failReads(0);
      disk.failWrites(0);
      disk.failSyncs(0);
      disk.capacity(DISK_BYTES);
    }
    machine.full(false);
  }
}
