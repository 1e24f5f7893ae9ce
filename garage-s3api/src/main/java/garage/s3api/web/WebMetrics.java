package garage.s3api.web;

import garage.common.env.Clock;
import garage.common.metrics.Counter;
import garage.common.metrics.Family;
import garage.common.metrics.Histogram;
import garage.common.metrics.Metrics;
import garage.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Function;

/** Counts requests to web sites, until the answer's head is known. */
final class WebMetrics {
  /** Names of methods are the client's to choose, those of metrics are not. */
  private static final Set<String> METHODS = Set.of("GET", "HEAD", "OPTIONS");

  private final Family<Counter> requests;
  private final Family<Counter> errors;
  private final Family<Histogram> durations;
  private final boolean hosts;
  private final Clock clock;

  WebMetrics(Metrics metrics, boolean hosts, Clock clock) {
    this.requests =
        metrics.counters("web_request_counter", "Web requests", labels(hosts, "method"));
    this.errors =
        metrics.counters(
            "web_error_counter",
            "Of them, refused or failed",
            labels(hosts, "method", "status_code"));
    this.durations =
        metrics.durations(
            "web_request_duration", "Time to the head of the answer", labels(hosts, "method"));
    this.hosts = hosts;
    this.clock = clock;
  }

  /** A request under way. */
  static final class Attempt {
    private String host = "";

    /** Tells the site, once it is known that there is one. */
    void at(String site) {
      host = site;
    }
  }

  /** Answers a request, and counts it. */
  HttpResponse counted(String method, Function<Attempt, HttpResponse> answer) {
    String named = METHODS.contains(method) ? method : "other";
    Attempt attempt = new Attempt();
    long start = clock.nanos();
    HttpResponse response = answer.apply(attempt);
    durations.of(values(attempt, named)).record(Duration.ofNanos(clock.nanos() - start));
    requests.of(values(attempt, named)).increment();
    if (response.status() >= 400) {
      errors.of(values(attempt, named, Integer.toString(response.status()))).increment();
    }
    return response;
  }

  private String[] values(Attempt attempt, String... values) {
    return hosts ? append(values, attempt.host) : values;
  }

  private static String[] labels(boolean hosts, String... labels) {
    return hosts ? append(labels, "host") : labels;
  }

  private static String[] append(String[] texts, String last) {
    String[] all = Arrays.copyOf(texts, texts.length + 1);
    all[texts.length] = last;
    return all;
  }
}
