package garage.testkit.property;

import static org.junit.jupiter.api.Assertions.assertEquals;

import garage.common.crdt.Crdt;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/**
 * What every merge function must obey, so that replicas agree whatever reaches them, in whatever
 * order and however often. Values are compared by {@code equals}. Let the generator draw from few
 * keys and timestamps: the laws break where two values meet, not where they differ in everything.
 */
public final class CrdtLaws {
  private CrdtLaws() {}

  /** Checks the laws of a type that merges itself. */
  public static <T extends Crdt<T>> void check(
      String name, int tries, Function<Generator, T> values) {
    check(name, tries, values, Crdt::merge);
  }

  /** Checks the laws of {@code merge}. */
  public static <T> void check(
      String name, int tries, Function<Generator, T> values, BinaryOperator<T> merge) {
    Property.check(
        name,
        tries,
        g -> {
          T a = values.apply(g);
          T b = values.apply(g);
          T c = values.apply(g);
          T ab = merge.apply(a, b);
          assertEquals(ab, merge.apply(b, a), "commutative");
          assertEquals(merge.apply(ab, c), merge.apply(a, merge.apply(b, c)), "associative");
          assertEquals(a, merge.apply(a, a), "idempotent");
          assertEquals(ab, merge.apply(ab, b), "absorbing");
          assertEquals(ab, merge.apply(ab, a), "absorbing");
        });
  }
}
