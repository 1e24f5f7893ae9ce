package garage.benchmarks.load;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/**
 * How often nodes asked several others at once, from their metrics: what a network with latency
 * costs an operation. What nodes do among themselves, without a client, does not count.
 */
final class Rounds {
  private static final String METRIC = "rpc_rounds_counter{";
  private static final List<String> OF_CLIENTS =
      List.of("\"register/", "\"table/", "\"scan/", "\"block/", "\"counter/");
  private static final Duration REPLY_TIME_MAX = Duration.ofSeconds(2);

  private final List<Integer> adminPorts;
  private final HttpClient client = HttpClient.newHttpClient();

  /** None known where there are no ports. */
  Rounds(List<Integer> adminPorts) {
    this.adminPorts = List.copyOf(adminPorts);
  }

  /** All so far; not a number if the nodes do not tell. */
  double made() throws InterruptedException {
    double sum = 0;
    boolean told = false;
    for (int port : adminPorts) {
      for (String line : metrics(port).lines().toList()) {
        if (line.startsWith(METRIC) && OF_CLIENTS.stream().anyMatch(line::contains)) {
          sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
          told = true;
        }
      }
    }
    return told ? sum : Double.NaN;
  }

  private String metrics(int port) throws InterruptedException {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
              .timeout(REPLY_TIME_MAX)
              .build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return ""; // a node that was taken away on purpose
    }
  }
}
