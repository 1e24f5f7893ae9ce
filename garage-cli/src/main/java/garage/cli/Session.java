package garage.cli;

import garage.admin.api.AdminClient;
import garage.admin.api.AdminEndpoint;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminRequest;
import garage.admin.api.AdminResponse;
import garage.cli.format.Times;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** One run of a command: its connection, made when it is first needed, and its output. */
final class Session implements AutoCloseable {
  private final CliEnvironment environment;
  private final Console console;
  private final GlobalOptions options;
  private @Nullable AdminClient client;

  Session(CliEnvironment environment, Console console, GlobalOptions options) {
    this.environment = environment;
    this.console = console;
    this.options = options;
  }

  /** Asks the node; a refusal ends the command with the endpoint's name in front. */
  <R extends AdminResponse> R call(AdminRequest<R> request) {
    try {
      return client().call(request);
    } catch (AdminFailure e) {
      throw refused(request, e);
    }
  }

  /** Prints the answer as JSON. */
  void printJson(AdminRequest<?> request) {
    try {
      print(client().json(request) + "\n");
    } catch (AdminFailure e) {
      throw refused(request, e);
    }
  }

  /** The answer of the endpoint of this name, as it is. */
  String json(String endpoint, String payload) {
    return client().json(endpoint, payload);
  }

  LocalNode localNode() {
    return environment.localNode(options);
  }

  void print(String text) {
    console.out().print(text);
  }

  /** A line that is no part of the result. */
  void note(String line) {
    console.err().println(line);
  }

  Console console() {
    return console;
  }

  ZoneId zone() {
    return console.zone();
  }

  Instant now() {
    return environment.clock().now();
  }

  /** The time {@code duration} from now, such as {@code 6h} or {@code 30d}. */
  Instant after(String duration) {
    try {
      return now().plus(Times.parse(duration));
    } catch (IllegalArgumentException e) {
      throw new CommandFailed(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    if (client != null) {
      client.close();
    }
  }

  private AdminClient client() {
    if (client == null) {
      client = environment.connect(options);
    }
    return client;
  }

  private static CommandFailed refused(AdminRequest<?> request, AdminFailure e) {
    return new CommandFailed(
        "%s returned %s (%d): %s"
            .formatted(
                AdminEndpoint.of(request).wireName(),
                e.error().code(),
                e.error().status(),
                e.error().message()));
  }
}
