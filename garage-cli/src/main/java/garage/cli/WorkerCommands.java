package garage.cli;

import garage.admin.api.NodeRequest.GetWorkerInfo;
import garage.admin.api.NodeRequest.GetWorkerVariable;
import garage.admin.api.NodeRequest.ListWorkers;
import garage.admin.api.NodeRequest.SetWorkerVariable;
import garage.admin.api.NodeRequest.VariableName;
import garage.admin.api.NodeRequest.VariableValue;
import garage.admin.api.NodeRequest.WorkerFilter;
import garage.admin.api.NodeRequest.WorkerId;
import garage.cli.format.WorkerText;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code garage worker …}: the background work of nodes. */
final class WorkerCommands {
  private WorkerCommands() {}

  static CommandGroup group(Session session) {
    return new Group()
        .with("list", () -> new ListAll(session))
        .with("info", () -> new ShowOne(session))
        .with("get", () -> new Get(session))
        .with("set", () -> new SetValue(session));
  }

  @Command(name = "worker", description = "The background work of nodes")
  private static final class Group extends CommandGroup {}

  @Command(description = "List the background workers")
  private static final class ListAll extends NodeCommand {
    @Option(
        names = {"-b", "--busy"},
        description = "Only those that are working")
    boolean busy;

    @Option(
        names = {"-e", "--errors"},
        description = "Only those that failed at some time")
    boolean errors;

    ListAll(Session session) {
      super(session);
    }

    @Override
    public void run() {
      showEach(
          new ListWorkers(nodes.pattern(), new WorkerFilter(busy, errors)),
          (id, workers) -> heading(id) + WorkerText.list(workers));
    }
  }

  @Command(description = "Show one background worker")
  private static final class ShowOne extends NodeCommand {
    @Parameters(paramLabel = "TID", description = "Its number in the list")
    long id;

    ShowOne(Session session) {
      super(session);
    }

    @Override
    public void run() {
      showEach(
          new GetWorkerInfo(nodes.pattern(), new WorkerId(id)),
          (node, worker) -> heading(node) + WorkerText.info(worker));
    }
  }

  @Command(description = "Show variables of nodes")
  private static final class Get extends NodeCommand {
    @Parameters(paramLabel = "VARIABLE", arity = "0..1", description = "All, if none is given")
    @Nullable String variable;

    Get(Session session) {
      super(session);
    }

    @Override
    public void run() {
      showEach(
          new GetWorkerVariable(nodes.pattern(), new VariableName(variable)),
          (node, variables) -> WorkerText.variables(id(node), variables.values()));
    }
  }

  @Command(description = "Change a variable of nodes")
  private static final class SetValue extends NodeCommand {
    @Parameters(index = "0", paramLabel = "VARIABLE", description = "Its name")
    String variable = "";

    @Parameters(index = "1", paramLabel = "VALUE", description = "Its value from now on")
    String value = "";

    SetValue(Session session) {
      super(session);
    }

    @Override
    public void run() {
      showEach(
          new SetWorkerVariable(nodes.pattern(), new VariableValue(variable, value)),
          (node, set) -> WorkerText.variables(id(node), Map.of(set.variable(), set.value())));
    }
  }
}
