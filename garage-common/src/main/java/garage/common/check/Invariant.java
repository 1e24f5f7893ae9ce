package garage.common.check;

/**
 * Assertions in two tiers. {@link #check} is always on: a failure is a bug and ends the task, never
 * the answer to a bad disk, peer or client. {@link #thorough} guards structural checks too dear for
 * production; the simulator turns them on with {@code -Dgarage.thorough=true}.
 */
public final class Invariant {
  private static final boolean THOROUGH = Boolean.getBoolean("garage.thorough");

  private Invariant() {}

  /** Fails with {@code message} unless {@code holds}. */
  public static void check(boolean holds, String message) {
    if (!holds) {
      throw new InvariantViolation(message);
    }
  }

  /** Fails with {@code message} and {@code detail} unless {@code holds}. */
  public static void check(boolean holds, String message, Object detail) {
    if (!holds) {
      throw new InvariantViolation(message + ": " + detail);
    }
  }

  /** Whether the expensive tier is on. */
  public static boolean thorough() {
    return THOROUGH;
  }

  /** A state the program must never be in. */
  public static final class InvariantViolation extends RuntimeException {
    private InvariantViolation(String message) {
      super(message);
    }
  }
}
