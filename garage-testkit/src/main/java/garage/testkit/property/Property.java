package garage.testkit.property;

import garage.testkit.env.SeededRandom;
import java.util.function.Consumer;

/**
 * Tries a property on generated inputs. Every input comes from one seed; seeds follow from the
 * property's name, so that a build tries the same ones each time, and inputs grow from try to try,
 * so that the first failure is a small one. A failure names its seed:
 *
 * <ul>
 *   <li>{@code -Dgarage.seed=S} tries that seed alone;
 *   <li>{@code -Dgarage.tries=N} makes N tries of every property, with N seeds;
 *   <li>{@code -Dgarage.seeds=K} takes other seeds, for example the build's number.
 * </ul>
 */
public final class Property {
  private Property() {}

  /**
   * Calls {@code property} with {@code tries} generators.
   *
   * @throws AssertionError with the seed and the failure, if one of them throws
   */
  public static void check(String name, int tries, Consumer<Generator> property) {
    Long only = Long.getLong("garage.seed");
    if (only != null) {
      attempt(name, only, property);
      return;
    }
    int count = Integer.getInteger("garage.tries", tries);
    long family = SeededRandom.mix(name.hashCode() + Long.getLong("garage.seeds", 0L));
    for (int i = 0; i < count; i++) {
      attempt(name, Generator.seed(SeededRandom.mix(family + i), i, count), property);
    }
  }

  @SuppressWarnings("CatchingUnchecked") // every failure is to name its seed
  private static void attempt(String name, long seed, Consumer<Generator> property) {
    try {
      property.accept(new Generator(seed));
    } catch (RuntimeException | Error e) {
      throw new AssertionError(
          "'%s' does not hold: %s%nreplay with -Dgarage.seed=%d".formatted(name, e, seed), e);
    }
  }
}
