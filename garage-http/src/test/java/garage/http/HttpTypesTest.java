package garage.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Address;
import garage.http.HttpServerSettings.Limits;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers, targets, queries, encodings and bodies as values. */
class HttpTypesTest {
  @Test
  void headersAreFoundInEitherCaseAndKeepTheirOrder() {
    Headers headers = Headers.of("B", "1", "a", "2", "b", "3");
    assertEquals("1", headers.first("b"));
    assertEquals(List.of("1", "3"), headers.all("B"));
    assertNull(headers.first("c"));
    assertEquals("a", headers.name(1));
    Headers set = headers.toBuilder().set("b", "4").build();
    assertEquals(Headers.of("a", "2", "b", "4"), set);
    assertEquals(3, headers.size());
    assertTrue(!headers.toString().contains("2"), "values may be secret");
  }

  @Test
  void noHeaderCanAddAnotherOne() {
    Headers.Builder builder = Headers.builder();
    for (String bad : List.of("a\r\nb", "a\n", "\0", "a\u007f")) {
      assertThrows(IllegalArgumentException.class, () -> builder.add("x", bad));
      assertThrows(IllegalArgumentException.class, () -> builder.add(bad, "x"));
    }
    for (String bad : List.of("", "a b", "a:", "\u00e9")) {
      assertThrows(IllegalArgumentException.class, () -> builder.add(bad, "x"));
    }
    assertEquals(0, builder.build().size());
  }

  @Test
  void whatIsEncodedIsDecodedBack() {
    for (long seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(20); i > 0; i--) {
        int c = random.nextInt(0x11000);
        text.appendCodePoint(Character.getType(c) == Character.SURROGATE ? ' ' : c);
      }
      String s = text.toString();
      assertEquals(s, UriEncoding.decodePath(UriEncoding.encode(s)), "seed " + seed);
      assertEquals(s, UriEncoding.decodePath(UriEncoding.encodePath(s)), "seed " + seed);
      assertEquals(s, UriEncoding.decodeQuery(UriEncoding.encode(s)), "seed " + seed);
    }
    assertEquals("/a%20b/%2B~", UriEncoding.encodePath("/a b/+~"));
    assertEquals("%2Fa", UriEncoding.encode("/a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%1", "a%g0", "%-1", "%ff", "%c3", "%c0%80", "%ed%a0%80", "é"})
  void malformedEncodingsAreNotDecoded(String bad) {
    assertNull(UriEncoding.decodePath(bad));
    assertNull(UriEncoding.decodeQuery(bad));
    assertNull(Query.parse("a=" + bad));
    assertNull(RequestTarget.parse("/" + bad));
  }

  @Test
  void aPlusIsASpaceInAQueryOnly() {
    assertEquals("a+b", UriEncoding.decodePath("a+b"));
    assertEquals("a b", UriEncoding.decodeQuery("a+b"));
  }

  @Test
  void queryParametersKeepOrderEmptinessAndRepetition() {
    Query query = query("uploads&a=1&&b=&a=2%263&=x");
    assertEquals(
        List.of(
            new Query.Parameter("uploads", ""),
            new Query.Parameter("a", "1"),
            new Query.Parameter("b", ""),
            new Query.Parameter("a", "2&3"),
            new Query.Parameter("", "x")),
        query.parameters());
    assertEquals("a", query.repeated());
    assertTrue(query.contains("uploads") && !query.contains("Uploads"));
    assertEquals("1", query.first("a"));
    assertNull(query("a&b").repeated());
  }

  private static Query query(String raw) {
    Query query = Query.parse(raw);
    assertNotNull(query);
    return query == null ? Query.EMPTY : query;
  }

  @ParameterizedTest
  @CsvSource({
    "/a//b/./../c?x=/y?z, , /a//b/./../c",
    "'/', , /",
    "http://h:1, h:1, /",
    "HTTPS://h?q, h, /",
    "http://h/p, h, /p",
    "*, , *"
  })
  void targetsOfEveryFormAreRead(String raw, String authority, String path) {
    RequestTarget target = RequestTarget.parse(raw);
    assertNotNull(target);
    if (target != null) {
      assertEquals(authority, target.authority());
      assertEquals(path, target.path());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a", "ftp://h/", "http://", "http:///p", "/a#b", "http://u@h/", "h:1"})
  void otherTargetsAreNot(String raw) {
    assertNull(RequestTarget.parse(raw));
  }

  @Test
  void aBodyIsReadWholeUpToItsLimit() {
    byte[] bytes = new byte[100_000];
    new Random(1).nextBytes(bytes);
    assertArrayEquals(bytes, BodyStream.of(bytes).readAll(100_000));
    assertNull(BodyStream.of(bytes).readAll(99_999));
    assertArrayEquals(new byte[0], BodyStream.of(new byte[0]).readAll(0));
    BodyStream stream = BodyStream.of(new byte[] {-1, 5});
    assertEquals(255, stream.read());
    assertEquals(5, stream.read());
    assertEquals(-1, stream.read());
  }

  @Test
  void settingsAndResponsesRefuseWhatMakesNoSense() {
    assertEquals(Limits.DEFAULT, HttpServerSettings.at(new Address("::", 3900)).limits());
    assertThrows(IllegalArgumentException.class, () -> new Limits(0, 1, 1, 1, 1, 1, 1, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> HttpResponse.empty(100, Headers.EMPTY));
    assertThrows(
        IllegalArgumentException.class,
        () -> HttpResponse.streamed(200, Headers.EMPTY, -2, sink -> {}));
    assertEquals("x-a", HttpResponse.text(200, "é").with("x-a", "b").headers().name(1));
  }
}
