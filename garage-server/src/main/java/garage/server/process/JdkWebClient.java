package garage.server.process;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.server.discovery.DiscoverySettings;
import garage.server.discovery.WebClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/** The JDK's HTTP client, for the few requests of a round. */
final class JdkWebClient implements WebClient {
  private static final Duration CONNECT_TIME_MAX = Duration.ofSeconds(5);

  private final String address;
  private final Clock clock;
  private final HttpClient client;

  /** {@code address} is the URL that paths are appended to. */
  JdkWebClient(String address, DiscoverySettings.Tls tls, Clock clock) {
    this.address = address;
    this.clock = clock;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIME_MAX)
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1);
    if (!tls.equals(DiscoverySettings.Tls.DEFAULT)) {
      builder.sslContext(PemTls.context(tls));
    }
    this.client = builder.build();
  }

  @Override
  public Reply send(Request request, Deadline deadline) {
    Duration left = deadline.remaining(clock);
    if (left.isZero()) {
      throw new GarageException.TimedOut("no time to ask " + address);
    }
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(address + request.path()))
            .timeout(left)
            .method(
                request.method(),
                request.body().isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(request.body()));
    request.headers().forEach(builder::header);
    try {
      HttpResponse<String> response =
          client.send(
              builder.build(), BodyHandlers.limiting(BodyHandlers.ofString(), ANSWER_CHARS_MAX));
      return new Reply(response.statusCode(), response.body());
    } catch (HttpTimeoutException e) {
      throw new GarageException.TimedOut(address + " does not answer");
    } catch (IOException e) {
      throw new GarageException.Unreachable(address + ": " + e, e);
    } catch (InterruptedException e) {
      throw new GarageException.Cancelled("while asking " + address);
    }
  }
}
