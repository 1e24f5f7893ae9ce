package garage.cli;

import java.util.List;
import picocli.CommandLine.Option;

/** Deletes what has expired of one kind, once the user has seen what that is. */
abstract class DeleteExpiredCommand extends VersionedCommand {
  @Option(names = "--yes", description = "Yes, delete them")
  boolean yes;

  private final String kind;

  /** {@code kind} is what they are called, such as "access keys". */
  DeleteExpiredCommand(Session session, String kind) {
    super(session);
    this.kind = kind;
  }

  /** The ids of those that have expired. */
  abstract List<String> expired();

  abstract void delete(String id);

  @Override
  public final void run() {
    List<String> expired = expired();
    if (!yes && !expired.isEmpty()) {
      throw new CommandFailed(
          "this deletes the " + kind + " " + String.join(", ", expired) + ": add --yes to do it");
    }
    expired.forEach(this::delete);
    session.print("%d %s are deleted.\n".formatted(expired.size(), kind));
  }
}
