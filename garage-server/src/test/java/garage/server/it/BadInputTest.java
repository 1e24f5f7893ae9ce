package garage.server.it;

import static garage.server.it.ServerUnderTest.BUCKET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.hash.Digests;
import garage.http.Headers;
import garage.http.sigv4.RequestSigner;
import garage.server.it.RawHttp.Reply;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What no client should send: each gets the right error or is cut off, and nothing is stored. */
class BadInputTest extends SingleNodeTest {
  private static final int MEBIBYTE = 1 << 20;
  private static final int IDLE_CONNECTIONS = 2_000;

  /** A connection costs some kilobytes; the rest is what a young JVM grows by anyhow. */
  private static final long IDLE_KIBIBYTES_MAX = 96 << 10;

  private static final String OBJECT = "/" + BUCKET + "/object";

  private static RawHttp http;

  @BeforeAll
  static void start() {
    http = new RawHttp(server.files().ports().s3());
  }

  /** After whatever was sent: the server serves, and has not failed inside. */
  @AfterEach
  void theServerIsWell() {
    s3.putObject(b -> b.bucket(BUCKET).key("well"), RequestBody.fromString("well"));
    assertEquals("well", s3.getObjectAsBytes(b -> b.bucket(BUCKET).key("well")).asUtf8String());
    assertFalse(server.log().contains("Exception"), server.log());
    assertFalse(server.log().contains("ERROR"), server.log());
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 2 * MEBIBYTE})
  void aBodyThatEndsTooEarlyIsRefusedAndNotStored(int size) {
    Headers headers = sized(size);
    Headers signed = sign("PUT", OBJECT, headers, RawHttp.UNSIGNED_PAYLOAD).headers();
    Reply reply =
        http.sendAndEnd(RawHttp.head("PUT", OBJECT, signed), new Content(1, size / 2).bytes());
    assertTrue(reply.status() == 0 || reply.code().equals("IncompleteBody"), reply.toString());
    assertAbsent("object");
  }

  @Test
  void aChunkThatIsNotTheSignedOneIsRefusedAndNotStored() {
    byte[] body = new Content(2, 3 * 65_536).bytes();
    RequestSigner.Signed signed = streaming("PUT", OBJECT, body.length, chunkedLength());
    byte[] framed = signed.chunks().encode(body, 65_536, Headers.of());
    assertEquals(chunkedLength(), framed.length);
    framed[framed.length / 2] ^= 1;
    Reply reply = http.exchange(RawHttp.head("PUT", OBJECT, signed.headers()), framed);
    assertEquals("SignatureDoesNotMatch", reply.code(), reply.toString());
    assertEquals(403, reply.status());
    assertAbsent("object");
  }

  @Test
  void aChunkedBodyThatStopsBeforeItsLastChunkIsNotStored() {
    byte[] body = new Content(3, 3 * 65_536).bytes();
    RequestSigner.Signed signed = streaming("PUT", OBJECT, body.length, chunkedLength());
    byte[] framed = signed.chunks().encode(body, 65_536, Headers.of());
    byte[] head = RawHttp.head("PUT", OBJECT, signed.headers());
    for (int length : new int[] {0, 40, 65_536, framed.length - 90, framed.length - 1}) {
      Reply reply = http.sendAndEnd(head, Arrays.copyOf(framed, length));
      assertTrue(reply.status() == 0 || reply.status() == 400, length + ": " + reply);
      assertAbsent("object");
    }
  }

  @Test
  void chunksMustHoldTheAnnouncedBytes() {
    byte[] body = new Content(4, 3 * 65_536).bytes();
    RequestSigner.Signed signed = streaming("PUT", OBJECT, body.length + 1, chunkedLength());
    byte[] framed = signed.chunks().encode(body, 65_536, Headers.of());
    Reply reply = http.exchange(RawHttp.head("PUT", OBJECT, signed.headers()), framed);
    assertEquals(400, reply.status(), reply.toString());
    assertAbsent("object");
  }

  @Test
  void aHugeChunkHeaderIsRefused() {
    RequestSigner.Signed signed = streaming("PUT", OBJECT, 1 << 30, 1 << 30);
    byte[] framed =
        ("0".repeat(1 << 20) + "1;chunk-signature=").getBytes(StandardCharsets.US_ASCII);
    Reply reply = http.exchange(RawHttp.head("PUT", OBJECT, signed.headers()), framed);
    assertTrue(reply.status() >= 400 && reply.status() < 500, reply.toString());
    assertAbsent("object");
  }

  @Test
  void aBodyThatIsNotTheSignedOneIsRefusedAndNotStored() {
    byte[] body = new Content(5, 20_000).bytes();
    Headers signed = sign("PUT", OBJECT, sized(body.length), RawHttp.sha256(body)).headers();
    body[19_999] ^= 1;
    Reply reply = http.exchange(RawHttp.head("PUT", OBJECT, signed), body);
    assertEquals("XAmzContentSHA256Mismatch", reply.code(), reply.toString());
    assertAbsent("object");
  }

  static Stream<UnaryOperator<String>> changes() {
    return Stream.of(
        head -> head.replace("/object HTTP", "/other HTTP"),
        head -> head.replace("/object HTTP", "/object?acl HTTP"),
        head -> head.replace("PUT ", "DELETE "),
        head -> head.replace("x-amz-meta-a: 1", "x-amz-meta-a: 2"),
        head -> head.replace("x-amz-meta-a: 1", "x-amz-meta-b: 1"),
        head -> head.replace("x-amz-meta-a: 1", "x-amz-meta-a: 1\r\nx-amz-meta-c: 3"),
        head -> head.replace("x-amz-meta-a: 1", "x-amz-meta-a: 1\r\nx-amz-copy-source: /a/b"),
        head -> head.replace("Host: 127.0.0.1", "Host: localhost"),
        head -> head.replaceAll("x-amz-date: [0-9]{8}", "x-amz-date: 20250101"),
        head -> head.replaceAll("Signature=[0-9a-f]{4}", "Signature=0000"),
        head -> head.replaceAll("Signature=[0-9a-f]+", "Signature="),
        head -> head.replace("SignedHeaders=", "SignedHeaders=x-none;"),
        head -> head.replaceAll("(?m)^Authorization: .*\r\n", ""));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("changes")
  void aSignedRequestThatWasChangedIsRefused(UnaryOperator<String> change) {
    Headers headers = sized(0).with("x-amz-meta-a", "1");
    Headers signed = sign("PUT", OBJECT, headers, RawHttp.sha256(new byte[0])).headers();
    String head = new String(RawHttp.head("PUT", OBJECT, signed), StandardCharsets.US_ASCII);
    String changed = change.apply(head);
    assertFalse(changed.equals(head), "nothing was changed in\n" + head);
    Reply reply = http.exchange(changed.getBytes(StandardCharsets.US_ASCII));
    assertTrue(reply.status() == 403 || reply.status() == 400, reply.toString());
    assertTrue(reply.head().toLowerCase(Locale.ROOT).contains("x-amz-request-id"));
    assertAbsent("object");
    assertAbsent("other");
  }

  @Test
  void anOldSignatureIsRefused() {
    byte[] body = {};
    Headers signed =
        http.sign(
                "PUT",
                OBJECT,
                sized(0),
                RawHttp.sha256(body),
                Instant.now().minus(Duration.ofHours(1)))
            .headers();
    Reply reply = http.exchange(RawHttp.head("PUT", OBJECT, signed));
    assertEquals("RequestTimeTooSkewed", reply.code(), reply.toString());
    assertAbsent("object");
  }

  @Test
  void aHeadWithoutMeasureIsRefused() {
    String large = "x".repeat(100_000);
    Reply field = http.send("GET", OBJECT, Headers.of("x-amz-meta-large", large), new byte[0]);
    assertTrue(field.status() == 400 || field.status() == 431, field.toString());
    Reply line = http.send("GET", OBJECT + "?x=" + large, Headers.of(), new byte[0]);
    assertTrue(line.status() == 400 || line.status() == 414, line.toString());
    Headers.Builder many = Headers.builder();
    for (int i = 0; i < 3_000; i++) {
      many.add("x-" + i, "y");
    }
    Reply fields = http.send("GET", OBJECT, many.build(), new byte[0]);
    assertTrue(fields.status() == 400 || fields.status() == 431, fields.toString());
    Reply metadata =
        http.send("PUT", OBJECT, Headers.of("x-amz-meta-a", "x".repeat(3_000)), new byte[0]);
    assertEquals("MetadataTooLarge", metadata.code(), metadata.toString());
    assertAbsent("object");
  }

  static Stream<String> brokenDocuments() {
    return Stream.of(
        "",
        "no document",
        "<Delete>",
        "<Delete><Object><Key>well</Key></Object></Wrong>",
        "<Other><Object><Key>well</Key></Object></Other>",
        "<Delete></Delete>",
        "<Delete><Object></Object></Delete>",
        "<!DOCTYPE d [<!ENTITY a \"well\">]><Delete><Object><Key>&a;</Key></Object></Delete>",
        "<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><Delete><Object><Key>x</Key></Object></Delete>",
        "<!DOCTYPE d [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>"
            + "<Delete><Object><Key>&f;</Key></Object></Delete>",
        laughs(),
        "<Delete>" + "<a>".repeat(100_000),
        "<Delete><Object><Key>\u0000</Key></Object></Delete>",
        "<Delete>" + "<Object><Key>k</Key></Object>".repeat(1_001) + "</Delete>");
  }

  /** Would become ten billion words if its entities were expanded. */
  private static String laughs() {
    StringBuilder text = new StringBuilder("<!DOCTYPE lolz [<!ENTITY l0 \"lol\">");
    for (int i = 1; i <= 10; i++) {
      text.append("<!ENTITY l%d \"%s\">".formatted(i, ("&l" + (i - 1) + ";").repeat(10)));
    }
    return text + "]><Delete><Object><Key>&l10;</Key></Object></Delete>";
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("brokenDocuments")
  void aDocumentThatIsNotAsItShouldBeIsRefused(String document) {
    Reply reply = delete(document.getBytes(StandardCharsets.UTF_8));
    assertEquals(400, reply.status(), reply.toString());
    assertTrue(
        List.of("MalformedXML", "MissingRequestBodyError").contains(reply.code()),
        reply.toString());
    assertFalse(reply.body().contains("root:"), reply.toString());
  }

  private static Reply delete(byte[] document) {
    String md5 = Base64.getEncoder().encodeToString(Digests.md5().digest(document));
    return http.send("POST", "/" + BUCKET + "?delete", Headers.of("Content-MD5", md5), document);
  }

  @Test
  void eachBadRequestIsLoggedOnce() {
    Headers changed =
        sign("PUT", OBJECT, sized(0), RawHttp.sha256(new byte[0]))
            .headers()
            .with("x-amz-meta-a", "1");
    Headers empty = Headers.of();
    List<Supplier<Reply>> bad =
        List.of(
            () -> http.exchange(RawHttp.head("PUT", OBJECT, changed)),
            () -> http.exchange(RawHttp.head("GET", OBJECT, Headers.of("Host", "x"))),
            () -> delete(new byte[] {'<'}),
            () -> http.send("GET", "/no-such-bucket/key", empty, new byte[0]),
            () -> http.send("PUT", OBJECT, Headers.of("Content-MD5", "no"), new byte[1]),
            () -> http.exchange(RawHttp.head("GET", "/%zz", Headers.of("Host", "x"))),
            () -> http.sendAndEnd("GET / HTTP/9.9\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
            () -> http.send("GET", OBJECT, Headers.of("x-a", "y".repeat(100_000)), new byte[0]));
    int marker = 0;
    loggedUpTo(marker);
    for (Supplier<Reply> request : bad) {
      int before = loggedUpTo(++marker);
      Reply reply = request.get();
      assertTrue(reply.status() >= 400 && reply.status() < 600, reply.toString());
      int after = loggedUpTo(++marker) - 1;
      List<String> added = server.log().lines().toList().subList(before, after);
      assertEquals(1, added.size(), reply + "\n" + String.join("\n", added));
      assertTrue(added.getFirst().contains(Integer.toString(reply.status())), added.getFirst());
    }
  }

  /** Has a line logged that tells where the log is now, and answers how many lines there are. */
  private static int loggedUpTo(int marker) {
    String target = "/" + BUCKET + "/marker-" + marker + "-";
    assertEquals(404, http.send("GET", target, Headers.of(), new byte[0]).status());
    return server.awaitLogged(target);
  }

  @Test
  void aDocumentOfUnreasonableSizeIsRefused() {
    byte[] document =
        ("<Delete>" + " ".repeat(8 * MEBIBYTE) + "</Delete>").getBytes(StandardCharsets.UTF_8);
    Reply reply = delete(document);
    assertEquals(400, reply.status(), reply.toString());
  }

  @Test
  void pathsLeadNowhereButToKeys() {
    for (String target :
        List.of(
            "/../../../../etc/passwd",
            "/" + BUCKET + "/../../../../../etc/passwd",
            "/" + BUCKET + "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
            "/" + BUCKET + "/..%2f..%2f..%2fetc%2fpasswd",
            "/" + BUCKET + "/a%00b",
            "//etc/passwd",
            "/%2e%2e/meta/node_key")) {
      Reply reply = http.send("GET", target, Headers.of(), new byte[0]);
      assertTrue(reply.status() >= 400 && reply.status() < 500, target + ": " + reply);
    }
    for (String bad :
        List.of(
            "/" + BUCKET + "/%c0%ae%c0%ae/x",
            "/" + BUCKET + "/%zz",
            "/" + BUCKET + "/%",
            "no-slash",
            "*")) {
      Reply reply = http.exchange(RawHttp.head("GET", bad, Headers.of("Host", "x")), new byte[0]);
      assertTrue(reply.status() >= 400 && reply.status() < 500, bad + ": " + reply);
    }
  }

  @Test
  void whatIsNotHttpIsCutOff() {
    for (String nonsense :
        List.of(
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
            "GET /\r\n\r\n",
            "\r\n\r\n\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET / HTTP/1.1\r\nHo st: x\r\n\r\n",
            "GET / HTTP/1.1\nHost: x\n folded\n\n")) {
      Reply reply = http.sendAndEnd(nonsense.getBytes(StandardCharsets.ISO_8859_1));
      assertTrue(
          reply.status() == 0 || (reply.status() >= 400 && reply.status() < 600),
          nonsense + ": " + reply);
      assertFalse(reply.status() == 500, nonsense + ": " + reply);
    }
  }

  @Test
  void idleConnectionsCostLittleMemory() throws IOException {
    s3.listBuckets();
    long before = server.residentKibibytes();
    Deque<Socket> idle = new ArrayDeque<>();
    try {
      for (int i = 0; i < IDLE_CONNECTIONS; i++) {
        Socket socket = http.connect();
        idle.push(socket);
        if (i % 2 == 0) { // half of them in the middle of a head
          socket
              .getOutputStream()
              .write("GET / HTTP/1.1\r\nHost".getBytes(StandardCharsets.US_ASCII));
        }
      }
      byte[] body = new Content(6, MEBIBYTE).bytes();
      s3.putObject(b -> b.bucket(BUCKET).key("busy"), RequestBody.fromBytes(body));
      Content.assertSame(
          body, s3.getObjectAsBytes(b -> b.bucket(BUCKET).key("busy")).asByteArray(), "busy");
      long grown = server.residentKibibytes() - before;
      assertTrue(grown < IDLE_KIBIBYTES_MAX, grown + " KiB more");
    } finally {
      while (!idle.isEmpty()) {
        idle.pop().close();
      }
    }
  }

  private static RequestSigner.Signed sign(
      String method, String target, Headers headers, String payload) {
    return http.sign(method, target, headers, payload, Instant.now());
  }

  private static Headers sized(long length) {
    return Headers.of("Content-Length", Long.toString(length));
  }

  private static RequestSigner.Signed streaming(
      String method, String target, long decoded, long encoded) {
    Headers headers =
        sized(encoded)
            .with("Content-Encoding", "aws-chunked")
            .with("x-amz-decoded-content-length", Long.toString(decoded));
    return sign(method, target, headers, RawHttp.STREAMING);
  }

  /** Of three chunks of 64 KiB: each with its size in hex, its signature and two line ends. */
  private static int chunkedLength() {
    int signature = ";chunk-signature=".length() + 64 + 2;
    return 3 * (5 + signature + 65_536 + 2) + 1 + signature + 2;
  }

  private static void assertAbsent(String key) {
    S3Exception missing =
        assertThrows(S3Exception.class, () -> s3.headObject(b -> b.bucket(BUCKET).key(key)));
    assertEquals(404, missing.statusCode());
  }
}
