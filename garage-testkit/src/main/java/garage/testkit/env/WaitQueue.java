package garage.testkit.env;

import java.util.ArrayList;
import java.util.List;

/** The tasks that wait for one thing inside a simulated seam. */
final class WaitQueue {
  private final List<SimTask> waiting = new ArrayList<>();

  void add(SimTask task) {
    waiting.add(task);
  }

  void remove(SimTask task) {
    waiting.remove(task);
  }

  void wakeAll() {
    List.copyOf(waiting).forEach(SimTask::wake);
  }
}
