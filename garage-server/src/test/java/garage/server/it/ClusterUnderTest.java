package garage.server.it;

import static java.util.stream.Collectors.toMap;

import garage.server.process.Main;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * Nodes in processes of their own, made and ended by {@code scripts/cluster} as a user does it.
 * They are numbered from 1.
 */
final class ClusterUnderTest implements AutoCloseable {
  static final String BUCKET = "default";
  private static final int PORTS_PER_NODE = 10;

  /** Nodes that a test may add. */
  private static final int ADDED_MAX = 3;

  private static final int PORT_MIN = 10_000;
  private static final int PORT_MAX = 31_000;

  private final Path directory;
  private int nodes;
  private final int port;
  private final Map<String, String> environment;
  private final Map<String, String> aws;

  private ClusterUnderTest(Path directory, int nodes, List<String> options) {
    this.directory = directory;
    this.nodes = nodes;
    this.port = freePort(nodes + ADDED_MAX);
    this.environment =
        Map.of("GARAGE", garageCommand(directory).toString(), "CLUSTER_PATIENCE", "120");
    List<String> start = new ArrayList<>(List.of("start", "" + nodes, "--port", "" + port));
    start.addAll(options);
    String said = run(start.toArray(String[]::new)).succeeded();
    this.aws =
        said.lines()
            .filter(line -> line.startsWith("export "))
            .map(line -> line.substring("export ".length()).split("=", 2))
            .collect(toMap(pair -> pair[0], pair -> pair[1]));
  }

  /**
   * Starts {@code nodes} nodes with their files in {@code directory}, and waits for their health.
   */
  static ClusterUnderTest start(Path directory, int nodes, String... options) {
    return new ClusterUnderTest(directory, nodes, List.of(options));
  }

  /** A command that runs the classes under test, where a user has the one of the archive. */
  private static Path garageCommand(Path directory) {
    String command =
        ServerUnderTest.java(112).stream()
            .map(word -> "'" + word.replace("'", "'\\''") + "'")
            .collect(Collectors.joining(" "));
    try {
      Files.createDirectories(directory);
      Path file = directory.resolve("garage");
      Files.writeString(
          file,
          """
          #!/bin/bash
          # Ends a server whose tests were ended before it.
          case " $* " in
            *" server "*) (while kill -0 %d && kill -0 $$; do sleep 1; done; kill -0 %d || kill -9 $$) &>/dev/null & ;;
          esac
          exec %s %s "$@"
          """
              .formatted(
                  ProcessHandle.current().pid(),
                  ProcessHandle.current().pid(),
                  command,
                  Main.class.getName()));
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path script() {
    Path here = Path.of("").toAbsolutePath();
    return Stream.of(here, here.resolve(".."))
        .map(root -> root.resolve("scripts/cluster").normalize())
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new AssertionError("scripts/cluster is not found from " + here));
  }

  /** Below the ports that outgoing connections get. */
  private static int freePort(int nodes) {
    Random random = new Random();
    while (true) {
      int from = random.nextInt(PORT_MIN, PORT_MAX) / PORTS_PER_NODE * PORTS_PER_NODE;
      if (IntStream.range(from, from + nodes * PORTS_PER_NODE).allMatch(ClusterUnderTest::isFree)) {
        return from;
      }
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /** Runs {@code scripts/cluster} with these arguments. */
  Output run(String... arguments) {
    List<String> command = new ArrayList<>(List.of(script().toString(), arguments[0]));
    command.addAll(List.of("--dir", directory.toString()));
    command.addAll(Arrays.asList(arguments).subList(1, arguments.length));
    return Output.of(command, environment);
  }

  /** Makes and starts one more node; answers its number. */
  int add(String... options) {
    List<String> start = new ArrayList<>(List.of("start", "" + (nodes + 1)));
    start.addAll(List.of(options));
    nodes++;
    run(start.toArray(String[]::new)).succeeded();
    return nodes;
  }

  /** Starts the nodes that do not run, and waits until all are healthy. */
  void start() {
    run("start").succeeded();
  }

  void kill(Integer... numbers) {
    onNodes("kill", numbers);
  }

  void pause(int number) {
    onNodes("pause", number);
  }

  void resume(int number) {
    onNodes("resume", number);
  }

  /** Resumes what is frozen and starts what does not run, and waits until all are healthy. */
  void mend() {
    for (int k = 1; k <= nodes; k++) {
      run("resume", "" + k); // it does no harm to one that goes on
    }
    start();
  }

  private void onNodes(String command, Integer... numbers) {
    Stream<String> words =
        Stream.concat(Stream.of(command), Arrays.stream(numbers).map(String::valueOf));
    run(words.toArray(String[]::new)).succeeded();
  }

  /** Runs a {@code garage} command against a node. */
  Output garage(int number, String... arguments) {
    return run(
        Stream.concat(Stream.of("garage", "" + number), Arrays.stream(arguments))
            .toArray(String[]::new));
  }

  int nodes() {
    return nodes;
  }

  /** Where a node keeps what it has. */
  Path files(int number) {
    return directory.resolve("node" + number);
  }

  URI endpoint(int number) {
    return URI.create("http://127.0.0.1:" + (port + PORTS_PER_NODE * (number - 1)));
  }

  /** A client of one node, as the SDK makes it by default. */
  S3Client client(int number) {
    return clientBuilder(number).build();
  }

  S3ClientBuilder clientBuilder(int number) {
    return S3Client.builder()
        .endpointOverride(endpoint(number))
        .region(Region.of(aws.get("AWS_DEFAULT_REGION")))
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(
                    aws.get("AWS_ACCESS_KEY_ID"), aws.get("AWS_SECRET_ACCESS_KEY"))))
        .forcePathStyle(true);
  }

  /** The end of each node's log. */
  String logs() {
    StringBuilder all = new StringBuilder();
    for (int k = 1; k <= nodes; k++) {
      all.append("--- node ").append(k).append('\n').append(log(k)).append('\n');
    }
    return all.toString();
  }

  /** What a node has logged since it was made. */
  String log(int number) {
    try {
      return Files.readString(files(number).resolve("log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    for (int k = 1; k <= nodes; k++) {
      run("kill", "" + k); // one that was killed before is no error
    }
  }
}
