package garage.testkit.env;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.RandomSource;
import garage.common.env.system.SystemRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Randomness, seeded and real. */
final class SeededRandomTest {
  @Test
  void seedDeterminesEveryNumberOnEveryMachine() {
    SeededRandom random = new SeededRandom(42);
    assertEquals(new SeededRandom(42).nextLong(), random.nextLong());
    assertArrayEquals(new SeededRandom(7).bytes(33), new SeededRandom(7).bytes(33));
  }

  @Test
  void firstNumbersAreThoseOfSplitMix64() {
    SeededRandom random = new SeededRandom(1234567);
    assertEquals(6457827717110365317L, random.nextLong());
    assertEquals(3203168211198807973L, random.nextLong());
  }

  @Test
  void splitsDoNotDisturbEachOther() {
    SeededRandom one = new SeededRandom(1);
    SeededRandom left = one.split("left");
    SeededRandom right = one.split("right");
    long first = right.nextLong();
    SeededRandom two = new SeededRandom(1);
    SeededRandom otherLeft = two.split("left");
    SeededRandom otherRight = two.split("right");
    otherLeft.nextLong();
    assertEquals(first, otherRight.nextLong());
    assertTrue(left.nextLong() != right.nextLong());
  }

  @Test
  void boundedNumbersFillTheirRange() {
    for (RandomSource random : List.of(new SeededRandom(3), new SystemRandom())) {
      Set<Integer> seen = new HashSet<>();
      for (int i = 0; i < 1000; i++) {
        int n = random.nextInt(7);
        assertTrue(n >= 0 && n < 7);
        seen.add(n);
      }
      assertEquals(7, seen.size());
      assertThrows(IllegalArgumentException.class, () -> random.nextInt(0));
      assertEquals(20, random.bytes(20).length);
    }
  }
}
