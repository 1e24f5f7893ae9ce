package garage.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What a command that ended said. */
record Output(int exitCode, String out, String err) {
  /** Runs a command to its end. */
  static Output of(List<String> command) {
    return of(command, Map.of());
  }

  /** With these environment variables as well. */
  static Output of(List<String> command, Map<String, String> environment) {
    try {
      Path errors = Files.createTempFile("stderr", ".txt");
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exitCode = process.waitFor();
      String err = Files.readString(errors);
      Files.delete(errors);
      return new Output(exitCode, out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Its standard output, of a command that must succeed. */
  String succeeded() {
    assertEquals(0, exitCode, out + err);
    return out;
  }

  /** Its standard error, of a command that must fail. */
  String failed() {
    assertEquals(1, exitCode, out + err);
    return err;
  }
}
