package garage.simulator.check;

/**
 * An operation on one key, as a client knows it. The key's state is the number of the value that is
 * there, {@link #ABSENT} if none.
 */
public sealed interface Operation {
  /** The state of a key without an object. */
  int ABSENT = 0;

  /** A write or, of {@link #ABSENT}, a deletion. */
  record Write(int value) implements Operation {}

  /** A read that saw {@code value}. */
  record Read(int value) implements Operation {}

  /** A conditional write whose condition held. */
  record Swap(Expectation expected, int value) implements Operation {}

  /** A conditional write refused because its condition did not hold. */
  record Refused(Expectation expected) implements Operation {}

  /** What a conditional write expects of the state. */
  @FunctionalInterface
  interface Expectation {
    /** Whether {@code value} may be, or may not be, what is expected; both may be true. */
    Verdict of(int value);
  }

  /** Whether an expectation holds of a value, as far as it is known. */
  enum Verdict {
    HOLDS,
    HOLDS_NOT,
    /** Nobody knows enough of the value: either may be. */
    UNKNOWN
  }

  /** Whether it can happen to a key in {@code state}. */
  default boolean possible(int state) {
    return switch (this) {
      case Write _ -> true;
      case Read(int value) -> value == state;
      case Swap(Expectation expected, int _) -> expected.of(state) != Verdict.HOLDS_NOT;
      case Refused(Expectation expected) -> expected.of(state) != Verdict.HOLDS;
    };
  }

  /** The state after it. */
  default int after(int state) {
    return switch (this) {
      case Write(int value) -> value;
      case Swap(Expectation _, int value) -> value;
      case Read _, Refused _ -> state;
    };
  }
}
