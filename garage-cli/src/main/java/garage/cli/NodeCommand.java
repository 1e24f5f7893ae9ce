package garage.cli;

import garage.admin.api.NodeAnswers;
import garage.admin.api.NodeRequest;
import java.util.Map;
import java.util.function.BiFunction;
import picocli.CommandLine.Mixin;

/** A command that nodes answer each for itself. */
abstract class NodeCommand extends ShowingCommand {
  @Mixin NodeChoice nodes = new NodeChoice();

  NodeCommand(Session session) {
    super(session);
  }

  /**
   * Prints what the nodes answer; those that did not are told of on standard error.
   *
   * @param text of one node's id and answer
   */
  final <T extends Record> void showEach(
      NodeRequest<T> request, BiFunction<String, T, String> text) {
    if (json) {
      session.printJson(request);
      return;
    }
    NodeAnswers<T> answers = session.call(request);
    answers.success().forEach((id, answer) -> session.print(text.apply(id, answer)));
    for (Map.Entry<String, String> failure : answers.error().entrySet()) {
      session.note(id(failure.getKey()) + "  Error: " + failure.getValue());
    }
    if (answers.success().isEmpty()) {
      throw new CommandFailed(
          answers.error().size() == 1
              ? answers.error().values().iterator().next()
              : "no node answered");
    }
  }

  /** A heading with the node's id, where several are shown. */
  final String heading(String id) {
    return nodes.all ? "==== NODE [" + id(id) + "] ====\n" : "";
  }

  static String id(String hex) {
    return hex.substring(0, Math.min(16, hex.length()));
  }
}
