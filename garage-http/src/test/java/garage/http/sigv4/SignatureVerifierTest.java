package garage.http.sigv4;

import static garage.http.sigv4.Requests.EMPTY_SHA256;
import static garage.http.sigv4.Requests.EXAMPLE;
import static garage.http.sigv4.Requests.EXAMPLE_TIME;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import garage.common.hash.Digests;
import garage.http.BodyStream;
import garage.http.Headers;
import garage.http.HttpRequest;
import garage.http.RequestTarget;
import garage.http.UriEncoding;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What is signed is accepted, what is changed is refused, and nothing a client sends brings out
 * anything but a typed failure. Random requests come from seeds that are printed on failure.
 */
class SignatureVerifierTest {
  private static final Headers HOST = Headers.of("Host", "localhost:3900");
  private static final byte[] NONE = new byte[0];

  @Test
  void everythingSignedIsAcceptedAndReadBack() {
    for (long seed = 0; seed < 400; seed++) {
      Case random = Case.random(seed);
      Authentication got = random.authenticate(random.request(new Random(seed)));
      byte[] read = got.payload().readAll(1 << 20);
      assertArrayEquals(random.content, read, "seed " + seed);
      assertEquals(random.trailer, got.payload().trailers(), "seed " + seed);
    }
  }

  @Test
  void anyChangedByteOfTheBodyIsRefused() {
    for (long seed = 0; seed < 400; seed++) {
      Case random = Case.random(seed);
      if (random.mode.equals(PayloadMode.UNSIGNED_PAYLOAD)
          || random.mode.equals(PayloadMode.STREAMING_UNSIGNED_TRAILER)
          || random.body.length == 0) {
        continue;
      }
      Random choice = new Random(seed);
      byte[] changed = random.body.clone();
      int at = choice.nextInt(changed.length);
      changed[at] ^= (byte) (1 << choice.nextInt(8));
      try {
        Authentication got = random.authenticate(random.request(changed, choice));
        byte[] read = got.payload().readAll(1 << 20);
        // The only bytes no signature covers are those of the framing that says the same.
        assertArrayEquals(random.content, read, "seed " + seed + ", byte " + at);
        assertEquals(random.trailer, got.payload().trailers(), "seed " + seed);
        assertTrue(isFraming(random.body, changed, at), "seed " + seed + ", byte " + at);
      } catch (SignatureException expected) {
        assertTrue(expected.failure().message().length() > 10);
      }
    }
  }

  /** Blanks at line ends, and a hexadecimal digit's case. */
  private static boolean isFraming(byte[] before, byte[] after, int at) {
    return before[at] == '\r'
        || before[at] == '\n'
        || before[at] == ' '
        || after[at] == ' '
        || Character.toLowerCase(before[at]) == Character.toLowerCase(after[at]);
  }

  @Test
  void anyChangedHeadIsRefused() {
    for (long seed = 0; seed < 1000; seed++) {
      Case random = Case.random(seed);
      Random choice = new Random(seed);
      HttpRequest changed = changeHead(random, choice);
      SignatureException e =
          assertThrows(
              SignatureException.class, () -> random.authenticate(changed), "seed " + seed);
      assertTrue(!(e.failure() instanceof SignatureFailure.Expired), "seed " + seed);
    }
  }

  private static HttpRequest changeHead(Case c, Random choice) {
    String method = c.method;
    String target = c.target;
    Headers headers = c.headers;
    switch (choice.nextInt(5)) {
      case 0 -> method = method.equals("PUT") ? "GET" : "PUT";
      case 1 -> target = target.replaceFirst("^/", "/x");
      case 2 -> target += (target.indexOf('?') < 0 ? "?" : "&") + "extra=1";
      case 3 -> headers = headers.with("x-amz-meta-added", "1");
      default -> {
        int at = choice.nextInt(headers.size());
        String name = headers.name(at);
        if (name.equals("Authorization")) {
          headers = changeSignature(headers, choice);
        } else {
          headers = headers.toBuilder().set(name, headers.value(at) + "0").build();
        }
      }
    }
    return Requests.of(method, target, headers, c.body);
  }

  private static Headers changeSignature(Headers headers, Random choice) {
    String value = String.valueOf(headers.first("Authorization"));
    char[] text = value.toCharArray();
    int at = text.length - 1 - choice.nextInt(64);
    text[at] = text[at] == '0' ? '1' : '0';
    return headers.toBuilder().set("Authorization", new String(text)).build();
  }

  @Test
  void hostileInputBringsOutTypedFailuresOnly() {
    List<Case> cases = new ArrayList<>();
    for (long seed = 0; seed < 50; seed++) {
      cases.add(Case.random(seed));
    }
    for (long seed = 0; seed < 10_000; seed++) {
      Random choice = new Random(seed);
      Case random = cases.get((int) (seed % cases.size()));
      byte[] body = mutate(random.body, choice);
      Headers.Builder headers = Headers.builder();
      random.headers.forEach((name, value) -> {
        String changed =
            choice.nextInt(4) > 0
                ? value
                : new String(
                    mutate(value.getBytes(StandardCharsets.ISO_8859_1), choice),
                    StandardCharsets.ISO_8859_1);
        if (Headers.isValue(changed)) {
          headers.add(name, changed);
        }
      });
      String target =
          new String(
              mutate(random.target.getBytes(StandardCharsets.ISO_8859_1), choice),
              StandardCharsets.ISO_8859_1);
      if (RequestTarget.parse(target) == null) {
        continue;
      }
      try {
        random
            .authenticate(
                Requests.of(
                    random.method,
                    target,
                    headers.build(),
                    Requests.inPieces(body, choice),
                    body.length))
            .payload()
            .readAll(1 << 20);
      } catch (SignatureException expected) {
        assertTrue(expected.failure().message().length() > 10);
      } catch (RuntimeException e) {
        fail("seed " + seed, e);
      }
    }
  }

  private static byte[] mutate(byte[] bytes, Random choice) {
    byte[] changed = bytes.clone();
    if (changed.length == 0 || choice.nextBoolean()) {
      return changed;
    }
    for (int n = choice.nextInt(4); n >= 0; n--) {
      changed[choice.nextInt(changed.length)] =
          (byte)
              (choice.nextBoolean()
                  ? "0aF;,=/: \r\n%&+-".charAt(choice.nextInt(15))
                  : choice.nextInt());
    }
    return choice.nextInt(4) > 0
        ? changed
        : Arrays.copyOf(changed, choice.nextInt(changed.length + 1));
  }

  @Test
  void aRequestWithoutAnyMarkIsAnonymous() {
    Authentication got = verify(Requests.of("GET", "/a", HOST, NONE));
    assertInstanceOf(Authentication.Anonymous.class, got);
    assertEquals(-1, got.payload().read());
  }

  @Test
  void theClientsOwnRegionIsAccepted() {
    for (String region : List.of("garage", "eu-central-1", "", "auto")) {
      RequestSigner.Signed made =
          new RequestSigner(EXAMPLE, region, "s3")
              .sign(new RequestSigner.Unsigned("GET", "/", HOST), EMPTY_SHA256, EXAMPLE_TIME);
      Authentication.Signed got =
          (Authentication.Signed) verify(Requests.of("GET", "/", made.headers(), NONE));
      assertEquals(region, got.scope().region());
    }
  }

  @Test
  void anotherServiceIsRefused() {
    RequestSigner.Signed made =
        new RequestSigner(EXAMPLE, "garage", "k2v")
            .sign(new RequestSigner.Unsigned("GET", "/", HOST), EMPTY_SHA256, EXAMPLE_TIME);
    refused(SignatureFailure.MalformedHeader.class, "GET", "/", made.headers());
  }

  @Test
  void clocksMayDifferByFifteenMinutes() {
    Headers headers = sign(HOST, EMPTY_SHA256).headers();
    Duration max = SignatureVerifier.SKEW_MAX;
    for (Duration skew : List.of(max, max.negated())) {
      Requests.verifier(EXAMPLE_TIME.plus(skew))
          .authenticate(Requests.of("GET", "/", headers, NONE));
      Instant beyond = EXAMPLE_TIME.plus(skew).plusMillis(skew.isNegative() ? -1 : 1);
      SignatureException e =
          assertThrows(
              SignatureException.class,
              () -> Requests.verifier(beyond).authenticate(Requests.of("GET", "/", headers, NONE)));
      assertInstanceOf(SignatureFailure.TooSkewed.class, e.failure());
    }
  }

  @Test
  void aPresignedRequestEndsWithItsTime() {
    String target = presign(Duration.ofSeconds(60));
    HttpRequest request = Requests.of("GET", target, HOST, NONE);
    Requests.verifier(EXAMPLE_TIME.plusSeconds(60)).authenticate(request);
    Requests.verifier(EXAMPLE_TIME.minusSeconds(900)).authenticate(request);
    assertFailure(
        SignatureFailure.Expired.class,
        () -> Requests.verifier(EXAMPLE_TIME.plusMillis(60_001)).authenticate(request));
    assertFailure(
        SignatureFailure.NotYetValid.class,
        () -> Requests.verifier(EXAMPLE_TIME.minusSeconds(901)).authenticate(request));
  }

  @Test
  void aPresignedRequestLastsOneSecondToSevenDays() {
    verify(Requests.of("GET", presign(Duration.ofSeconds(1)), HOST, NONE));
    verify(Requests.of("GET", presign(Duration.ofDays(7)), HOST, NONE));
    for (Duration bad : List.of(Duration.ofSeconds(-1), Duration.ofSeconds(604801))) {
      refused(SignatureFailure.MalformedQuery.class, "GET", presign(bad), HOST);
    }
    refused(SignatureFailure.Expired.class, "GET", presign(Duration.ZERO), HOST);
  }

  @Test
  void presignedParametersMustBeThereOnce() {
    String good = presign(Duration.ofMinutes(1));
    for (String name :
        List.of("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")) {
      String without = good.replaceFirst("X-Amz-" + name + "=[^&]*&?", "");
      refused(SignatureFailure.MalformedQuery.class, "GET", without, HOST);
      refused(
          SignatureFailure.MalformedQuery.class, "GET", good + "&X-Amz-" + name + "=other", HOST);
    }
  }

  @Test
  void headerAndQueryTogetherAreRefused() {
    refused(
        SignatureFailure.SeveralMechanisms.class,
        "GET",
        presign(Duration.ofMinutes(1)),
        sign(HOST, EMPTY_SHA256).headers());
  }

  @Test
  void otherMechanismsAreRefusedByName() {
    for (String other :
        List.of("AWS AKID:sig", "Basic abc", "AWS4-ECDSA-P256-SHA256 Credential=a", "Bearer", "")) {
      refused(
          SignatureFailure.UnsupportedMechanism.class,
          "GET",
          "/",
          HOST.with("Authorization", other));
    }
    refused(
        SignatureFailure.UnsupportedMechanism.class,
        "GET",
        "/?AWSAccessKeyId=AKID&Expires=1&Signature=x",
        HOST);
  }

  @Test
  void anUnknownKeyIsSaidToBeSo() {
    RequestSigner.Signed made =
        new RequestSigner(new Credentials("GK1", "x"), "garage", "s3")
            .sign(new RequestSigner.Unsigned("GET", "/", HOST), EMPTY_SHA256, EXAMPLE_TIME);
    refused(SignatureFailure.UnknownKey.class, "GET", "/", made.headers());
  }

  @Test
  void aMismatchShowsWhatWasSignedHere() {
    Headers headers = sign(HOST, EMPTY_SHA256).headers();
    SignatureFailure.Mismatch mismatch =
        refused(SignatureFailure.Mismatch.class, "GET", "/other", headers);
    assertTrue(mismatch.stringToSign().startsWith("AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/"));
    assertTrue(mismatch.canonicalRequest().startsWith("GET\n/other\n\nhost:localhost:3900\n"));
  }

  @Test
  void hostAndAmzHeadersMustBeSigned() {
    Headers headers = sign(HOST, EMPTY_SHA256).headers();
    assertEquals(
        List.of("x-amz-acl"),
        refused(
                SignatureFailure.HeadersNotSigned.class,
                "GET",
                "/",
                headers.with("X-Amz-Acl", "public-read"))
            .names());
    RequestSigner.Signed hostless = sign(Headers.EMPTY, EMPTY_SHA256);
    assertEquals(
        List.of("host"),
        refused(SignatureFailure.HeadersNotSigned.class, "GET", "/", hostless.headers()).names());
    refused(
        SignatureFailure.HeadersNotSigned.class,
        "GET",
        presign(Duration.ofMinutes(1)),
        HOST.with("x-amz-meta-a", "1"));
  }

  @Test
  void valuesAreTrimmedCollapsedAndJoined() {
    Headers signed =
        sign(Headers.of("Host", "h", "x-amz-meta-a", "b c", "x-amz-meta-a", "d"), EMPTY_SHA256)
            .headers();
    Headers.Builder sent = Headers.builder();
    signed.forEach((n, v) -> sent.add(n, v.equals("b c") ? "  b    c  " : v));
    verify(Requests.of("GET", "/", sent.build(), NONE));
  }

  @Test
  void pathsAreNeitherNormalisedNorEncodedTwice() {
    for (String path :
        List.of("/b//a/./../c", "/b/%20%25%2B+x", "/b/a%2Fb", "/b/%C3%A9", "/b/(x)!*'")) {
      Headers headers =
          new RequestSigner(EXAMPLE, "garage", "s3")
              .sign(new RequestSigner.Unsigned("GET", path, HOST), EMPTY_SHA256, EXAMPLE_TIME)
              .headers();
      verify(Requests.of("GET", path, headers, NONE));
      refused(SignatureFailure.Mismatch.class, "GET", path.replaceFirst("/b/", "/b/z"), headers);
    }
  }

  @Test
  void aPayloadOfAnotherHashFailsBeforeItsLastByte() {
    byte[] body = "hello".getBytes(StandardCharsets.US_ASCII);
    Headers headers = sign(HOST, Digests.sha256(body).toString()).headers();
    byte[] other = "hallo".getBytes(StandardCharsets.US_ASCII);
    Payload payload = verify(Requests.of("GET", "/", headers, other)).payload();
    byte[] got = new byte[5];
    assertEquals(4, payload.read(got, 0, 4));
    assertFailure(SignatureFailure.PayloadMismatch.class, () -> payload.read(got, 4, 1));
    Payload handedOver = verify(Requests.of("GET", "/", headers, other)).payload();
    assertEquals(Digests.sha256(body), handedOver.takeHashDuty());
    assertArrayEquals(other, handedOver.readAll(10));
  }

  @Test
  void anEmptyBodyWithAnotherHashFailsAtOnce() {
    Headers headers = sign(HOST, Digests.sha256(new byte[1]).toString()).headers();
    refused(SignatureFailure.PayloadMismatch.class, "GET", "/", headers);
  }

  @Test
  void contentHashMustBeThereAndKnown() {
    Headers signed = sign(HOST, "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD").headers();
    refused(SignatureFailure.BadContentHash.class, "GET", "/", signed);
    refused(
        SignatureFailure.MissingContentHash.class,
        "GET",
        "/",
        signed.toBuilder().remove("x-amz-content-sha256").build());
  }

  @Test
  void aStreamingBodyNeedsItsDecodedLength() {
    for (String length : List.of("", "-1", "1x", "99999999999999999999")) {
      Headers headers = HOST.with("x-amz-decoded-content-length", length);
      refused(
          SignatureFailure.MissingDecodedLength.class,
          "GET",
          "/",
          sign(headers, PayloadMode.STREAMING_SIGNED).headers());
    }
  }

  @Test
  void aChunkedBodyCutAnywhereIsRefused() {
    byte[] content = "some content".getBytes(StandardCharsets.US_ASCII);
    Headers head = HOST.with("x-amz-decoded-content-length", "12");
    RequestSigner.Signed made = sign(head, PayloadMode.STREAMING_SIGNED);
    byte[] body = made.chunks().encode(content, 5, Headers.EMPTY);
    // The last line break, and the empty line, carry nothing.
    for (int length = 0; length < body.length - 3; length++) {
      Payload payload =
          verify(Requests.of("GET", "/", made.headers(), Arrays.copyOf(body, length))).payload();
      assertFailure(SignatureFailure.class, () -> payload.readAll(100));
    }
  }

  @Test
  void chunksCannotBeDroppedSwappedOrAdded() {
    byte[] a = "aaaa".getBytes(StandardCharsets.US_ASCII);
    byte[] b = "bbbb".getBytes(StandardCharsets.US_ASCII);
    Headers head = HOST.with("x-amz-decoded-content-length", "8");
    RequestSigner.Signed made = sign(head, PayloadMode.STREAMING_SIGNED);
    byte[] first = made.chunks().chunk(a, 0, 4);
    byte[] second = made.chunks().chunk(b, 0, 4);
    byte[] last = made.chunks().chunk(NONE, 0, 0);
    assertArrayEquals(
        "aaaabbbb".getBytes(StandardCharsets.US_ASCII), read(made, first, second, last));
    for (byte[][] order :
        List.of(
            new byte[][] {second, first, last},
            new byte[][] {first, last},
            new byte[][] {first, first, last},
            new byte[][] {first, second, second, last},
            new byte[][] {first, second})) {
      assertFailure(SignatureFailure.class, () -> read(made, order));
    }
  }

  private static byte[] read(RequestSigner.Signed made, byte[]... chunks) {
    byte[] body = NONE;
    for (byte[] chunk : chunks) {
      int at = body.length;
      body = Arrays.copyOf(body, at + chunk.length);
      System.arraycopy(chunk, 0, body, at, chunk.length);
    }
    byte[] all = verify(Requests.of("GET", "/", made.headers(), body)).payload().readAll(100);
    return all == null ? NONE : all;
  }

  @Test
  void theLastByteIsNotHandedOutBeforeTheTrailerIsRight() {
    byte[] content = {1, 2, 3};
    Headers head =
        HOST.with("x-amz-decoded-content-length", "3")
            .with("x-amz-trailer", "x-amz-checksum-crc32");
    RequestSigner.Signed made = sign(head, PayloadMode.STREAMING_UNSIGNED_TRAILER);
    byte[] body = ChunkSigner.encodeUnsigned(content, 2, Headers.of("x-amz-other", "x"));
    Payload payload = verify(Requests.of("GET", "/", made.headers(), body)).payload();
    byte[] got = new byte[3];
    assertEquals(2, payload.read(got, 0, 3));
    assertFailure(SignatureFailure.MalformedTrailer.class, () -> payload.read(got, 2, 1));
  }

  @Test
  void aTrailerMustBeTheOneAnnounced() {
    Headers head = HOST.with("x-amz-decoded-content-length", "0");
    Headers announcing = head.with("x-amz-trailer", "x-amz-checksum-crc32");
    Headers crc = Headers.of("x-amz-checksum-crc32", "AAAAAA==");
    assertEquals(crc, unsignedTrailer(announcing, crc));
    for (Headers bad :
        List.of(
            Headers.EMPTY,
            crc.with("x-amz-checksum-crc32", "AAAAAA=="),
            crc.with("x-amz-checksum-sha1", "x"))) {
      assertFailure(
          SignatureFailure.MalformedTrailer.class, () -> unsignedTrailer(announcing, bad));
    }
    assertFailure(SignatureFailure.MalformedTrailer.class, () -> unsignedTrailer(head, crc));
    Headers huge = Headers.of("x-amz-checksum-crc32", "A".repeat(5000));
    assertFailure(SignatureFailure.MalformedChunk.class, () -> unsignedTrailer(announcing, huge));
  }

  private static Headers unsignedTrailer(Headers head, Headers trailer) {
    RequestSigner.Signed made = sign(head, PayloadMode.STREAMING_UNSIGNED_TRAILER);
    byte[] body = ChunkSigner.encodeUnsigned(NONE, 10, trailer);
    Payload payload = verify(Requests.of("GET", "/", made.headers(), body)).payload();
    assertEquals(-1, payload.read());
    return payload.trailers();
  }

  @Test
  void aStreamThatNeverEndsIsNotReadWithoutBound() {
    Headers head = HOST.with("x-amz-decoded-content-length", "5");
    RequestSigner.Signed made = sign(head, PayloadMode.STREAMING_SIGNED);
    BodyStream endless =
        new BodyStream() {
          @Override
          public int read(byte[] bytes, int offset, int length) {
            Arrays.fill(bytes, offset, offset + length, (byte) '1');
            return length;
          }
        };
    HttpRequest request = Requests.of("GET", "/", made.headers(), endless, -1);
    assertFailure(SignatureFailure.MalformedChunk.class, () -> verify(request).payload().read());
  }

  @Test
  void theKeyCacheIsBoundedAndKnowsSecretsApart() {
    SigningKeyCache cache = new SigningKeyCache();
    CredentialScope scope = new CredentialScope("20130524", "r", "s3");
    String one = cache.get("one", scope).sign("x");
    assertEquals(one, cache.get("one", scope).sign("x"));
    assertTrue(!one.equals(cache.get("two", scope).sign("x")));
    for (int i = 0; i < 3 * SigningKeyCache.KEYS_MAX; i++) {
      cache.get("secret" + i, scope);
    }
    assertEquals(SigningKeyCache.KEYS_MAX, cache.size());
  }

  private static Authentication verify(HttpRequest request) {
    return Requests.verifier(EXAMPLE_TIME).authenticate(request);
  }

  private static RequestSigner.Signed sign(Headers headers, String payload) {
    return new RequestSigner(EXAMPLE, "garage", "s3")
        .sign(new RequestSigner.Unsigned("GET", "/", headers), payload, EXAMPLE_TIME);
  }

  private static String presign(Duration expires) {
    return new RequestSigner(EXAMPLE, "garage", "s3")
        .presign(new RequestSigner.Unsigned("GET", "/b/k", HOST), EXAMPLE_TIME, expires);
  }

  private static <F extends SignatureFailure> F refused(
      Class<F> kind, String method, String target, Headers headers) {
    return assertFailure(kind, () -> verify(Requests.of(method, target, headers, NONE)));
  }

  private static <F extends SignatureFailure> F assertFailure(Class<F> kind, Runnable action) {
    SignatureException e = assertThrows(SignatureException.class, action::run);
    return assertInstanceOf(kind, e.failure());
  }

  /** A random request with its body on the wire. */
  private record Case(
      String method,
      String target,
      Headers headers,
      String mode,
      byte[] content,
      byte[] body,
      Headers trailer) {

    static Case random(long seed) {
      Random random = new Random(seed);
      byte[] content = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(20_000)];
      random.nextBytes(content);
      String target = target(random);
      int kind = random.nextInt(6);
      Headers.Builder head = Headers.builder().add("Host", "h" + random.nextInt(1000));
      for (int i = random.nextInt(4); i > 0; i--) {
        head.add("x-amz-meta-" + random.nextInt(3), text(random).toUpperCase(Locale.ROOT));
      }
      Headers trailer = Headers.EMPTY;
      if (kind >= 3) {
        head.add("x-amz-decoded-content-length", Integer.toString(content.length));
      }
      if (kind >= 4) {
        trailer = Headers.of("x-amz-checksum-crc32", "AAAAAA==");
        head.add("x-amz-trailer", "x-amz-checksum-crc32");
      }
      String mode =
          switch (kind) {
            case 0 -> PayloadMode.UNSIGNED_PAYLOAD;
            case 1, 2 -> Digests.sha256(content).toString();
            case 3 -> PayloadMode.STREAMING_SIGNED;
            case 4 -> PayloadMode.STREAMING_SIGNED_TRAILER;
            default -> PayloadMode.STREAMING_UNSIGNED_TRAILER;
          };
      String method = random.nextBoolean() ? "PUT" : "POST";
      return sealed(method, target, head.build(), mode, content, trailer, random);
    }

    private static Case sealed(
        String method,
        String target,
        Headers head,
        String mode,
        byte[] content,
        Headers trailer,
        Random random) {
      RequestSigner signer = new RequestSigner(EXAMPLE, "region", "s3");
      RequestSigner.Unsigned unsigned = new RequestSigner.Unsigned(method, target, head);
      RequestSigner.Signed made = signer.sign(unsigned, mode, EXAMPLE_TIME);
      int chunk = 1 + random.nextInt(8000);
      byte[] body =
          switch (mode) {
            case PayloadMode.STREAMING_SIGNED, PayloadMode.STREAMING_SIGNED_TRAILER ->
                made.chunks().encode(content, chunk, trailer);
            case PayloadMode.STREAMING_UNSIGNED_TRAILER ->
                ChunkSigner.encodeUnsigned(content, chunk, trailer);
            default -> content;
          };
      return new Case(method, target, made.headers(), mode, content, body, trailer);
    }

    private static String target(Random random) {
      String target = "/" + UriEncoding.encodePath(text(random));
      List<String> parameters = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        parameters.add(UriEncoding.encode(text(random)) + (random.nextBoolean() ? "" : "=" + i));
      }
      return parameters.isEmpty() ? target : target + "?" + String.join("&", parameters);
    }

    private static String text(Random random) {
      String alphabet = "abc /.~%+&=?é€𝄞()*'!";
      StringBuilder text = new StringBuilder("k");
      for (int i = random.nextInt(12); i > 0; i--) {
        text.appendCodePoint(
            alphabet.codePointAt(
                alphabet.offsetByCodePoints(
                    0, random.nextInt(alphabet.codePointCount(0, alphabet.length())))));
      }
      return text.append('z').toString();
    }

    Authentication authenticate(HttpRequest request) {
      return Requests.verifier(EXAMPLE_TIME).authenticate(request);
    }

    HttpRequest request(Random random) {
      return request(body, random);
    }

    HttpRequest request(byte[] bytes, Random random) {
      return Requests.of(method, target, headers, Requests.inPieces(bytes, random), bytes.length);
    }
  }
}
