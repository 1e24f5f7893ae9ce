package garage.cli.format;

import garage.admin.api.NodeResponse.LastError;
import garage.admin.api.NodeResponse.Pause;
import garage.admin.api.NodeResponse.Worker;
import garage.admin.api.NodeResponse.WorkerState;
import garage.admin.api.NodeResponse.Workers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The background work of a node, whole. */
class WorkerTextTest {
  private static final Worker FAILING =
      new Worker(
          3,
          "Block resync worker #1",
          new WorkerState.Throttled(new Pause(0.25)),
          12,
          2,
          new LastError("no replica has block 1234", 125),
          null,
          "42.5%",
          17L,
          4L,
          List.of("1.0 MiB in the last minute", "paced by 3 requests"));

  @Test
  void theListHasThoseAtWorkFirst() {
    Worker done =
        new Worker(
            1,
            "block reference sweep",
            new WorkerState.Done(),
            0,
            0,
            null,
            null,
            null,
            null,
            null,
            List.of());
    Worker idle =
        new Worker(
            2,
            "object Merkle",
            new WorkerState.Idle(),
            0,
            0,
            null,
            null,
            null,
            0L,
            null,
            List.of());
    Golden.check("worker-list.txt", WorkerText.list(new Workers(List.of(done, idle, FAILING))));
  }

  @Test
  void theInformationHasAllOfIt() {
    Golden.check("worker-info.txt", WorkerText.info(FAILING));
  }
}
