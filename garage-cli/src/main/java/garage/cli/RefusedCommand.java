package garage.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** A command of upstream's that has nothing to do here, and says why. */
@Command(description = "Has nothing to do here, and says why")
final class RefusedCommand extends VersionedCommand {
  private final String reason;

  /** Its arguments do not matter. */
  @Unmatched List<String> ignored = new ArrayList<>();

  RefusedCommand(Session session, String reason) {
    super(session);
    this.reason = reason;
  }

  @Override
  public void run() {
    throw new CommandFailed(reason);
  }
}
