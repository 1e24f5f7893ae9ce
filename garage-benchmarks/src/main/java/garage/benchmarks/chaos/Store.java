package garage.benchmarks.chaos;

import garage.common.hash.Digests;
import garage.http.Headers;
import garage.http.sigv4.Credentials;
import garage.http.sigv4.RequestSigner;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The bucket as one node shows it to a client that retries as an SDK does. */
final class Store {
  /** An SDK's standard: the first attempt and two more. */
  private static final int ATTEMPTS = 3;

  private static final long RETRY_MILLIS = 200;
  private static final Duration REPLY_TIME_MAX = Duration.ofSeconds(30);

  /** A node alone has nobody to wait for. */
  private static final Duration ALONE_TIME_MAX = Duration.ofSeconds(5);

  private static final Pattern ENTRY =
      Pattern.compile("<Contents>.*?<Key>(.*?)</Key>.*?<Size>(\\d+)</Size>.*?</Contents>");
  private static final Pattern NEXT =
      Pattern.compile("<NextContinuationToken>(.*?)</NextContinuationToken>");

  private final HttpClient http;
  private final String authority;
  private final String bucket;
  private final RequestSigner signer;
  private final int attempts;
  private final Duration patience;
  private final LongAdder retries = new LongAdder();

  /** What a request failed with after all its attempts. */
  static final class Failed extends RuntimeException {
    Failed(String message) {
      super(message);
    }
  }

  /** {@code alone} is for a node without its peers: what it cannot answer now it never can. */
  Store(HttpClient http, int port, String bucket, Credentials credentials, boolean alone) {
    this.http = http;
    this.authority = "127.0.0.1:" + port;
    this.bucket = bucket;
    this.signer = new RequestSigner(credentials, "garage", "s3");
    this.attempts = alone ? 1 : ATTEMPTS;
    this.patience = alone ? ALONE_TIME_MAX : REPLY_TIME_MAX;
  }

  /** Attempts after the first, of all requests. */
  long retries() {
    return retries.sum();
  }

  void put(String key, byte[] body) {
    expect(send("PUT", key, body), "PUT", key);
  }

  void delete(String key) {
    expect(send("DELETE", key, new byte[0]), "DELETE", key);
  }

  Optional<byte[]> get(String key) {
    HttpResponse<byte[]> response = send("GET", key, new byte[0]);
    if (response.statusCode() == 404) {
      return Optional.empty();
    }
    expect(response, "GET", key);
    return Optional.of(response.body());
  }

  /** Whether this node alone knows the object, of this size. */
  boolean has(String key, long size) {
    try {
      HttpResponse<byte[]> response = send("HEAD", key, new byte[0]);
      return response.statusCode() == 200
          && response.headers().firstValueAsLong("Content-Length").orElse(-1) == size;
    } catch (Failed e) {
      return false;
    }
  }

  /** Every key of the bucket that begins so, and its size; prefixes here are plain text. */
  Map<String, Long> list(String prefix) {
    Map<String, Long> listed = new TreeMap<>();
    String more = "";
    while (true) {
      String query = "?" + more + "list-type=2&max-keys=100&prefix=" + prefix.replace("/", "%2F");
      HttpResponse<byte[]> response = send("GET", query, new byte[0]);
      expect(response, "LIST", prefix);
      String text = new String(response.body(), StandardCharsets.UTF_8);
      Matcher entries = ENTRY.matcher(text);
      while (entries.find()) {
        listed.put(entries.group(1), Long.parseLong(entries.group(2)));
      }
      Matcher next = NEXT.matcher(text);
      if (!next.find()) {
        return listed;
      }
      more =
          "continuation-token="
              + next.group(1).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
              + "&";
    }
  }

  private static void expect(HttpResponse<byte[]> response, String method, String key) {
    if (response.statusCode() / 100 != 2) {
      throw new Failed(
          "%s %s: %d %s"
              .formatted(
                  method,
                  key,
                  response.statusCode(),
                  new String(response.body(), StandardCharsets.UTF_8)));
    }
  }

  private HttpResponse<byte[]> send(String method, String key, byte[] body) {
    String path = "/" + bucket + (key.startsWith("?") ? key : "/" + key);
    String problem = "";
    for (int attempt = 1; attempt <= attempts; attempt++) {
      try {
        HttpResponse<byte[]> response =
            http.send(request(method, path, body), HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() / 100 != 5 || attempt == attempts) {
          return response;
        }
        problem = "status " + response.statusCode();
      } catch (IOException e) {
        problem = e.toString();
      } catch (InterruptedException e) {
        throw new Failed("interrupted");
      }
      if (attempt < attempts) {
        retries.increment();
        pause(RETRY_MILLIS << attempt);
      }
    }
    throw new Failed(method + " " + path + ": " + problem);
  }

  private HttpRequest request(String method, String path, byte[] body) {
    String hash = Digests.sha256(body).toString();
    Headers unsigned = Headers.builder().set("Host", authority).build();
    Headers signed =
        signer
            .sign(new RequestSigner.Unsigned(method, path, unsigned), hash, Instant.now())
            .headers();
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create("http://" + authority + path))
            .timeout(patience)
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    signed.forEach((name, value) -> {
      if (!name.equalsIgnoreCase("Host")) { // the client sets it, to the same
        builder.header(name, value);
      }
    });
    return builder.build();
  }

  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new Failed("interrupted");
    }
  }
}
