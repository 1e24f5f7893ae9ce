package garage.benchmarks.chaos;

import garage.http.sigv4.Credentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A cluster of real processes, driven by {@code scripts/cluster}; nodes are numbered from 1. */
final class Nodes {
  static final int COUNT = 3;
  private static final int PORTS_PER_NODE = 10;

  /** Between a node's RPC port and that of the proxy before it. */
  static final int PROXIED = 1000;

  private static final long START_MILLIS_MAX = 120_000;

  private final Path script;
  private final Path directory;
  private final int port;
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
  void make() {
    run("start", "" + COUNT, "--port", "" + port, "--proxied", "" + PROXIED);
  }

  /** Everything runs again, and is healthy. */
  void mend() {
    for (int k = 1; k <= COUNT; k++) {
      try {
        run("resume", "" + k);
      } catch (IllegalStateException e) {
        // it does not run: it is started below
      }
    }
    run("start");
  }

  /** Starts one node and waits until it answers S3 requests, whatever it knows of the others. */
  void startAlone(int node, Map<String, String> environment) {
    run(environment, "start", "--only", "" + node);
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
    for (int k = 1; k <= COUNT; k++) {
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

  /** The identity of a node. */
  String id(int node) {
    return garage(node, "node", "id", "-q").strip().replaceAll("@.*", "");
  }

  static List<Integer> all() {
    return IntStream.rangeClosed(1, COUNT).boxed().toList();
  }
}
