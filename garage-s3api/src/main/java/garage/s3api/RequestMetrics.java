package garage.s3api;

import garage.common.env.Clock;
import garage.common.metrics.Counter;
import garage.common.metrics.Family;
import garage.common.metrics.Histogram;
import garage.common.metrics.Metrics;
import garage.http.HttpResponse;
import garage.s3api.request.S3Request;
import java.time.Duration;
import java.util.function.Function;

/** Counts S3 requests by their operation, until the answer's head is known. */
final class RequestMetrics {
  private static final String ENDPOINT = "api_endpoint";

  /** What was refused before it was known what it is. */
  private static final String UNKNOWN = "Unknown";

  private final Family<Counter> requests;
  private final Family<Counter> errors;
  private final Family<Histogram> durations;
  private final Clock clock;

  RequestMetrics(Metrics metrics, Clock clock) {
    this.requests = metrics.counters("api_s3_request_counter", "S3 requests", ENDPOINT);
    this.errors =
        metrics.counters(
            "api_s3_error_counter", "Of them, refused or failed", ENDPOINT, "status_code");
    this.durations =
        metrics.durations("api_s3_request_duration", "Time to the head of the answer", ENDPOINT);
    this.clock = clock;
  }

  /** A request under way. */
  static final class Attempt {
    private String operation = UNKNOWN;

    /** Tells what it is; an operation that does not exist is one for all of them. */
    void is(S3Request request) {
      operation = request.getClass().getSimpleName();
    }
  }

  /** Answers a request, and counts it. */
  HttpResponse counted(Function<Attempt, HttpResponse> answer) {
    Attempt attempt = new Attempt();
    long start = clock.nanos();
    HttpResponse response = answer.apply(attempt);
    durations.of(attempt.operation).record(Duration.ofNanos(clock.nanos() - start));
    requests.of(attempt.operation).increment();
    if (response.status() >= 400) {
      errors.of(attempt.operation, Integer.toString(response.status())).increment();
    }
    return response;
  }
}
