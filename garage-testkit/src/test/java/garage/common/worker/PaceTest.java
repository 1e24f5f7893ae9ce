package garage.common.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Clock;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

/** How background work gives way to clients. */
class PaceTest {
  private static final Duration WORK = Duration.ofMillis(10);
  private static final int USUAL_MICROS = 2_000;
  private static final int LATE_MICROS = 8_000;

  @Test
  void withoutClientsNothingRests() {
    onPace((clock, pace) -> {
      assertEquals(Duration.ZERO, pace.pause(WORK, Pace.Hurry.LEISURE));
      clients(clock, pace, Pace.Work.ROW_READ, USUAL_MICROS, 1);
      assertTrue(share(pace, Pace.Hurry.LEISURE) < 1);
      clock.sleep(Duration.ofMillis(1_100));
      assertEquals(new WorkerState.Busy(), pace.after(WORK, Pace.Hurry.LEISURE));
    });
  }

  @Test
  void whatClientsDoNotFeelTakesMoreAndMore() {
    onPace((clock, pace) -> {
      clients(clock, pace, Pace.Work.ROW_WRITE, USUAL_MICROS, 5);
      assertEquals(Duration.ZERO, pace.pause(WORK, Pace.Hurry.LEISURE));
      assertEquals(0.04, share(pace, Pace.Hurry.DAILY), 0.001, "the most it takes beside clients");
    });
  }

  @Test
  void whatClientsFeelFallsToItsLeastWithinSecondsAndRecovers() {
    for (Pace.Work work : Pace.Work.values()) {
      onPace((clock, pace) -> {
        clients(clock, pace, work, USUAL_MICROS, 5);
        clients(clock, pace, work, LATE_MICROS, 3);
        assertEquals(0.02, share(pace, Pace.Hurry.LEISURE), 0.001, work.name());
        assertEquals(0.01, share(pace, Pace.Hurry.DAILY), 0.001, work.name());
        assertEquals(0.25, share(pace, Pace.Hurry.REPAIR), 0.001, work.name());
        clients(clock, pace, work, USUAL_MICROS, 10);
        assertEquals(Duration.ZERO, pace.pause(WORK, Pace.Hurry.LEISURE), work.name());
      });
    }
  }

  @Test
  void oneKindThatIsLateIsEnoughHoweverManyOthersAreNot() {
    onPace((clock, pace) -> {
      clients(clock, pace, Pace.Work.ROW_WRITE, USUAL_MICROS, 5);
      for (int i = 0; i < 500; i++) {
        clients(clock, pace, Pace.Work.ROW_READ, USUAL_MICROS, 0.05);
        pace.client(Pace.Work.ROW_WRITE, Duration.ofMillis(8), 0);
      }
      assertEquals(0.02, share(pace, Pace.Hurry.LEISURE), 0.001);
    });
  }

  @Test
  void aLoadThatStaysIsForgotten() {
    onPace((clock, pace) -> {
      clients(clock, pace, Pace.Work.ROW_READ, USUAL_MICROS, 5);
      clients(clock, pace, Pace.Work.ROW_READ, LATE_MICROS, 150);
      assertEquals(Duration.ZERO, pace.pause(WORK, Pace.Hurry.LEISURE));
    });
  }

  /** Times of requests have long tails: that alone is no reason to rest. */
  @Test
  void clientsWhoseTimesVaryAsAlwaysAreNotLate() {
    Random random = new Random(7);
    onPace((clock, pace) -> {
      double sum = 0;
      for (int i = 0; i < 600; i++) {
        IntSupplier varying = () -> (int) (-2_000 * Math.log(1 - random.nextDouble()));
        clientsOf(clock, pace, Pace.Work.ROW_READ, varying, 0.2);
        sum += share(pace, Pace.Hurry.LEISURE);
      }
      assertTrue(sum / 600 > 0.3, "a share of " + sum / 600);
    });
  }

  @Test
  void aLargeBlockIsComparedByWhatAPartOfItTakes() {
    onPace((clock, pace) -> {
      clients(clock, pace, Pace.Work.BLOCK_READ, USUAL_MICROS, 5);
      for (int i = 0; i < 500; i++) {
        clock.sleep(Duration.ofMillis(10));
        pace.client(Pace.Work.BLOCK_READ, Duration.ofMillis(32), (1 << 20) - 1);
      }
      assertEquals(Duration.ZERO, pace.pause(WORK, Pace.Hurry.LEISURE));
    });
  }

  @Test
  void whatFailsLateIsLateToo() {
    onPace((clock, pace) -> {
      clients(clock, pace, Pace.Work.ROW_READ, USUAL_MICROS, 5);
      for (int i = 0; i < 4; i++) {
        try {
          pace.client(
              Pace.Work.ROW_READ,
              () -> {
                clock.sleep(Duration.ofSeconds(1));
                throw new IllegalStateException("late");
              });
        } catch (IllegalStateException e) {
          assertEquals("late", e.getMessage());
        }
      }
      assertTrue(share(pace, Pace.Hurry.LEISURE) < 0.1);
    });
  }

  /** The share of its time that work takes which rests as it is told. */
  private static double share(Pace pace, Pace.Hurry hurry) {
    double worked = WORK.toNanos();
    return worked / (worked + pace.pause(WORK, hurry).toNanos());
  }

  private static void clients(Clock clock, Pace pace, Pace.Work work, int micros, double seconds) {
    clientsOf(clock, pace, work, () -> micros, seconds);
  }

  /** A hundred operations a second, each of which takes so many microseconds. */
  private static void clientsOf(
      Clock clock, Pace pace, Pace.Work work, IntSupplier micros, double seconds) {
    for (int i = 0; i < seconds * 100; i++) {
      clock.sleep(Duration.ofMillis(10));
      pace.client(work, Duration.ofNanos(micros.getAsInt() * 1_000L), 0);
    }
  }

  private static void onPace(BiConsumer<Clock, Pace> test) {
    Simulation.run(1, simulation -> test.accept(simulation.clock(), new Pace(simulation.clock())));
  }
}
