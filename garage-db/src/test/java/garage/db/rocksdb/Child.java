package garage.db.rocksdb;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Another Java process that runs a main class of the tests. */
final class Child implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;

  private Child(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    out = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts {@code main}; {@code wrapper} is a command that runs the rest of its arguments. */
  static Child start(List<String> wrapper, Class<?> main, String... args) throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(args));
    return new Child(command);
  }

  /** The next line it prints; null at its end. */
  @Nullable String line() throws IOException {
    return out.readLine();
  }

  /** Kills it as {@code kill -9} does. */
  void kill() {
    process.toHandle().destroyForcibly(); // the process itself would close its output as well
  }

  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  @Override
  public void close() {
    kill();
  }
}
