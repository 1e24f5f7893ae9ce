package garage.testkit.env;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Address;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.Mailbox;
import garage.common.env.Tasks.Task;
import garage.common.error.GarageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** How the simulated network delays, blocks, resets and, only where asked to, loses. */
final class SimNetworkTest {
  private static final int PORT = 3901;
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** Two nodes, and a connection from {@code a} to {@code b}. */
  private static final class Two {
    final Simulation world;
    final SimNode a;
    final SimNode b;
    final SimNetwork network;
    final Connection near;
    final Connection far;

    Two(Simulation world) {
      this.world = world;
      this.network = world.network();
      this.a = world.node("a");
      this.b = world.node("b");
      Mailbox<Connection> accepted = new Mailbox<>(world.clock(), 1);
      b.network().listen(b.address(PORT), accepted::offer);
      this.near = connect();
      this.far = Objects.requireNonNull(accepted.take(Deadline.NEVER));
    }

    Connection connect() {
      return a.network().connect(b.address(PORT), Deadline.after(a.clock(), SECOND));
    }

    /** What arrives at {@code end} from now on. */
    List<Integer> collect(Connection end) {
      List<Integer> frames = new ArrayList<>();
      world
          .tasks()
          .start(
              "collector",
              () -> {
                ByteBuffer frame = end.receive();
                while (frame != null) {
                  frames.add(frame.getInt());
                  frame = end.receive();
                }
                frames.add(-1);
              });
      return frames;
    }

    void sleep(Duration time) {
      world.clock().sleep(time);
    }
  }

  private static void two(long seed, Consumer<Two> body) {
    Simulation.run(seed, world -> body.accept(new Two(world)));
  }

  private static ByteBuffer frame(int number) {
    return ByteBuffer.allocate(4).putInt(0, number);
  }

  @Test
  void frameTravelsAsLongAsItsLinkTakes() {
    two(
        1,
        net -> {
          net.network.faults(
              net.a,
              net.b,
              LinkFaults.NONE.withDelay(Duration.ofMillis(70), Duration.ofMillis(70)));
          long start = net.world.clock().nanos();
          net.near.send(frame(1));
          net.far.receive();
          assertEquals(Duration.ofMillis(70).toNanos(), net.world.clock().nanos() - start);
          net.far.send(frame(2));
          net.near.receive();
          assertTrue(net.world.clock().nanos() - start < Duration.ofMillis(80).toNanos());
        });
  }

  @Test
  void blockedDirectionHoldsFramesBackAndLosesNone() {
    two(
        2,
        net -> {
          List<Integer> atFar = net.collect(net.far);
          List<Integer> atNear = net.collect(net.near);
          net.network.block(net.a, net.b);
          for (int i = 0; i < 5; i++) {
            net.near.send(frame(i));
            net.far.send(frame(i + 10));
          }
          net.sleep(SECOND);
          assertEquals(List.of(), atFar);
          assertEquals(List.of(10, 11, 12, 13, 14), atNear, "the other direction is open");
          net.network.heal();
          net.near.send(frame(5));
          net.sleep(SECOND);
          assertEquals(List.of(0, 1, 2, 3, 4, 5), atFar);
        });
  }

  @Test
  void clogEndsByItself() {
    two(
        3,
        net -> {
          List<Integer> atFar = net.collect(net.far);
          net.network.clog(net.a, net.b, SECOND.multipliedBy(10));
          net.near.send(frame(1));
          net.sleep(SECOND.multipliedBy(9));
          assertEquals(List.of(), atFar);
          net.sleep(SECOND.multipliedBy(2));
          assertEquals(List.of(1), atFar);
        });
  }

  @Test
  void senderIsResetWhenThePartitionOutlastsItsKernel() {
    two(
        4,
        net -> {
          net.network.giveUpAfter(Duration.ofSeconds(30));
          net.network.isolate(net.b);
          net.near.send(frame(1));
          long start = net.world.clock().nanos();
          assertNull(net.near.receive());
          assertEquals(Duration.ofSeconds(30).toNanos(), net.world.clock().nanos() - start);
          net.network.heal();
          List<Integer> atFar = net.collect(net.far);
          net.sleep(SECOND.multipliedBy(100));
          assertEquals(List.of(), atFar, "half open: nobody told this end");
          net.far.send(frame(2));
          net.sleep(SECOND);
          assertEquals(List.of(-1), atFar, "reset by what it sent");
        });
  }

  @Test
  void partitionSeparatesTheTwoSidesOnly() {
    Simulation.run(
        5,
        world -> {
          SimNode a = world.node("a");
          SimNode b = world.node("b");
          SimNode c = world.node("c");
          for (SimNode node : List.of(a, b, c)) {
            node.network().listen(node.address(PORT), connection -> {});
          }
          world.network().partition(List.of(a), List.of(b, c));
          Deadline deadline = Deadline.after(a.clock(), SECOND);
          long start = a.clock().nanos();
          assertThrows(
              GarageException.TimedOut.class, () -> a.network().connect(b.address(PORT), deadline));
          assertEquals(SECOND.toNanos(), a.clock().nanos() - start);
          c.network().connect(b.address(PORT), Deadline.NEVER).close();
          a.network().connect(a.address(PORT), Deadline.NEVER).close();
          assertThrows(
              GarageException.Unreachable.class,
              () -> a.network().connect(b.address(PORT), Deadline.NEVER));
          world.network().heal();
          a.network().connect(b.address(PORT), Deadline.NEVER).close();
        });
  }

  @Test
  void resetEndsBothEnds() {
    two(
        6,
        net -> {
          List<Integer> atFar = net.collect(net.far);
          net.network.reset(net.a, net.b);
          assertNull(net.near.receive());
          assertThrows(GarageException.Unreachable.class, () -> net.near.send(frame(1)));
          net.sleep(SECOND);
          assertEquals(List.of(-1), atFar);
        });
  }

  @Test
  void killedProcessEndsItsConnectionsAndRefusesNewOnes() {
    two(
        7,
        net -> {
          net.b.kill();
          assertNull(net.near.receive());
          assertThrows(GarageException.Unreachable.class, net::connect);
          net.b.start();
          assertThrows(GarageException.Unreachable.class, net::connect, "nobody listens yet");
          net.b.network().listen(new Address("0.0.0.0", PORT), connection -> {});
          net.connect().close();
        });
  }

  @Test
  void machineWithoutPowerSaysNothingUntilItIsBackAndSpokenTo() {
    two(
        8,
        net -> {
          List<Integer> atNear = net.collect(net.near);
          net.b.powerOff();
          net.near.send(frame(1));
          net.sleep(SECOND.multipliedBy(60));
          assertEquals(List.of(), atNear);
          assertThrows(GarageException.TimedOut.class, net::connect);
          net.b.start();
          net.sleep(SECOND);
          assertEquals(List.of(-1), atNear);
        });
  }

  @Test
  void frozenProcessKeepsConnectionsAndTakesNoNewOnes() {
    two(
        9,
        net -> {
          List<Integer> atNear = net.collect(net.near);
          net.b.freeze();
          net.near.send(frame(1));
          net.sleep(SECOND.multipliedBy(60));
          assertEquals(List.of(), atNear);
          assertThrows(GarageException.TimedOut.class, net::connect);
          net.b.thaw();
          net.connect().close();
          assertNotNull(net.far.receive());
        });
  }

  @Test
  void closeMayLoseWhatWasSentButKeepsItsOrder() {
    Set<Integer> lengths = new HashSet<>();
    for (int seed = 0; seed < 40; seed++) {
      two(
          seed,
          net -> {
            List<Integer> atFar = net.collect(net.far);
            for (int i = 0; i < 5; i++) {
              net.near.send(frame(i));
            }
            net.near.close();
            net.sleep(SECOND);
            assertEquals(-1, atFar.getLast());
            for (int i = 0; i < atFar.size() - 1; i++) {
              assertEquals(i, atFar.get(i));
            }
            lengths.add(atFar.size());
          });
    }
    assertTrue(lengths.contains(6) && lengths.size() > 1, "lengths " + lengths);
  }

  @Test
  void randomResetsComeUp() {
    int[] resets = new int[1];
    for (int seed = 0; seed < 20; seed++) {
      two(
          seed,
          net -> {
            net.network.faults(LinkFaults.NONE.withResets(0.1));
            try {
              for (int i = 0; i < 20; i++) {
                net.near.send(frame(i));
              }
            } catch (GarageException.Unreachable e) {
              resets[0]++;
            }
          });
    }
    assertTrue(resets[0] > 5, resets[0] + " resets");
  }

  @Test
  void refusalsComeUp() {
    two(
        10,
        net -> {
          net.network.faults(LinkFaults.NONE.withRefusals(1));
          assertThrows(GarageException.Unreachable.class, net::connect);
        });
  }

  @Test
  void looseFramesAreLostDoubledAndReorderedWhereAskedFor() {
    two(
        11,
        net -> {
          net.network.faults(
              LinkFaults.NONE
                  .withDelay(Duration.ZERO, Duration.ofMillis(50))
                  .withFrames(0.2, 0.2, 0.5));
          List<Integer> atFar = net.collect(net.far);
          for (int i = 0; i < 200; i++) {
            net.near.send(frame(i));
          }
          net.sleep(SECOND);
          Set<Integer> distinct = new HashSet<>(atFar);
          assertTrue(distinct.size() < 200, "lost");
          assertTrue(distinct.size() > 100, "not all lost");
          assertTrue(atFar.size() > distinct.size(), "doubled");
          assertFalse(atFar.equals(atFar.stream().sorted().toList()), "reordered");
        });
  }

  @Test
  void namesResolveToWhatTheyWereGiven() {
    Simulation.run(
        12,
        world -> {
          SimNode a = world.node("a");
          SimNode b = world.node("b");
          world.network().dns("garage.test", a, b);
          assertEquals(
              List.of(new Address(a.ip(), 7), new Address(b.ip(), 7)),
              a.network().resolve(new Address("garage.test", 7)));
          assertEquals(List.of(new Address(b.ip(), 7)), a.network().resolve(b.address(7)));
          world.network().dns("garage.test");
          assertEquals(List.of(), a.network().resolve(new Address("garage.test", 7)));
        });
  }

  @Test
  void blockedSenderWaitsForRoomAcrossAPartition() {
    two(
        13,
        net -> {
          int[] sent = new int[1];
          net.network.block(net.b, net.a);
          Task flood =
              net.a
                  .tasks()
                  .start(
                      "flood",
                      () -> {
                        for (int i = 0; i < 20; i++) {
                          net.near.send(ByteBuffer.allocate(Connection.FRAME_BYTES_MAX));
                          sent[0]++;
                        }
                      });
          net.collect(net.far);
          net.sleep(SECOND);
          assertEquals(
              Wire.BUFFER_BYTES / Connection.FRAME_BYTES_MAX, sent[0], "no acknowledgement came");
          net.network.heal();
          flood.join();
          assertEquals(20, sent[0]);
        });
  }
}
