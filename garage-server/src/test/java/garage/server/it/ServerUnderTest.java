package garage.server.it;

import garage.server.process.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * A server in a process of its own, started as a user starts it. It is ready when it says on
 * standard error that it serves; what it says is kept in {@link #log()} for a failure's message.
 */
final class ServerUnderTest implements AutoCloseable {
  static final String BUCKET = "test-bucket";
  static final String KEY_ID = "GK0123456789abcdef01234567";
  static final String SECRET_KEY = "0123456789abcdef".repeat(4);

  /** For a loaded machine; a start takes about two seconds otherwise. */
  private static final long PATIENCE_SECONDS = 120;

  /** Lines of the log that are kept, from its start. */
  private static final int LOG_LINES_MAX = 10_000;

  private static final String READY = " serves, S3 on ";

  private final Launch launch;
  private @Nullable Process process;
  private Queue<String> log = new ConcurrentLinkedQueue<>();

  /**
   * How a server is started.
   *
   * @param wrapper a command that runs the rest of its arguments; empty for none
   * @param main the class whose main method is the server
   * @param arguments after {@code -c CONFIG}
   */
  record Launch(
      NodeFiles files,
      List<String> wrapper,
      Class<?> main,
      List<String> properties,
      List<String> arguments) {
    Launch {
      wrapper = List.copyOf(wrapper);
      properties = List.copyOf(properties);
      arguments = List.copyOf(arguments);
    }

    /** A node alone, with bucket and key. */
    static Launch singleNode(NodeFiles files) {
      return new Launch(
          files, List.of(), Main.class, List.of(), List.of("server", "--single-node"));
    }

    /** A node that waits for its layout. */
    static Launch node(NodeFiles files) {
      return new Launch(files, List.of(), Main.class, List.of(), List.of("server"));
    }

    Launch within(List<String> command) {
      return new Launch(files, command, main, properties, arguments);
    }

    /** With another main class that serves the same way, and properties for it. */
    Launch as(Class<?> other, List<String> otherProperties) {
      return new Launch(files, wrapper, other, otherProperties, arguments);
    }

    private List<String> command() {
      List<String> command = new ArrayList<>(wrapper);
      command.addAll(java(192));
      command.addAll(properties);
      command.add(main.getName());
      command.addAll(List.of("-c", files.config().toString()));
      command.addAll(arguments);
      return command;
    }
  }

  ServerUnderTest(Launch launch) {
    this.launch = launch;
  }

  /** Starts a node alone in {@code directory}, and waits until it serves. */
  static ServerUnderTest singleNode(Path directory) {
    return new ServerUnderTest(Launch.singleNode(NodeFiles.in(directory).write())).start();
  }

  /** The tests' own Java and class path, with little memory and a quick start. */
  static List<String> java(int heapMebibytes) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx" + heapMebibytes + "m",
        "-Djdk.virtualThreadScheduler.parallelism=8",
        "-cp",
        System.getProperty("java.class.path"));
  }

  ServerUnderTest start() {
    ProcessBuilder builder =
        new ProcessBuilder(launch.command())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(stdout().toFile()));
    Map<String, String> environment = builder.environment();
    environment.put("GARAGE_DEFAULT_BUCKET", BUCKET);
    environment.put("GARAGE_DEFAULT_ACCESS_KEY", KEY_ID);
    environment.put("GARAGE_DEFAULT_SECRET_KEY", SECRET_KEY);
    try {
      Process started = builder.start();
      process = started;
      log = new ConcurrentLinkedQueue<>();
      awaitReady(started, log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  private void awaitReady(Process started, Queue<String> lines) {
    CountDownLatch ready = new CountDownLatch(1);
    AtomicReference<String> outcome = new AtomicReference<>("is not ready yet");
    Thread.ofPlatform()
        .daemon()
        .name("log of " + started.pid())
        .start(() ->
            readLog(
                started,
                lines,
                line -> {
                  if (line == null || line.contains(READY)) {
                    outcome.compareAndSet("is not ready yet", line == null ? "ended" : "ready");
                    ready.countDown();
                  }
                }));
    boolean inTime = await(ready);
    if (!inTime || !outcome.get().equals("ready")) {
      started.destroyForcibly();
      throw new AssertionError("the server " + outcome.get() + ":\n" + log());
    }
  }

  private interface LineSink {
    void accept(@Nullable String line);
  }

  private static void readLog(Process process, Queue<String> lines, LineSink sink) {
    try (BufferedReader reader = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (lines.size() < LOG_LINES_MAX) {
          lines.add(line);
        }
        sink.accept(line);
      }
    } catch (IOException e) {
      // the process was killed: its log ends here
    } finally {
      sink.accept(null);
    }
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  NodeFiles files() {
    return launch.files();
  }

  long pid() {
    return running().pid();
  }

  /** What the server has logged since its last start. */
  String log() {
    return String.join("\n", log);
  }

  /** Waits until it has logged a line with {@code text}; answers that line's number, from 1. */
  int awaitLogged(String text) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < end) {
      int number = 0;
      for (String line : log) {
        number++;
        if (line.contains(text)) {
          return number;
        }
      }
      Thread.onSpinWait(); // its log comes by another thread
    }
    throw new AssertionError("not logged: " + text + "\n" + log());
  }

  /** What it printed on standard output since its first start. */
  String printed() {
    try {
      return Files.readString(stdout());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path stdout() {
    return launch.files().root().resolve("stdout.txt");
  }

  /** The memory it has in RAM. */
  long residentKibibytes() {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid() + "/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills it at once, as {@code kill -9} does, and does not wait for its end. */
  void signalKill() {
    running().toHandle().destroyForcibly(); // the process itself would close its output as well
  }

  void kill() {
    signalKill();
    exitCode();
  }

  /** Asks it to end, and answers its exit code. */
  int stop() {
    running().toHandle().destroy();
    return exitCode();
  }

  /** Starts it again on the same files after a {@link #kill} or {@link #stop}. */
  ServerUnderTest restart() {
    return start();
  }

  int exitCode() {
    try {
      if (!running().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("the server does not end:\n" + log());
      }
      return running().exitValue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs a {@code garage} command against it. */
  Output cli(String... arguments) {
    return Output.of(cliCommand(arguments));
  }

  /** The command line of {@link #cli}. */
  List<String> cliCommand(String... arguments) {
    List<String> command = new ArrayList<>(java(64));
    command.add(Main.class.getName());
    command.addAll(List.of("-c", launch.files().config().toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** A client with the key that was made at the first start. */
  S3Client client() {
    return clientBuilder(KEY_ID, SECRET_KEY).build();
  }

  S3Client client(String keyId, String secret) {
    return clientBuilder(keyId, secret).build();
  }

  S3ClientBuilder clientBuilder(String keyId, String secret) {
    return S3Client.builder()
        .endpointOverride(files().endpoint())
        .region(Region.of(NodeFiles.REGION))
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(keyId, secret)))
        .forcePathStyle(true);
  }

  private Process running() {
    Process started = process;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started;
  }

  @Override
  public void close() {
    Process started = process;
    if (started != null) {
      started.toHandle().destroyForcibly();
      exitCode();
    }
  }
}
