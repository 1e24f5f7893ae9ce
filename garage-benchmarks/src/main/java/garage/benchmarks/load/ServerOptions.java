package garage.benchmarks.load;

import garage.http.sigv4.Credentials;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the server under load is, or the nodes of a cluster, and as whom to speak to it. */
final class ServerOptions {
  @Option(names = "--host", description = "The server's address")
  String host = "127.0.0.1";

  @Option(names = "--port", split = ",", description = "The port of its S3 API; of each node")
  List<Integer> ports = List.of(3900);

  @Option(names = "--admin-port", split = ",", description = "Of the admin API, for its metrics")
  List<Integer> adminPorts = List.of();

  @Option(names = "--region", description = "The region requests are signed for")
  String region = "garage";

  @Option(names = "--access-key", defaultValue = "${env:AWS_ACCESS_KEY_ID}", required = true)
  String accessKey = "";

  @Option(names = "--secret-key", defaultValue = "${env:AWS_SECRET_ACCESS_KEY}", required = true)
  String secretKey = "";

  @Option(
      names = "--server-pid",
      split = ",",
      description = "The server's process, for its CPU and memory; of each node")
  @Nullable List<Long> pids;

  List<Connection.Target> targets() {
    Credentials credentials = new Credentials(accessKey, secretKey);
    return ports.stream()
        .map(port -> new Connection.Target(host, port, region, credentials))
        .toList();
  }

  /** Null if no process was named. */
  @Nullable Servers servers() {
    return pids == null ? null : new Servers(pids.stream().map(ServerProcess::new).toList());
  }
}
