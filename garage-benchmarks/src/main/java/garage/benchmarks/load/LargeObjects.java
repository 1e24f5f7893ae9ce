package garage.benchmarks.load;

import garage.http.Headers;
import garage.http.sigv4.Credentials;
import garage.http.sigv4.RequestSigner;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.Arrays;

/** Objects too large to be held, in one bucket. */
final class LargeObjects implements AutoCloseable {
  private static final int PIECE_BYTES = 64 << 10;
  private static final String UNSIGNED = "UNSIGNED-PAYLOAD";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String authority;
  private final String bucket;
  private final RequestSigner signer;

  LargeObjects(int port, String bucket, Credentials credentials) {
    this.authority = "127.0.0.1:" + port;
    this.bucket = bucket;
    this.signer = new RequestSigner(credentials, "garage", "s3");
  }

  /** Stores an object in one request. */
  void put(String key, LargeContent content) throws IOException, InterruptedException {
    send("PUT", key, "", body(content, 0, content.length()), BodyHandlers.discarding());
  }

  /** Stores an object part by part. */
  void putInParts(String key, LargeContent content, long partBytes)
      throws IOException, InterruptedException {
    String id =
        element(
            send("POST", key, "?uploads=", BodyPublishers.noBody(), BodyHandlers.ofString()).body(),
            "UploadId");
    StringBuilder document = new StringBuilder("<CompleteMultipartUpload>");
    int number = 0;
    for (long at = 0; at < content.length(); at += partBytes) {
      number++;
      BodyPublisher part = body(content, at, Math.min(partBytes, content.length() - at));
      String query = "?partNumber=" + number + "&uploadId=" + id;
      String tag =
          send("PUT", key, query, part, BodyHandlers.discarding())
              .headers()
              .firstValue("ETag")
              .orElseThrow();
      document.append(
          "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>".formatted(number, tag));
    }
    BodyPublisher parts = BodyPublishers.ofString(document + "</CompleteMultipartUpload>");
    element(
        send("POST", key, "?uploadId=" + id, parts, BodyHandlers.ofString()).body(),
        "CompleteMultipartUploadResult");
  }

  /** Reads an object and compares all of it. */
  void check(String key, LargeContent content) throws IOException, InterruptedException {
    byte[] expected = new byte[PIECE_BYTES];
    try (InputStream read =
            send("GET", key, "", BodyPublishers.noBody(), BodyHandlers.ofInputStream()).body();
        InputStream made = content.from(0, content.length())) {
      long at = 0;
      for (byte[] got = read.readNBytes(PIECE_BYTES);
          got.length > 0;
          got = read.readNBytes(PIECE_BYTES)) {
        int n = made.readNBytes(expected, 0, got.length);
        if (n < got.length || !Arrays.equals(got, 0, n, expected, 0, n)) {
          throw new RequestFailed(key + " is not what was stored, from byte " + at + " on");
        }
        at += n;
      }
      if (at != content.length()) {
        throw new RequestFailed(key + " ends after " + at + " bytes");
      }
    }
  }

  private static BodyPublisher body(LargeContent content, long offset, long count) {
    return BodyPublishers.fromPublisher(
        BodyPublishers.ofInputStream(() -> content.from(offset, count)), count);
  }

  private <T> HttpResponse<T> send(
      String method,
      String key,
      String query,
      BodyPublisher body,
      HttpResponse.BodyHandler<T> handler)
      throws IOException, InterruptedException {
    String target = "/" + bucket + "/" + key + query;
    Headers signed =
        signer
            .sign(
                new RequestSigner.Unsigned(method, target, Headers.of("Host", authority)),
                UNSIGNED,
                Instant.now())
            .headers();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + authority + target)).method(method, body);
    signed.forEach((name, value) -> {
      if (!name.equalsIgnoreCase("host")) {
        request.header(name, value);
      }
    });
    HttpResponse<T> reply = http.send(request.build(), handler);
    if (reply.statusCode() != 200) {
      throw new RequestFailed(method + " " + key + ": " + reply.statusCode());
    }
    return reply;
  }

  private static String element(String document, String name) {
    int from = document.indexOf("<" + name);
    int to = document.indexOf("</" + name + ">");
    if (from < 0 || to < 0) {
      throw new RequestFailed("no " + name + " in " + document);
    }
    return document.substring(document.indexOf('>', from) + 1, to);
  }

  @Override
  public void close() {
    http.close();
  }
}
