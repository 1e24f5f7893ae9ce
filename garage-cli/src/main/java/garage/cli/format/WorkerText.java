package garage.cli.format;

import garage.admin.api.NodeResponse.LastError;
import garage.admin.api.NodeResponse.Worker;
import garage.admin.api.NodeResponse.WorkerState;
import garage.admin.api.NodeResponse.Workers;
import garage.common.text.TextTable;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The background work of a node. */
public final class WorkerText {
  private WorkerText() {}

  /** A line for each worker: those at work first, those that ended last. */
  public static String list(Workers workers) {
    TextTable table =
        new TextTable()
            .row("TID", "State", "Name", "Tranq", "Done", "Queue", "Errors", "Consec", "Last");
    workers.workers().stream()
        .sorted(
            Comparator.comparingInt((Worker worker) -> rank(worker.state()))
                .thenComparingLong(Worker::id))
        .forEach(worker ->
            table.row(
                Long.toString(worker.id()),
                state(worker.state()),
                worker.name(),
                number(worker.tranquility()),
                worker.progress() == null ? "-" : worker.progress(),
                number(worker.queueLength()),
                Long.toString(worker.errors()),
                Long.toString(worker.consecutiveErrors()),
                worker.lastError() == null ? "" : Times.ago(worker.lastError().secsAgo())));
    return table.toString();
  }

  /** Everything of one worker. */
  public static String info(Worker worker) {
    TextTable table =
        new TextTable()
            .row("Task id:", Long.toString(worker.id()))
            .row("Worker name:", worker.name())
            .row("Worker state:", longState(worker.state()))
            .blank()
            .row("Total errors:", Long.toString(worker.errors()))
            .row("Consecutive errs:", Long.toString(worker.consecutiveErrors()));
    LastError error = worker.lastError();
    if (error != null) {
      table.row("Last error:", error.message());
      table.row("Last error time:", Times.ago(error.secsAgo()));
    }
    table.blank();
    optional(table, "Progress:", worker.progress());
    optional(table, "Queue length:", text(worker.queueLength()));
    optional(table, "Persistent errors:", text(worker.persistentErrors()));
    for (String line : worker.freeform()) {
      table.row("", line);
    }
    return table.toString();
  }

  /** A line for each variable of a node. */
  public static String variables(String node, Map<String, String> variables) {
    TextTable table = new TextTable();
    variables.forEach((name, value) -> table.row(node, name, value));
    return table.toString();
  }

  private static void optional(TextTable table, String label, @Nullable String value) {
    if (value != null) {
      table.row(label, value);
    }
  }

  private static String number(@Nullable Long number) {
    return number == null ? "-" : number.toString();
  }

  private static @Nullable String text(@Nullable Long number) {
    return number == null ? null : number.toString();
  }

  private static int rank(WorkerState state) {
    return switch (state) {
      case WorkerState.Busy _, WorkerState.Throttled _ -> 0;
      case WorkerState.Idle _ -> 1;
      case WorkerState.Done _ -> 2;
    };
  }

  private static String state(WorkerState state) {
    return switch (state) {
      case WorkerState.Busy _ -> "Busy";
      case WorkerState.Throttled _ -> "Busy*";
      case WorkerState.Idle _ -> "Idle";
      case WorkerState.Done _ -> "Done";
    };
  }

  private static String longState(WorkerState state) {
    return state instanceof WorkerState.Throttled(var pause)
        ? String.format(Locale.ROOT, "Busy, pausing for %.3f s", pause.durationSecs())
        : state(state);
  }
}
