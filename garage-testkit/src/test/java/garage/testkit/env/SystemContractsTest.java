package garage.testkit.env;

import garage.common.env.Clock;
import garage.common.env.Tasks;
import garage.common.env.system.SystemClock;
import garage.common.env.system.SystemDisk;
import garage.common.env.system.SystemTasks;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The real seams keep the contracts. */
final class SystemContractsTest {
  @Nested
  final class Clocks extends ClockContract {
    @Override
    protected void run(BiConsumer<Clock, Tasks> body) {
      body.accept(new SystemClock(), new SystemTasks());
    }
  }

  @Nested
  final class TaskSets extends TasksContract {
    @Override
    protected void run(BiConsumer<Clock, Tasks> body) {
      body.accept(new SystemClock(), new SystemTasks());
    }
  }

  @Nested
  final class Disks extends DiskContract {
    @TempDir Path directory;

    @Override
    protected void run(Consumer<Machine> body) {
      body.accept(new Machine(new SystemDisk(directory), new SystemClock(), new SystemTasks()));
    }
  }
}
