package garage.db.memory;

import garage.common.env.system.SystemClock;
import garage.db.Store;
import garage.db.StoreContract;
import garage.db.TreeOptions;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** The contract on the engine in memory, with a real clock and a short sync. */
class MemoryStoreTest extends StoreContract {
  private final MemoryStorage storage = new MemoryStorage();
  private final SystemClock clock = new SystemClock();

  @Override
  protected Store open(Map<String, TreeOptions> trees) {
    return open(storage, trees);
  }

  @Override
  protected Store openCopy(String directory, Map<String, TreeOptions> trees) {
    return open(Objects.requireNonNull(storage.copy(directory)), trees);
  }

  @Override
  protected String newDirectory() {
    return "copy";
  }

  private Store open(MemoryStorage on, Map<String, TreeOptions> trees) {
    return new MemoryStore(on, trees.keySet(), clock, Duration.ofNanos(100_000));
  }
}
