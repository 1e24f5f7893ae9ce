package garage.admin;

import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.NodeRequest.VariableName;
import garage.admin.api.NodeRequest.WorkerFilter;
import garage.admin.api.NodeResponse;
import garage.common.env.Clock;
import garage.common.worker.RuntimeVariables;
import garage.common.worker.WorkerRunner;
import garage.common.worker.WorkerState;
import garage.common.worker.WorkerStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The background work of this node. */
public final class WorkerOperations {
  private static final double MILLIS_PER_SECOND = 1000;

  private final WorkerRunner workers;
  private final RuntimeVariables variables;
  private final Clock clock;

  public WorkerOperations(WorkerRunner workers, RuntimeVariables variables, Clock clock) {
    this.workers = workers;
    this.variables = variables;
    this.clock = clock;
  }

  NodeResponse.Workers list(@Nullable WorkerFilter filter) {
    return new NodeResponse.Workers(
        workers.list().stream()
            .filter(status -> filter == null || matches(status, filter))
            .map(this::worker)
            .toList());
  }

  private static boolean matches(WorkerStatus status, WorkerFilter filter) {
    boolean busy =
        switch (status.state()) {
          case WorkerState.Busy _, WorkerState.Throttled _ -> true;
          case WorkerState.Idle _, WorkerState.Done _ -> false;
        };
    return (busy || !filter.wantsBusyOnly())
        && (status.failures().count() > 0 || !filter.wantsErrorOnly());
  }

  NodeResponse.Worker info(long id) {
    return workers.list().stream()
        .filter(status -> status.id() == id)
        .findFirst()
        .map(this::worker)
        .orElseThrow(() -> new AdminFailure(AdminError.noSuchWorker(id)));
  }

  NodeResponse.Variables variables(@Nullable VariableName name) {
    String one = name == null ? null : name.variable();
    return new NodeResponse.Variables(
        one == null ? variables.all() : Map.of(one, variables.get(one)));
  }

  NodeResponse.VariableSet set(String variable, String value) {
    return new NodeResponse.VariableSet(variable, variables.set(variable, value));
  }

  private NodeResponse.Worker worker(WorkerStatus status) {
    WorkerStatus.Failures failures = status.failures();
    WorkerStatus.Progress progress = status.progress();
    return new NodeResponse.Worker(
        status.id(),
        status.name(),
        state(status.state()),
        failures.count(),
        failures.consecutive(),
        lastError(failures),
        null,
        progress.text(),
        positive(progress.queueLength()),
        positive(progress.persistentErrors()),
        progress.details());
  }

  private NodeResponse.@Nullable LastError lastError(WorkerStatus.Failures failures) {
    Instant at = failures.lastAt();
    return failures.last() == null || at == null
        ? null
        : new NodeResponse.LastError(
            failures.last(), Math.max(0, Duration.between(at, clock.now()).toSeconds()));
  }

  private static NodeResponse.WorkerState state(WorkerState state) {
    return switch (state) {
      case WorkerState.Busy() -> new NodeResponse.WorkerState.Busy();
      case WorkerState.Throttled(Duration pause) ->
          new NodeResponse.WorkerState.Throttled(
              new NodeResponse.Pause(pause.toMillis() / MILLIS_PER_SECOND));
      case WorkerState.Idle _ -> new NodeResponse.WorkerState.Idle();
      case WorkerState.Done() -> new NodeResponse.WorkerState.Done();
    };
  }

  private static @Nullable Long positive(long number) {
    return number < 0 ? null : number;
  }
}
