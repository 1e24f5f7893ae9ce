package garage.http.netty;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Address;
import garage.common.env.Deadline;
import garage.common.env.Promise;
import garage.common.env.system.SystemRandom;
import garage.common.env.system.SystemTasks;
import garage.common.error.GarageException;
import garage.http.BodySink;
import garage.http.Headers;
import garage.http.HttpHandler;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.http.HttpServerSettings;
import garage.http.HttpServerSettings.Limits;
import garage.http.HttpServerSettings.Timeouts;
import garage.http.ProtocolError;
import garage.http.RequestFailure;
import garage.http.ResponseBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A real server and clients that send bytes of their own choosing. */
class NettyHttpServerTest {
  private static final Duration SHORT = Duration.ofMillis(150);
  private static final int MIB = 1 << 20;

  /** Says what it was asked, and what the body was. */
  private static HttpResponse echo(HttpRequest request) {
    byte[] body = request.body().readAll(100 * MIB);
    String text = request.method() + " " + request.target().path() + " ";
    byte[] head = text.getBytes(StandardCharsets.UTF_8);
    byte[] all = new byte[head.length + (body == null ? 0 : body.length)];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(body == null ? head : body, 0, all, head.length, all.length - head.length);
    return HttpResponse.bytes(200, Headers.of("X-Id", request.id()), all);
  }

  private static HttpResponse ok() {
    return HttpResponse.text(200, "ok");
  }

  @Test
  void oneConnectionServesManyRequests() throws IOException {
    try (var server = ServerFixture.start(NettyHttpServerTest::echo);
        var client = new RawClient(server.address())) {
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        client.send("PUT /k" + i + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab" + i % 10);
        RawClient.Response response = client.read();
        assertEquals(200, response.status());
        assertEquals("PUT /k" + i + " ab" + i % 10, response.text());
        assertNotNull(response.headers().first("Date"));
        assertNull(response.headers().first("Connection"));
        ids.add(response.headers().first("X-Id"));
      }
      assertEquals(20, ids.stream().distinct().count());
    }
  }

  @Test
  void requestsSentAheadAreAnsweredInOrder() throws IOException {
    try (var server = ServerFixture.start(NettyHttpServerTest::echo);
        var client = new RawClient(server.address())) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 500; i++) {
        all.append("PUT /k").append(i).append(" HTTP/1.1\r\nHost: h\r\n");
        all.append(
            i % 2 == 0
                ? "Content-Length: 2\r\n\r\nxy"
                : "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n1\r\ny\r\n0\r\n\r\n");
      }
      client.send(all.toString());
      for (int i = 0; i < 500; i++) {
        assertEquals("PUT /k" + i + " xy", client.read().text());
      }
    }
  }

  @Test
  void requestsAreReadAlikeHoweverTheirBytesArrive() throws IOException {
    String request =
        "PUT /a%20b?x=1&y HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5;ext=1\r\nhello\r\n06\r\n world\r\n0\r\nTrailer: x\r\n\r\n";
    try (var server = ServerFixture.start(NettyHttpServerTest::echo)) {
      for (int cut = 1; cut < request.length(); cut += 3) {
        try (var client = new RawClient(server.address())) {
          client.send(request.substring(0, cut));
          client.send(request.substring(cut));
          assertEquals("PUT /a b hello world", client.read().text());
        }
      }
      try (var client = new RawClient(server.address())) {
        for (int i = 0; i < request.length(); i++) {
          client.send(request.substring(i, i + 1));
        }
        assertEquals("PUT /a b hello world", client.read().text());
      }
    }
  }

  @Test
  void headHasTheLengthButNoBody() throws IOException {
    HttpHandler handler =
        request ->
            switch (request.target().path()) {
              case "/bytes" -> HttpResponse.text(200, "12345");
              case "/stream" ->
                  HttpResponse.streamed(
                      200,
                      Headers.EMPTY,
                      7,
                      sink -> {
                        throw new IllegalStateException("not for a HEAD");
                      });
              case "/stated" -> HttpResponse.empty(200, Headers.of("Content-Length", "9"));
              default -> HttpResponse.empty(404, Headers.EMPTY);
            };
    try (var server = ServerFixture.start(handler);
        var client = new RawClient(server.address())) {
      for (String[] expected :
          new String[][] {{"/bytes", "5"}, {"/stream", "7"}, {"/stated", "9"}, {"/none", "0"}}) {
        client.send("HEAD " + expected[0] + " HTTP/1.1\r\nHost: h\r\n\r\n");
        assertEquals(expected[1], client.read(false).headers().first("content-length"));
      }
      client.send("GET /bytes HTTP/1.1\r\nHost: h\r\n\r\n");
      assertEquals("12345", client.read().text());
    }
  }

  @Test
  void noContentHasNeitherBodyNorLength() throws IOException {
    try (var server = ServerFixture.start(r -> HttpResponse.empty(204, Headers.EMPTY));
        var client = new RawClient(server.address())) {
      for (int i = 0; i < 2; i++) {
        client.send("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n");
        RawClient.Response response = client.read();
        assertEquals(204, response.status());
        assertNull(response.headers().first("content-length"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 32 * 1024, 32 * 1024 + 1, 64 * 1024, 200_000, 3_000_000})
  void bodiesOfEveryKindAndLengthArriveWhole(int length) throws IOException {
    byte[] body = new byte[length];
    new Random(length).nextBytes(body);
    HttpHandler handler =
        request ->
            switch (request.target().path()) {
              case "/bytes" -> HttpResponse.bytes(200, Headers.EMPTY, body);
              case "/known" ->
                  HttpResponse.streamed(200, Headers.EMPTY, length, sink -> write(sink, body));
              default ->
                  HttpResponse.streamed(
                      200,
                      Headers.EMPTY,
                      ResponseBody.UNKNOWN_LENGTH,
                      sink -> {
                        sink.flush();
                        write(sink, body);
                        sink.flush();
                        sink.flush();
                      });
            };
    try (var server = ServerFixture.start(handler);
        var client = new RawClient(server.address())) {
      for (String path : List.of("/bytes", "/known", "/chunked", "/bytes")) {
        client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
        assertArrayEquals(body, client.read().body(), path);
      }
    }
  }

  private static void write(BodySink sink, byte[] body) {
    Random random = new Random(1);
    for (int at = 0; at < body.length; ) {
      int n = Math.min(body.length - at, 1 + random.nextInt(100_000));
      if (random.nextBoolean()) {
        sink.write(body, at, n);
      } else {
        ByteBuffer buffer = ByteBuffer.wrap(body, at, n);
        sink.write(buffer);
        assertEquals(0, buffer.remaining());
      }
      at += n;
    }
  }

  @Test
  void version10GetsTheStreamUpToTheEndOfTheConnection() throws IOException {
    HttpHandler handler =
        r ->
            HttpResponse.streamed(
                200, Headers.EMPTY, ResponseBody.UNKNOWN_LENGTH, s -> write(s, new byte[100]));
    try (var server = ServerFixture.start(handler);
        var client = new RawClient(server.address())) {
      client.send("GET / HTTP/1.0\r\n\r\n");
      assertEquals(100, client.read().body().length);
    }
  }

  @Test
  void continueIsSentWhenTheHandlerFirstReads() throws IOException {
    try (var server = ServerFixture.start(NettyHttpServerTest::echo);
        var client = new RawClient(server.address())) {
      for (int i = 0; i < 3; i++) {
        client.send(
            "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        assertEquals(100, client.read().status());
        client.send("hello");
        assertEquals("PUT /a hello", client.read().text());
      }
    }
  }

  @Test
  void aBodyThatWasRefusedUnreadIsNotAskedFor() throws IOException {
    try (var server = ServerFixture.start(r -> HttpResponse.text(403, "no"));
        var client = new RawClient(server.address())) {
      client.send(
          "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
      RawClient.Response response = client.read();
      assertEquals(403, response.status());
      assertEquals("close", response.headers().first("connection"));
      assertTrue(client.isEnded());
    }
  }

  @Test
  void aSmallUnreadBodyIsDroppedAndTheConnectionGoesOn() throws IOException {
    try (var server = ServerFixture.start(r -> HttpResponse.text(403, "no"));
        var client = new RawClient(server.address())) {
      for (int i = 0; i < 3; i++) {
        client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n");
        client.send(new byte[200_000]);
        RawClient.Response response = client.read();
        assertEquals(403, response.status());
        assertNull(response.headers().first("connection"));
      }
    }
  }

  @Test
  void theReplyToALargeUnreadBodyIsSeenByAClientThatSendsItAll() throws IOException {
    try (var server = ServerFixture.start(r -> HttpResponse.text(403, "no"));
        var client = new RawClient(server.address())) {
      client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 20000000\r\n\r\n");
      client.send(new byte[20_000_000]);
      assertEquals("no", client.read().text());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n\r\n", // no Host
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\r b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /?a=%f HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
        "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\u0016\u0003\u0001\u0002\r\n\r\n", // TLS
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n",
        "PUT / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      })
  void whatTwoReadersCouldReadDifferentlyIsRefused(String request) throws IOException {
    try (var server = ServerFixture.start(NettyHttpServerTest::echo);
        var client = new RawClient(server.address())) {
      client.send(request).send("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
      RawClient.Response response = client.read();
      assertEquals(400, response.status());
      assertEquals("close", response.headers().first("connection"));
      client.closeOutput();
      assertTrue(client.isEnded(), "something was served after it");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " a miracle"})
  void anExpectationOfNothingKnownIsNone(String expectation) throws IOException {
    try (var server = ServerFixture.start(NettyHttpServerTest::echo);
        var client = new RawClient(server.address())) {
      String head = "PUT /a HTTP/1.1\r\nHost: a\r\nExpect:" + expectation;
      client.send(head + "\r\nContent-Length: 1\r\n\r\nx");
      assertEquals("PUT /a x", client.read().text());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'PUT / HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked||', 501",
    "'PUT / HTTP/1.1|Host: a|Transfer-Encoding: identity||', 501",
    "'GET / HTTP/2.0|Host: a||', 505"
  })
  void whatIsNotUnderstoodIsSaidToBeSo(String request, int status) throws IOException {
    try (var server = ServerFixture.start(NettyHttpServerTest::echo);
        var client = new RawClient(server.address())) {
      client.send(request.replace("|", "\r\n"));
      assertEquals(status, client.read().status());
      client.closeOutput();
      assertTrue(client.isEnded());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\r\n",
        "\r\n",
        "-1\r\n",
        "0x1\r\n",
        " 1\r\nx\r\n",
        "1 \r\nx\r\n",
        "1\nx\n0\n\n",
        "1\r\nxx\r\n",
        "1\r\nx\n0\r\n\r\n",
        "1000000000000000\r\n",
        "1;\u0001\r\n",
        "0\r\n\u0001\r\n\r\n"
      })
  void aBadChunkEndsTheRequestAndTheConnection(String chunks) throws IOException {
    try (var server = ServerFixture.start(NettyHttpServerTest::echo);
        var client = new RawClient(server.address())) {
      client.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
      RawClient.Response response = client.read();
      assertEquals(400, response.status());
      client.closeOutput();
      assertTrue(client.isEnded());
    }
  }

  @Test
  void anAbsoluteTargetOutranksTheHostHeader() throws IOException {
    HttpHandler handler =
        r -> HttpResponse.text(200, r.host() + " " + r.target().path() + " " + r.query());
    try (var server = ServerFixture.start(handler);
        var client = new RawClient(server.address())) {
      client.send("GET http://other:1/p?a=b HTTP/1.1\r\nHost: h\r\n\r\n");
      String query = "Query[parameters=[Parameter[name=a, value=b]]]";
      assertEquals("other:1 /p " + query, client.read().text());
    }
  }

  @Test
  void headersKeepUtf8AndFallBackToLatin1() throws IOException {
    HttpHandler handler =
        r -> HttpResponse.empty(200, Headers.of("X-Back", r.headers().all("x-in").toString()));
    try (var server = ServerFixture.start(handler);
        var client = new RawClient(server.address())) {
      client.send("GET / HTTP/1.1\r\nHost: h\r\nX-In: \u00c3\u00a9\r\nx-iN: \t\u00e9 \r\n\r\n");
      assertEquals("[\u00c3\u00a9, \u00c3\u00a9]", client.read().headers().first("x-back"));
    }
  }

  @ParameterizedTest
  @CsvSource({"3000, 0, 0, 414", "10, 5000, 0, 431", "10, 10, 60, 431"})
  void anOversizeHeadIsRefusedInTheHandlersOwnForm(int line, int value, int fields, int status)
      throws IOException {
    HttpHandler handler =
        new HttpHandler() {
          @Override
          public HttpResponse handle(HttpRequest request) {
            return ok();
          }

          @Override
          public HttpResponse refuse(ProtocolError error, String requestId) {
            return HttpResponse.text(error.kind().status(), "<" + error.kind() + ">")
                .with("x-amz-request-id", requestId);
          }
        };
    try (var server =
            ServerFixture.start(ServerFixture.heads(2048, 4096, 50), Timeouts.DEFAULT, handler);
        var client = new RawClient(server.address())) {
      client.send("GET /" + "a".repeat(line) + " HTTP/1.1\r\nHost: a\r\n");
      client.send("X: " + "b".repeat(value) + "\r\n" + "Y: 1\r\n".repeat(fields) + "\r\n");
      RawClient.Response response = client.read();
      assertEquals(status, response.status());
      assertTrue(response.text().matches("<(TARGET_TOO_LONG|HEAD_TOO_LARGE)>"));
      assertEquals(16, String.valueOf(response.headers().first("x-amz-request-id")).length());
    }
  }

  @Test
  void aHeadThatStopsArrivingIsCutOff() throws IOException {
    try (var server = ServerFixture.start(Limits.DEFAULT, ServerFixture.head(SHORT), r -> ok());
        var client = new RawClient(server.address())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
      assertEquals(408, client.read().status());
      client.closeOutput();
      assertTrue(client.isEnded());
    }
  }

  @Test
  void anIdleConnectionIsClosed() throws IOException {
    try (var server =
            ServerFixture.start(Limits.DEFAULT, ServerFixture.keepAlive(SHORT), r -> ok());
        var fresh = new RawClient(server.address());
        var used = new RawClient(server.address())) {
      used.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertEquals("ok", used.read().text());
      assertTrue(used.isEnded());
      assertTrue(fresh.isEnded());
    }
  }

  @Test
  void aBodyThatTricklesIsCutOff() throws IOException {
    Promise<Boolean> over = new Promise<>(ServerFixture.CLOCK);
    HttpHandler handler =
        r -> {
          try {
            return echo(r);
          } finally {
            over.complete(true);
          }
        };
    try (var server =
            ServerFixture.start(
                ServerFixture.bytesPerSecond(1 << 30), ServerFixture.bodyIdle(SHORT), handler);
        var client = new RawClient(server.address())) {
      client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
      while (!over.isDone()) {
        client.send("x"); // never nothing, and always less than the rate asked here
      }
      RawClient.Response response = client.read();
      assertEquals(400, response.status());
      assertEquals("close", response.headers().first("connection"));
    }
  }

  @Test
  void aClientThatLeavesWithinItsBodyEndsTheHandler() throws IOException {
    Promise<String> seen = new Promise<>(ServerFixture.CLOCK);
    HttpHandler handler =
        r -> {
          try {
            return echo(r);
          } catch (RequestFailure | GarageException e) {
            seen.complete(e.getClass().getSimpleName());
            throw e;
          }
        };
    try (var server = ServerFixture.start(handler)) {
      try (var client = new RawClient(server.address())) {
        client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc");
      }
      assertTrue(seen.await(soon()).matches("ClientGone|Cancelled"));
    }
  }

  @Test
  void aClientThatLeavesEndsAHandlerThatWorks() throws IOException {
    assertCancelled(Timeouts.DEFAULT, RawClient::reset);
  }

  @Test
  void aClientThatSendsNoMoreIsNotWaitedForForever() throws IOException {
    assertCancelled(ServerFixture.writeIdle(SHORT), RawClient::closeOutput);
  }

  /** What a client does to its connection. */
  private interface Leaving {
    void leave(RawClient client) throws IOException;
  }

  private static void assertCancelled(Timeouts timeouts, Leaving leaving) throws IOException {
    Promise<Boolean> started = new Promise<>(ServerFixture.CLOCK);
    Promise<Boolean> cancelled = new Promise<>(ServerFixture.CLOCK);
    HttpHandler handler =
        r -> {
          started.complete(true);
          try {
            ServerFixture.CLOCK.sleep(Duration.ofHours(1));
          } catch (GarageException.Cancelled e) {
            cancelled.complete(true);
            throw e;
          }
          return ok();
        };
    try (var server = ServerFixture.start(Limits.DEFAULT, timeouts, handler);
        var client = new RawClient(server.address())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      started.await(soon());
      leaving.leave(client);
      assertTrue(cancelled.await(soon()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5000, 300_000, 5_000_000})
  void aClientThatEndsItsSideAfterItsRequestsGetsItsReplies(int length) throws IOException {
    Promise<Boolean> ended = new Promise<>(ServerFixture.CLOCK);
    HttpHandler handler =
        r -> {
          ended.await(soon());
          byte[] body = r.body().readAll(100 * MIB);
          return HttpResponse.text(200, body == null ? "" : Integer.toString(body.length));
        };
    byte[] body = new byte[length];
    try (var server = ServerFixture.start(handler);
        var client = new RawClient(server.address())) {
      Promise<Boolean> sent = new Promise<>(ServerFixture.CLOCK);
      new SystemTasks()
          .start(
              "sender",
              () -> {
                String head = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length;
                client.sendQuietly((head + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                client.sendQuietly(body);
                client.sendQuietly(
                    "GET /last HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                client.endQuietly();
                sent.complete(true);
              });
      ended.complete(true);
      assertEquals(Integer.toString(length), client.read().text());
      assertEquals("0", client.read().text());
      assertTrue(client.isEnded(), "a half-closed connection was kept");
      sent.await(soon());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET / HTTP/1.1\r\nHo",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"
      })
  void aClientThatEndsItsSideWithinARequestGetsNothing(String request) throws IOException {
    try (var server = ServerFixture.start(NettyHttpServerTest::echo);
        var client = new RawClient(server.address())) {
      client.send(request).closeOutput();
      assertTrue(client.isEnded());
    }
  }

  @Test
  void aHandlerThatDoesNotReadStopsItsClient() throws IOException {
    Promise<Boolean> mayRead = new Promise<>(ServerFixture.CLOCK);
    Promise<Boolean> started = new Promise<>(ServerFixture.CLOCK);
    int length = 64 * MIB;
    long[] most = new long[1];
    NettyHttpServer[] running = new NettyHttpServer[1];
    HttpHandler handler =
        r -> {
          started.complete(true);
          mayRead.await(soon());
          byte[] piece = new byte[10_000];
          long total = 0;
          for (int n = r.body().read(piece); n >= 0; n = r.body().read(piece)) {
            total += n;
            most[0] = Math.max(most[0], running[0].receivedBytesHeld());
          }
          return HttpResponse.text(200, Long.toString(total));
        };
    try (var server = ServerFixture.start(handler);
        var client = new RawClient(server.address())) {
      running[0] = server;
      Promise<Boolean> sent = new Promise<>(ServerFixture.CLOCK);
      client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n");
      new SystemTasks()
          .start(
              "sender",
              () -> {
                client.sendQuietly(new byte[length]);
                sent.complete(true);
              });
      started.await(soon());
      // What came with the head, at most.
      long early = server.receivedBytesHeld();
      assertTrue(early <= Limits.DEFAULT.receiveBufferBytes(), "held " + early);
      assertTrue(!sent.isDone(), "64 MiB went somewhere");
      mayRead.complete(true);
      assertEquals(Integer.toString(length), client.read().text());
      int bound = (BodyPipe.AHEAD_BUFFERS + 1) * Limits.DEFAULT.receiveBufferBytes();
      assertTrue(most[0] > 0 && most[0] <= bound, "held " + most[0]);
      assertEquals(0, server.receivedBytesHeld());
    }
  }

  @Test
  void aClientThatDoesNotReadStopsTheWriterAndIsCutOff() throws IOException {
    Promise<Long> stopped = new Promise<>(ServerFixture.CLOCK);
    long length = 1L << 30;
    HttpHandler handler =
        r ->
            HttpResponse.streamed(
                200,
                Headers.EMPTY,
                length,
                sink -> {
                  byte[] piece = new byte[100_000];
                  long written = 0;
                  try {
                    while (written < length) {
                      sink.write(piece, 0, piece.length);
                      written += piece.length;
                    }
                  } finally {
                    stopped.complete(written);
                  }
                });
    try (var server = ServerFixture.start(Limits.DEFAULT, ServerFixture.writeIdle(SHORT), handler);
        var client = new RawClient(server.address(), 64 * 1024)) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      long written = stopped.await(soon());
      // What the kernel's own buffers take, and no more than a few pieces here.
      assertTrue(written > 0 && written < 32 * MIB, "wrote " + written);
      assertThrows(IOException.class, client::read);
    }
  }

  @Test
  void aClientThatTakesItsResponseTooSlowlyIsCutOff() throws IOException {
    HttpHandler handler =
        r ->
            HttpResponse.streamed(
                200,
                Headers.EMPTY,
                64 * MIB,
                sink -> {
                  for (int i = 0; i < 64; i++) {
                    write(sink, new byte[MIB]);
                  }
                });
    try (var server =
            ServerFixture.start(
                ServerFixture.bytesPerSecond(1 << 30), ServerFixture.writeIdle(SHORT), handler);
        var client = new RawClient(server.address(), 4096)) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      // Something is taken all the time, and always less than the rate asked here.
      assertThrows(IOException.class, client::read);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fails", "short", "long"})
  void aBodyThatFailsIsCutAndNeverSilentlyShort(String kind) throws IOException {
    byte[] piece = new byte[100_000];
    HttpHandler handler =
        r ->
            HttpResponse.streamed(
                200,
                Headers.EMPTY,
                r.query().contains("chunked") ? ResponseBody.UNKNOWN_LENGTH : 150_000,
                sink -> {
                  sink.write(piece, 0, piece.length);
                  if (kind.equals("fails") || r.query().contains("chunked")) {
                    throw new GarageException.Corrupt("a block is gone");
                  }
                  if (kind.equals("long")) {
                    sink.write(piece, 0, piece.length);
                  }
                });
    try (var server = ServerFixture.start(handler)) {
      for (String request : List.of("/ HTTP/1.1", "/?chunked HTTP/1.1", "/?chunked HTTP/1.0")) {
        try (var client = new RawClient(server.address())) {
          client.send("GET " + request + "\r\nHost: a\r\n\r\n");
          assertThrows(IOException.class, client::read, request);
        }
      }
    }
  }

  @Test
  void aBodyThatFailsBeforeAnythingWasSentBecomesAnError() throws IOException {
    HttpHandler handler =
        r ->
            HttpResponse.streamed(
                200,
                Headers.EMPTY,
                10,
                sink -> {
                  sink.write(new byte[5], 0, 5);
                  throw new GarageException.Corrupt("a block is gone");
                });
    try (var server = ServerFixture.start(handler);
        var client = new RawClient(server.address())) {
      for (int i = 0; i < 2; i++) {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertEquals(500, client.read().status());
      }
    }
  }

  /** As when the only nodes that have an object's blocks are away. */
  @Test
  void aBodyThatCannotBeHadNowIsUnavailableNotBroken() throws IOException {
    HttpHandler handler =
        r ->
            HttpResponse.streamed(
                200,
                Headers.EMPTY,
                10,
                sink -> {
                  throw new GarageException.Unreachable("no node has the block");
                });
    try (var server = ServerFixture.start(handler);
        var client = new RawClient(server.address())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertEquals(503, client.read().status());
    }
  }

  @Test
  void aHandlerThatThrowsBecomesAnErrorAndTheConnectionGoesOn() throws IOException {
    HttpHandler handler =
        r -> {
          throw new IllegalArgumentException("a bug");
        };
    try (var server = ServerFixture.start(handler);
        var client = new RawClient(server.address())) {
      for (int i = 0; i < 3; i++) {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        RawClient.Response response = client.read();
        assertEquals(500, response.status());
        assertTrue(!response.text().contains("a bug"));
      }
    }
  }

  @Test
  void manyIdleConnectionsAreHeldWhileOthersAreServed() throws IOException {
    int many = 3000;
    List<RawClient> idle = new ArrayList<>();
    try (var server = ServerFixture.start(NettyHttpServerTest::echo)) {
      for (int i = 0; i < many; i++) {
        RawClient client = new RawClient(server.address());
        idle.add(client);
        if (i % 3 == 0) {
          client.send("GET /" + i + " HTTP/1.1\r\nHost: a\r\n\r\n");
          assertEquals("GET /" + i + " ", client.read().text());
        }
      }
      try (var client = new RawClient(server.address())) {
        client.send("GET /one HTTP/1.1\r\nHost: a\r\n\r\n");
        assertEquals("GET /one ", client.read().text());
      }
      RawClient last = idle.get(many - 1);
      last.send("GET /last HTTP/1.1\r\nHost: a\r\n\r\n");
      assertEquals("GET /last ", last.read().text());
      assertTrue(server.connections() >= many);
      for (RawClient client : idle) {
        client.close();
      }
    }
  }

  @Test
  void connectionsBeyondTheLimitAreRefusedWhileAllAreBusy() throws IOException {
    Promise<Boolean> release = new Promise<>(ServerFixture.CLOCK);
    HttpHandler handler =
        r -> {
          release.await(soon());
          return ok();
        };
    try (var server =
        ServerFixture.start(ServerFixture.connections(2), Timeouts.DEFAULT, handler)) {
      try (var a = new RawClient(server.address());
          var b = new RawClient(server.address())) {
        a.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        b.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        try (var third = new RawClient(server.address())) {
          assertEquals(503, third.read().status());
          assertTrue(third.isEnded());
        }
        release.complete(true);
        assertEquals("ok", a.read().text());
        assertEquals("ok", b.read().text());
      }
    }
  }

  @Test
  void closingLetsRequestsFinishAndEndsIdleConnections() throws IOException {
    Promise<Boolean> started = new Promise<>(ServerFixture.CLOCK);
    Promise<Boolean> release = new Promise<>(ServerFixture.CLOCK);
    HttpHandler handler =
        r -> {
          started.complete(true);
          release.await(soon());
          return ok();
        };
    NettyHttpServer server = ServerFixture.start(handler);
    try (var idle = new RawClient(server.address());
        var busy = new RawClient(server.address())) {
      busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      started.await(soon());
      Promise<Boolean> closed = new Promise<>(ServerFixture.CLOCK);
      new SystemTasks()
          .start(
              "closer",
              () -> {
                server.close();
                closed.complete(true);
              });
      assertTrue(idle.isEnded());
      assertTrue(!closed.isDone());
      release.complete(true);
      RawClient.Response response = busy.read();
      assertEquals("ok", response.text());
      assertEquals("close", response.headers().first("connection"));
      assertTrue(closed.await(soon()));
      assertThrows(IOException.class, () -> new RawClient(server.address()).close());
    }
  }

  @Test
  void closingCutsOffWhatDoesNotFinishInTime() throws IOException {
    Promise<Boolean> started = new Promise<>(ServerFixture.CLOCK);
    Promise<Boolean> cancelled = new Promise<>(ServerFixture.CLOCK);
    HttpHandler handler =
        r -> {
          started.complete(true);
          try {
            ServerFixture.CLOCK.sleep(Duration.ofHours(1));
          } catch (GarageException.Cancelled e) {
            cancelled.complete(true);
          }
          return ok();
        };
    NettyHttpServer server =
        ServerFixture.start(Limits.DEFAULT, ServerFixture.shutdown(SHORT), handler);
    try (var client = new RawClient(server.address())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      started.await(soon());
      server.close();
      assertTrue(cancelled.await(soon()));
      assertTrue(client.isEnded());
    }
  }

  @Test
  void aPortInUseIsOneClearLine() {
    try (var server = ServerFixture.start(r -> ok())) {
      Address taken = server.address();
      GarageException.Unreachable e =
          assertThrows(
              GarageException.Unreachable.class,
              () ->
                  NettyHttpServer.start(
                      HttpServerSettings.at(taken),
                      r -> ok(),
                      ServerFixture.CLOCK,
                      new SystemTasks(),
                      new SystemRandom()));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.startsWith("cannot listen on " + taken + ": "), message);
      assertTrue(message.contains("in use") && message.indexOf('\n') < 0, message);
      assertNotEquals(0, taken.port());
    }
  }

  /** Ends a test that would hang. */
  private static Deadline soon() {
    return Deadline.after(ServerFixture.CLOCK, Duration.ofMinutes(1));
  }
}
