package garage.common.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import garage.testkit.property.Generator;
import garage.testkit.property.Property;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Hybrid time never goes back, follows what it sees, and refuses the future. */
final class HybridClockTest {
  private static HybridClock clock(SimNode node, int boot) {
    return new HybridClock(node.clock(), node.id(), boot);
  }

  @Test
  void everyTimestampIsAboveTheOnesBeforeWhateverTheWallDoes() {
    Property.check(
        "hybrid clock is monotone",
        50,
        g ->
            Simulation.run(
                g.seed(),
                world -> {
                  SimNode node = world.node("a");
                  HybridClock clock = clock(node, 1);
                  Timestamp last = Timestamp.ZERO;
                  for (int i = 0; i < 200; i++) {
                    upset(g, node, clock);
                    Timestamp next = clock.now();
                    assertTrue(next.isAfter(last), next + " is not after " + last);
                    last = next;
                  }
                }));
  }

  private static void upset(Generator g, SimNode node, HybridClock clock) {
    switch (g.between(0, 4)) {
      case 0 -> node.jumpWall(Duration.ofMillis(g.between(-100_000, 100_000)));
      case 1 -> node.clock().sleep(Duration.ofMillis(g.between(0, 100)));
      case 2 -> {
        long ticks = (node.clock().wallMillis() + g.between(-9_000, 9_000)) << 16;
        clock.observe(new Timestamp(ticks, g.anyLong(), 0));
      }
      default -> {}
    }
  }

  @Test
  void followsTheWallWhileItMovesForward() {
    Simulation.run(
        1,
        world -> {
          SimNode node = world.node("a");
          HybridClock clock = clock(node, 1);
          assertEquals(node.clock().wallMillis(), clock.now().millis());
          node.clock().sleep(Duration.ofSeconds(5));
          assertEquals(node.clock().now(), clock.now().instant());
        });
  }

  @Test
  void keepsItsPlaceWhenTheWallLeapsBack() {
    Simulation.run(
        2,
        world -> {
          SimNode node = world.node("a");
          HybridClock clock = clock(node, 1);
          Timestamp before = clock.now();
          node.jumpWall(Duration.ofHours(-1));
          Timestamp after = clock.now();
          assertEquals(before.ticks() + 1, after.ticks());
        });
  }

  @Test
  void isAboveWhateverItObserved() {
    Simulation.run(
        3,
        world -> {
          SimNode slow = world.node("slow");
          SimNode fast = world.node("fast");
          fast.jumpWall(Duration.ofSeconds(9));
          HybridClock slowClock = clock(slow, 1);
          Timestamp seen = clock(fast, 1).now();
          slowClock.observe(seen);
          assertTrue(slowClock.now().isAfter(seen));
          slowClock.observe(Timestamp.ZERO);
          assertTrue(slowClock.now().isAfter(seen));
        });
  }

  @Test
  void refusesWhatIsMoreThanTenSecondsAheadAndIsNotMovedByIt() {
    Simulation.run(
        4,
        world -> {
          SimNode node = world.node("a");
          HybridClock clock = clock(node, 1);
          long wall = node.clock().wallMillis();
          clock.observe(new Timestamp((wall + 10_000) << 16, 0, 0));
          assertEquals(wall + 10_000, clock.now().millis());
          GarageException.Conflict refused =
              assertThrows(
                  GarageException.Conflict.class,
                  () -> clock.observe(new Timestamp(((wall + 10_001) << 16) + 1, 0, 0)));
          assertTrue(refused.toString().contains("10001 ms ahead"), refused.toString());
          assertThrows(
              GarageException.Conflict.class,
              () -> clock.observe(new Timestamp(Long.MAX_VALUE, 0, 0)));
          assertEquals(wall + 10_000, clock.now().millis());
        });
  }

  @Test
  void peerIsNotRefusedForWhatThisClockHadReachedItself() {
    Simulation.run(
        5,
        world -> {
          SimNode node = world.node("a");
          HybridClock clock = clock(node, 1);
          Timestamp mine = clock.now();
          node.jumpWall(Duration.ofMinutes(-5));
          clock.observe(mine);
          assertTrue(clock.now().isAfter(mine));
        });
  }

  @Test
  void nothingIsRepeatedOverRestartsWithTheWallSetBack() {
    Simulation.run(
        6,
        world -> {
          SimNode node = world.node("a");
          Set<Timestamp> given = new HashSet<>();
          for (int boot = 1; boot <= 20; boot++) {
            HybridClock clock = clock(node, boot);
            for (int i = 0; i < 50; i++) {
              assertTrue(given.add(clock.now()));
            }
            node.kill();
            node.start();
            node.jumpWall(Duration.ofMillis(-1));
          }
          assertEquals(1000, given.size());
        });
  }

  @Test
  void nodesThatCountAlikeNeverGiveEqualTimestamps() {
    Simulation.run(
        7,
        world ->
            assertTrue(
                clock(world.node("a"), 1).now().compareTo(clock(world.node("b"), 1).now()) != 0));
  }

  @Test
  void encodedTimestampsSortAsTheTimestampsDo() {
    Property.check(
        "timestamp order",
        1000,
        g -> {
          Timestamp a = g.bool() ? g.timestamp() : g.closeTimestamp();
          Timestamp b = g.bool() ? g.timestamp() : g.closeTimestamp();
          byte[] left = new Writer().value(a, Timestamp.CODEC).toBytes();
          byte[] right = new Writer().value(b, Timestamp.CODEC).toBytes();
          assertEquals(Timestamp.ENCODED_BYTES, left.length);
          assertEquals(
              Integer.signum(a.compareTo(b)), Integer.signum(Arrays.compareUnsigned(left, right)));
          assertEquals(a.compareTo(b) >= 0 ? a : b, a.max(b));
        });
  }

  @Test
  void textShowsMillisecondsCounterNodeAndBoot() {
    NodeId node = new Generator(1).nodeId();
    Timestamp at = new Timestamp((1_000L << 16) + 7, node.value().first(), 3);
    assertEquals("1000.7@" + Long.toHexString(node.value().first()) + "/3", at.toString());
  }
}
