package garage.cli;

import garage.common.error.GarageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(description = "Ask an endpoint of the admin API with JSON")
final class JsonApiCommand extends VersionedCommand {
  /** More than any request needs. */
  private static final int PAYLOAD_BYTES_MAX = 8 << 20;

  @Parameters(index = "0", paramLabel = "ENDPOINT", description = "Such as GetClusterStatus")
  String endpoint = "";

  @Parameters(
      index = "1",
      paramLabel = "PAYLOAD",
      defaultValue = "null",
      description = "The request as JSON; - reads it from standard input")
  String payload = "";

  JsonApiCommand(Session session) {
    super(session);
  }

  @Override
  public void run() {
    session.print(session.json(endpoint, payload.equals("-") ? standardInput() : payload));
  }

  private String standardInput() {
    try {
      byte[] bytes = session.console().in().readNBytes(PAYLOAD_BYTES_MAX + 1);
      if (bytes.length > PAYLOAD_BYTES_MAX) {
        throw new CommandFailed("the payload is larger than " + PAYLOAD_BYTES_MAX + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new GarageException.StorageFailed("cannot read standard input", e);
    }
  }
}
