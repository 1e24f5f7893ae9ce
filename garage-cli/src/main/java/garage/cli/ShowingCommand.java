package garage.cli;

import garage.admin.api.AdminRequest;
import garage.admin.api.AdminResponse;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** A command that shows an answer, as text or with {@code --json} as it is. */
abstract class ShowingCommand extends VersionedCommand {
  @Option(names = "--json", description = "Print the answer of the admin API as JSON")
  boolean json;

  ShowingCommand(Session session) {
    super(session);
  }

  final <R extends AdminResponse> void show(AdminRequest<R> request, Function<R, String> text) {
    if (json) {
      session.printJson(request);
    } else {
      session.print(text.apply(session.call(request)));
    }
  }
}
