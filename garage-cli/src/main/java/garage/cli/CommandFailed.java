package garage.cli;

/** Ends a command with one line for the user. */
final class CommandFailed extends RuntimeException {
  CommandFailed(String message) {
    super(message, null, false, false);
  }
}
