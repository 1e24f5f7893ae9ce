package garage.benchmarks.load;

import garage.common.env.Address;
import garage.common.env.system.SystemClock;
import garage.common.env.system.SystemRandom;
import garage.common.env.system.SystemTasks;
import garage.common.hash.Checksum;
import garage.common.hash.ChecksumAlgorithm;
import garage.http.Headers;
import garage.http.HttpHandler;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.http.HttpServerSettings;
import garage.http.netty.NettyHttpServer;
import garage.http.sigv4.Credentials;
import garage.http.sigv4.SignatureException;
import garage.http.sigv4.SignatureVerifier;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An S3 server in memory that verifies signatures and checksums, and can be made to fail. */
final class FakeS3 implements HttpHandler, AutoCloseable {
  static final Credentials CREDENTIALS = new Credentials("GK00", "a secret");

  private static final String ETAG = "\"0123456789abcdef0123456789abcdef\"";

  final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  final Map<String, AtomicInteger> seen = new ConcurrentHashMap<>();
  volatile boolean corrupts;
  volatile boolean refuses;

  private final Map<String, byte[]> parts = new ConcurrentHashMap<>();
  private final SignatureVerifier verifier =
      new SignatureVerifier(new SystemClock(), "s3", id -> CREDENTIALS);
  private final NettyHttpServer server =
      NettyHttpServer.start(
          HttpServerSettings.at(new Address("127.0.0.1", 0)),
          this,
          new SystemClock(),
          new SystemTasks(),
          new SystemRandom());

  int port() {
    return server.address().port();
  }

  @Override
  public HttpResponse handle(HttpRequest request) {
    byte[] body;
    try {
      body = verifier.authenticate(request).payload().readAll(16 << 20);
    } catch (SignatureException e) {
      return HttpResponse.text(403, e.toString());
    }
    if (refuses) {
      return HttpResponse.text(503, "SlowDown");
    }
    String crc = request.headers().first("x-amz-checksum-crc32");
    if (body == null
        || (crc != null && !Checksum.compute(ChecksumAlgorithm.CRC32, body).base64().equals(crc))) {
      return HttpResponse.text(400, "BadDigest");
    }
    return answer(request, body);
  }

  private HttpResponse answer(HttpRequest request, byte[] body) {
    String path = request.target().path();
    seen.computeIfAbsent(request.method(), m -> new AtomicInteger()).incrementAndGet();
    return switch (request.method()) {
      case "PUT" -> put(request, path, body);
      case "POST" -> post(request, path);
      case "HEAD" -> {
        byte[] bytes = objects.get(path);
        yield bytes == null
            ? HttpResponse.empty(404, Headers.EMPTY)
            : HttpResponse.empty(
                200, Headers.of("ETag", ETAG, "Content-Length", Integer.toString(bytes.length)));
      }
      case "DELETE" -> HttpResponse.empty(objects.remove(path) == null ? 404 : 204, Headers.EMPTY);
      default -> request.query().contains("list-type") ? list(request, path) : get(request, path);
    };
  }

  private HttpResponse put(HttpRequest request, String path, byte[] body) {
    String part = request.query().first("partNumber");
    if (part != null) {
      parts.put(path + request.query().first("uploadId") + part, body);
    } else {
      objects.put(path, body);
    }
    return HttpResponse.empty(200, Headers.of("ETag", ETAG));
  }

  private HttpResponse post(HttpRequest request, String path) {
    if (request.query().contains("uploads")) {
      return HttpResponse.text(200, "<X><UploadId>a+b</UploadId></X>");
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    String prefix = path + request.query().first("uploadId");
    byte[] bytes = parts.remove(prefix + 1);
    for (int part = 1; bytes != null; part++, bytes = parts.remove(prefix + part)) {
      whole.writeBytes(bytes);
    }
    objects.put(path, whole.toByteArray());
    return HttpResponse.text(200, "<X><ETag>" + ETAG + "</ETag></X>");
  }

  private HttpResponse get(HttpRequest request, String path) {
    byte[] bytes = objects.get(path);
    if (bytes == null) {
      return HttpResponse.text(404, "NoSuchKey");
    }
    String range = request.headers().first("range");
    int status = 200;
    if (range != null) {
      String[] ends = range.substring("bytes=".length()).split("-", -1);
      bytes = Arrays.copyOfRange(bytes, Integer.parseInt(ends[0]), Integer.parseInt(ends[1]) + 1);
      status = 206;
    }
    if (corrupts) {
      bytes = bytes.clone();
      bytes[bytes.length - 1] ^= 1;
    }
    return HttpResponse.bytes(status, Headers.of("ETag", ETAG), bytes);
  }

  private HttpResponse list(HttpRequest request, String path) {
    int max = Integer.parseInt(text(request, "max-keys"));
    String after = path + "/" + text(request, "start-after");
    List<String> keys =
        objects.tailMap(after, false).keySet().stream()
            .takeWhile(k -> k.startsWith(path + "/"))
            .limit(max)
            .toList();
    byte[] page =
        ("<L><Key>" + String.join("</Key><Key>", keys) + "</Key></L>")
            .getBytes(StandardCharsets.UTF_8);
    // Chunked, as a page that is written while it is made.
    return HttpResponse.streamed(200, Headers.EMPTY, -1, sink -> sink.write(page, 0, page.length));
  }

  private static String text(HttpRequest request, String name) {
    @Nullable String value = request.query().first(name);
    return value == null ? "" : value;
  }

  @Override
  public void close() {
    server.close();
  }
}
