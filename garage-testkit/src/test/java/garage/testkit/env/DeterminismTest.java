package garage.testkit.env;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Clock;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.DiskFile;
import garage.common.env.Gate;
import garage.common.env.Mailbox;
import garage.common.env.Network;
import garage.common.env.Promise;
import garage.common.error.GarageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/**
 * The promise on which every simulation rests: a seed determines everything. A busy world of more
 * than fifty tasks - locks, queues, promises, timers, network, disks, faults and crashes - is run
 * twice, and the two traces compared byte for byte.
 */
final class DeterminismTest {
  private static final int PORT = 3901;
  private static final int SEEDS = 4;
  private static final int ROUNDS = 4;
  private static final List<String> NAMES = List.of("a", "b", "c");

  @Test
  void equalSeedsGiveEqualTraces() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Trace first = busyWorld(seed).trace();
      Trace second = busyWorld(seed).trace();
      assertTrue(first.count() > 5_000, "only " + first.count() + " events");
      assertEquals(first.text(), second.text(), "seed " + seed);
      assertEquals(first.digest(), second.digest());
      assertEquals(first.count(), second.count());
    }
  }

  @Test
  void differentSeedsGiveDifferentTraces() {
    Set<Long> digests = new HashSet<>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      digests.add(busyWorld(seed).trace().digest());
    }
    assertEquals(SEEDS, digests.size());
  }

  private static Simulation busyWorld(long seed) {
    return Simulation.run(
        seed,
        world -> {
          world
              .network()
              .faults(LinkFaults.NONE.withResets(0.002).withStalls(0.01, Duration.ofSeconds(1)));
          NAMES.forEach(name -> start(world, world.node(name)));
          for (int round = 0; round < ROUNDS; round++) {
            world.clock().sleep(Duration.ofMillis(world.random().between(10, 300)));
            upset(world, world.node(NAMES.get(world.random().nextInt(NAMES.size()))));
          }
        });
  }

  private static void upset(Simulation world, SimNode node) {
    switch (world.random().nextInt(6)) {
      case 0 -> {
        node.powerOff();
        world.clock().sleep(Duration.ofMillis(20));
        node.start();
        start(world, node);
      }
      case 1 -> {
        node.kill();
        node.start();
        start(world, node);
      }
      case 2 -> world.network().isolate(node);
      case 3 -> world.network().heal();
      case 4 -> {
        node.freeze();
        world.clock().sleep(Duration.ofMillis(50));
        node.thaw();
      }
      default -> node.jumpWall(Duration.ofSeconds(world.random().between(-100, 100)));
    }
  }

  /** Twenty-odd tasks for a node. */
  private static void start(Simulation world, SimNode node) {
    Busy busy = new Busy(world, node);
    node.tasks().start("listen", busy::listen);
    for (int i = 0; i < 6; i++) {
      node.tasks().start("locker" + i, busy::lock);
      node.tasks().start("putter" + i, busy::put);
      node.tasks().start("taker" + i, busy::take);
    }
    node.tasks().start("writer", busy::write);
    for (String peer : NAMES) {
      node.tasks().start("caller-" + peer, () -> busy.call(world.node(peer)));
    }
  }

  /** What the tasks of one life of a node share. */
  private static final class Busy {
    private final Simulation world;
    private final SimNode node;
    private final Clock clock;
    private final Network network;
    private final SimDisk disk;
    private final ReentrantLock lock = new ReentrantLock();
    private final Gate gate;
    private final Mailbox<Integer> mailbox;
    private final LinkedBlockingQueue<Integer> queue = new LinkedBlockingQueue<>(3);
    private int turns;

    Busy(Simulation world, SimNode node) {
      this.world = world;
      this.node = node;
      this.clock = node.clock();
      this.network = node.network();
      this.disk = node.disk("data");
      this.gate = new Gate(clock);
      this.mailbox = new Mailbox<>(clock, 2);
    }

    void listen() {
      network.listen(node.address(PORT), this::echo);
    }

    private void echo(Connection connection) {
      ByteBuffer frame = connection.receive();
      while (frame != null) {
        connection.send(frame);
        frame = connection.receive();
      }
      connection.close();
    }

    void call(SimNode peer) {
      while (true) {
        try (Connection connection =
            network.connect(peer.address(PORT), Deadline.after(clock, Duration.ofMillis(100)))) {
          for (int i = 0; i < 20; i++) {
            connection.send(
                ByteBuffer.wrap(node.random().bytes(100 + node.random().nextInt(9000))));
            ByteBuffer answer = connection.receive();
            world.note("answer " + (answer == null ? -1 : answer.remaining()));
          }
        } catch (GarageException.Unreachable | GarageException.TimedOut e) {
          world.note(String.valueOf(e.getMessage()));
        }
        clock.sleep(Duration.ofMillis(5));
      }
    }

    void lock() {
      while (true) {
        lock.lock();
        try {
          clock.sleep(Duration.ofMillis(node.random().nextInt(4)));
          gate.update(() -> turns++);
        } finally {
          lock.unlock();
        }
        clock.sleep(Duration.ofMillis(3));
      }
    }

    void put() {
      while (true) {
        Promise<Integer> promise = new Promise<>(clock);
        clock.schedule(Duration.ofMillis(node.random().nextInt(9)), () -> promise.complete(turns));
        int value = promise.await(Deadline.NEVER);
        if (!mailbox.offer(value)) {
          try {
            queue.put(value);
          } catch (InterruptedException e) {
            return;
          }
        }
        clock.sleep(Duration.ofMillis(2));
      }
    }

    void take() {
      while (true) {
        Integer value = mailbox.take(Deadline.after(clock, Duration.ofMillis(3)));
        Integer other = queue.poll();
        world.note(node.name() + " took " + value + " and " + other);
      }
    }

    void write() {
      for (int i = 0; true; i = (i + 1) % 10) {
        try (DiskFile file = disk.create("file" + i)) {
          file.write(0, ByteBuffer.wrap(node.random().bytes(2000)));
          file.sync();
        }
        disk.rename("file" + i, "kept" + i);
        if (i % 3 == 0) {
          disk.syncDirectory("");
        }
        world.note(node.name() + " has " + disk.list(""));
      }
    }
  }
}
