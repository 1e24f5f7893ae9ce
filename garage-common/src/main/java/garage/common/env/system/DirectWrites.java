package garage.common.env.system;

import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a disk's file system takes writes past the page cache, as far as that is known. */
final class DirectWrites {
  private static final Logger LOG = LoggerFactory.getLogger(DirectWrites.class);

  private enum State {
    UNTRIED,
    WORKS,
    REFUSED
  }

  private final @Nullable OpenOption option;
  private volatile State state;

  /** For a disk nothing is known of; where the JDK has no such writes there are none. */
  DirectWrites() {
    option = option();
    state = option == null ? State.REFUSED : State.UNTRIED;
  }

  /** The JDK's own option is outside its API, and the compiler does not let it be named. */
  private static @Nullable OpenOption option() {
    try {
      return List.of(Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants())
          .stream()
          .filter(constant -> constant.toString().equals("DIRECT"))
          .map(OpenOption.class::cast)
          .findFirst()
          .orElse(null);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  /** What a file is to be opened with in addition; null if it is to be written the usual way. */
  @Nullable OpenOption wanted() {
    return state == State.REFUSED ? null : option;
  }

  /** Whether one has worked, so that a failure is the disk's and not the file system's refusal. */
  boolean known() {
    return state == State.WORKS;
  }

  void worked() {
    state = State.WORKS;
  }

  /** What failed this way has worked the other. */
  void refused(Path path, Exception refusal) {
    if (state == State.UNTRIED) {
      LOG.info("{} cannot be written past the page cache: {}", path, refusal.getMessage());
      state = State.REFUSED;
    }
  }
}
