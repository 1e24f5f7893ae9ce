package garage.benchmarks.chaos;

import garage.http.sigv4.Credentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A cluster of real processes, driven by {@code scripts/cluster}; nodes are numbered from 1. Those
 * that store and those that only serve are expected to run at the end of a fault; a change of
 * layout changes which they are.
 */
final class Nodes {
  /** Nodes a cluster has at most, new ones included. */
  static final int MAX = 5;

  private static final int PORTS_PER_NODE = 10;

  /** Between a node's RPC port and that of the proxy before it. */
  static final int PROXIED = 100;

  private static final long START_MILLIS_MAX = 120_000;

  private final Path script;
  private final Path directory;
  private final int port;
  private final Set<Integer> storing = new TreeSet<>();
  private final Set<Integer> gateways = new TreeSet<>();
  private int copies;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  Nodes(Path script, Path directory, int port) {
    this.script = script;
    this.directory = directory;
    this.port = port;
  }

  /** Runs the script; its failure is one of this program. */
  String run(Map<String, String> environment, String command, String... words) {
    List<String> line = new ArrayList<>(List.of(script.toString(), command));
    line.addAll(List.of("--dir", directory.toString()));
    line.addAll(Arrays.asList(words));
    try {
      Path log = directory.resolveSibling(directory.getFileName() + ".out");
      ProcessBuilder builder =
          new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile());
      builder.environment().putAll(environment);
      int exit = builder.start().waitFor();
      String said = Files.readString(log);
      if (exit != 0) {
        throw new IllegalStateException(String.join(" ", line) + ":\n" + said);
      }
      return said;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      throw new Store.Failed("interrupted");
    }
  }

  String run(String command, String... words) {
    return run(Map.of(), command, words);
  }

  String garage(int node, String... words) {
    return run(
        "garage", Stream.concat(Stream.of("" + node), Arrays.stream(words)).toArray(String[]::new));
  }

  /** Makes the cluster. */
  void make(Shape shape) {
    copies = shape.copies();
    storing.addAll(IntStream.rangeClosed(1, shape.nodes()).boxed().toList());
    List<String> words = new ArrayList<>(List.of("" + shape.nodes(), "--port", "" + port));
    words.addAll(List.of("--proxied", "" + PROXIED, "--factor", "" + copies));
    words.addAll(List.of("--zones", "" + shape.zones()));
    run("start", words.toArray(String[]::new));
  }

  /** The nodes with a capacity, those that should be gone not among them. */
  Set<Integer> storing() {
    return storing;
  }

  /** The nodes without one. */
  Set<Integer> gateways() {
    return gateways;
  }

  /** All nodes that should run. */
  Set<Integer> all() {
    Set<Integer> all = new TreeSet<>(storing);
    all.addAll(gateways);
    return all;
  }

  /** On how many nodes everything is to be. */
  int copies() {
    return copies;
  }

  void copies(int wanted) {
    copies = wanted;
  }

  /** Everything runs again, and is healthy. */
  void mend() {
    for (int k : all()) {
      try {
        run("resume", "" + k);
      } catch (IllegalStateException e) {
        startAlone(k, Map.of()); // it did not run
      }
    }
    all().forEach(this::awaitHealth);
  }

  private void awaitHealth(int node) {
    URI uri = URI.create("http://127.0.0.1:" + (s3Port(node) + 2) + "/health");
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
    long until = System.currentTimeMillis() + START_MILLIS_MAX;
    while (!answer(request).startsWith("Garage is fully operational")) {
      if (System.currentTimeMillis() > until) {
        throw new IllegalStateException("node " + node + " is not healthy: " + answer(request));
      }
      Store.pause(200);
    }
  }

  private String answer(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body().strip();
    } catch (IOException e) {
      return e.toString();
    } catch (InterruptedException e) {
      throw new Store.Failed("interrupted");
    }
  }

  /** Starts one node and waits until it answers S3 requests, whatever it knows of the others. */
  void startAlone(int node, Map<String, String> environment) {
    run(environment, "start", "--only", "" + node);
    awaitPort(node);
  }

  private void awaitPort(int node) {
    long until = System.currentTimeMillis() + START_MILLIS_MAX;
    while (!answers(s3Port(node))) {
      if (System.currentTimeMillis() > until) {
        throw new IllegalStateException("node " + node + " does not answer");
      }
      Store.pause(100);
    }
  }

  private static boolean answers(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  Path files(int node) {
    return directory.resolve("node" + node);
  }

  int s3Port(int node) {
    return port + PORTS_PER_NODE * (node - 1);
  }

  int rpcPort(int node) {
    return s3Port(node) + 1;
  }

  /** The bucket as a node shows it. */
  Store store(int node) {
    return store(node, false);
  }

  /** The bucket as a node shows it, or one whose peers do not run. */
  Store store(int node, boolean alone) {
    Map<String, String> made = new HashMap<>();
    try {
      for (String line : Files.readAllLines(directory.resolve("credentials"))) {
        String[] pair = line.split("=", 2);
        made.put(pair[0], pair[1]);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return new Store(
        http,
        s3Port(node),
        made.getOrDefault("bucket", ""),
        new Credentials(made.getOrDefault("key_id", ""), made.getOrDefault("secret_key", "")),
        alone);
  }

  List<Store> stores(Integer... nodes) {
    return Arrays.stream(nodes).map(this::store).toList();
  }

  /** Changes the consistency mode of all nodes; they must not run. */
  void consistency(String mode) {
    for (int k : all()) {
      Path file = files(k).resolve("garage.toml");
      try {
        String rest =
            Files.readAllLines(file).stream()
                .filter(line -> !line.startsWith("consistency_mode"))
                .collect(Collectors.joining("\n", "", "\n"));
        Files.writeString(
            file, "consistency_mode = \"" + mode + "\"\n" + rest, StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** The block files of a node, in the order of their names. */
  List<Path> blocks(int node) {
    try (Stream<Path> files = Files.walk(files(node).resolve("data"))) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.getFileName().toString().matches("[0-9a-f]{64}.*"))
          .filter(file -> !file.toString().endsWith(".corrupted"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Starts one more node that knows the others and has no role, under the next number. */
  int add() {
    int node = all().stream().mapToInt(k -> k).max().orElseThrow() + 1;
    run("start", "" + node, "--only", "" + node);
    awaitPort(node);
    return node;
  }

  /** The identity of a node. */
  String id(int node) {
    return garage(node, "node", "id", "-q").strip().replaceAll("@.*", "");
  }

  /** What a cluster is made of at first; node k is in zone k modulo {@code zones}. */
  record Shape(int nodes, int copies, int zones) {
    static final Shape THREE = new Shape(3, 3, 3);
  }
}
