package garage.benchmarks.load;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/** What each node says of itself in its metrics. */
final class MetricsPages {
  private static final Duration REPLY_TIME_MAX = Duration.ofSeconds(2);

  private final List<Integer> adminPorts;
  private final HttpClient client = HttpClient.newHttpClient();

  /** None known where there are no ports. */
  MetricsPages(List<Integer> adminPorts) {
    this.adminPorts = List.copyOf(adminPorts);
  }

  /** Of each node the sum of the lines that are {@code wanted}; nothing of one that tells none. */
  List<OptionalDouble> sums(Predicate<String> wanted) throws InterruptedException {
    List<OptionalDouble> sums = new ArrayList<>();
    for (int port : adminPorts) {
      List<Double> values =
          page(port)
              .lines()
              .filter(wanted)
              .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
              .toList();
      sums.add(
          values.isEmpty()
              ? OptionalDouble.empty()
              : OptionalDouble.of(values.stream().mapToDouble(value -> value).sum()));
    }
    return sums;
  }

  private String page(int port) throws InterruptedException {
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
