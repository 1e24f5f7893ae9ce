package garage.testkit.property;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The seed protocol: tries repeat, failures name a seed that fails again. */
final class PropertyTest {
  private static List<List<Long>> inputs(String name) {
    List<List<Long>> inputs = new ArrayList<>();
    Property.check(name, 30, g -> inputs.add(g.list(Generator::anyLong)));
    return inputs;
  }

  @Test
  void triesOfAPropertyAreTheSameEachTimeAndOthersForAnotherName() {
    assertEquals(30, inputs("one").size());
    assertEquals(inputs("one"), inputs("one"));
    assertNotEquals(inputs("one"), inputs("two"));
  }

  @Test
  void inputsGrowFromTryToTry() {
    List<Integer> sizes = new ArrayList<>();
    Property.check("sizes", 100, g -> sizes.add(g.size()));
    assertEquals(sizes.stream().sorted().toList(), sizes);
    assertEquals(1, sizes.getFirst());
    assertEquals(64, sizes.getLast());
  }

  @Test
  void failureNamesASeedThatFailsAgainWithTheSameInput() {
    List<Long> failed = new ArrayList<>();
    IllegalStateException cause = new IllegalStateException("too large");
    AssertionError error =
        assertThrows(
            AssertionError.class,
            () ->
                Property.check(
                    "fails for large numbers",
                    1000,
                    g -> {
                      long input = g.natural();
                      if (input > 1_000_000) {
                        failed.add(input);
                        throw cause;
                      }
                    }));
    assertSame(cause, error.getCause());
    Matcher seed = Pattern.compile("-Dgarage.seed=(-?\\d+)").matcher(error.toString());
    assertTrue(seed.find(), error.toString());
    assertEquals(1, failed.size());
    assertEquals(failed.getFirst(), new Generator(Long.parseLong(seed.group(1))).natural());
  }

  @Test
  void generatorsStayInTheirRangesAndReachTheEnds() {
    Set<Integer> seen = new HashSet<>();
    Property.check(
        "ranges",
        500,
        g -> {
          int n = g.between(-3, 3);
          assertTrue(n >= -3 && n <= 3);
          seen.add(n);
          assertTrue(g.natural() >= 0);
          assertTrue(g.bytes().length <= g.size());
          assertTrue(g.list(Generator::bool).size() <= g.size());
        });
    assertEquals(7, seen.size());
  }

  @Test
  void stringsSurviveUtf8() {
    Property.check(
        "strings",
        500,
        g -> {
          String text = g.string();
          assertEquals(text, new String(text.getBytes(UTF_8), UTF_8));
        });
  }

  @Test
  void shufflingKeepsTheItems() {
    Property.check(
        "shuffle",
        100,
        g -> {
          List<Integer> items = g.list(x -> x.between(0, 9));
          assertEquals(
              items.stream().sorted().toList(), g.shuffled(items).stream().sorted().toList());
        });
  }

  @Test
  void mutationsMostlyChangeSomethingAndNeverTheOriginal() {
    int[] changed = new int[1];
    Property.check(
        "mutations",
        200,
        g -> {
          byte[] bytes = g.bytes();
          byte[] copy = bytes.clone();
          byte[] mutated = g.mutated(bytes);
          assertArrayEquals(copy, bytes);
          changed[0] += Arrays.equals(bytes, mutated) ? 0 : 1;
        });
    assertTrue(changed[0] > 150, changed[0] + " of 200");
  }

  @Test
  void lawsCatchAMergeThatIsNotCommutative() {
    AssertionError error =
        assertThrows(
            AssertionError.class,
            () -> CrdtLaws.check("left", 100, g -> g.between(0, 9), (a, b) -> a));
    assertTrue(error.toString().contains("commutative"));
  }

  @Test
  void lawsCatchAMergeThatIsNotIdempotent() {
    AssertionError error =
        assertThrows(
            AssertionError.class,
            () -> CrdtLaws.check("sum", 100, g -> g.between(0, 9), Integer::sum));
    assertTrue(error.toString().contains("idempotent"));
  }

  @Test
  void lawsCatchAMergeThatIsNotAssociative() {
    AssertionError error =
        assertThrows(
            AssertionError.class,
            () ->
                CrdtLaws.check("mean", 100, g -> (double) g.between(0, 9), (a, b) -> (a + b) / 2));
    assertTrue(error.toString().contains("associative"));
  }
}
