package garage.simulator.planted;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Which planted bug there is at the moment. The patched classes of a {@link PlantingLoader} ask it,
 * and it is one of them: so there is one for each loader, and none in production code.
 */
public final class Awake {
  /** The number of a bug that does not exist. */
  static final int NONE = -1;

  private static final AtomicInteger BUG = new AtomicInteger(NONE);
  private static final AtomicInteger NEXT = new AtomicInteger(NONE);

  private Awake() {}

  /** Whether it is the bug of this number; asked before each call that the bug leaves out. */
  public static boolean is(int number) {
    return BUG.get() == number;
  }

  /** Has {@link #morning} wake a bug, in the classes of the caller's loader. */
  public static void wakeLater(PlantedBug bug) {
    NEXT.set(bug.number());
  }

  /** A cluster is about to start. */
  public static void night() {
    BUG.set(NONE);
  }

  /** A cluster has started, which is not to be what shows a bug. */
  public static void morning() {
    BUG.set(NEXT.get());
  }

  /** Puts it to sleep again. */
  public static void sleep() {
    NEXT.set(NONE);
    BUG.set(NONE);
  }
}
