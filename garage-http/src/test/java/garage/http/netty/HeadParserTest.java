package garage.http.netty;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import garage.http.HttpServerSettings.Limits;
import garage.http.ProtocolError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Heads cut anywhere read alike; heads changed anywhere are read or refused, nothing else. */
class HeadParserTest {
  private static final String HEAD =
      "PUT /bucket/a%20key?partNumber=1&uploadId=x HTTP/1.1\r\n"
          + "Host: localhost:3900\r\n"
          + "Content-Length: 17\r\n"
          + "Expect: 100-continue\r\n"
          + "x-amz-meta-Name:  a value \r\n"
          + "Connection: keep-alive, Close\r\n"
          + "\r\n";

  @Test
  void everyPartOfTheHeadIsRead() {
    RequestHead head = assertNotNull(parse(HEAD));
    assertEquals("PUT", head.method());
    assertEquals("/bucket/a key", head.target().path());
    assertEquals("x", head.target().query().first("uploadId"));
    assertEquals("a value", head.headers().first("X-AMZ-META-NAME"));
    assertEquals("x-amz-meta-Name", head.headers().name(3));
    assertEquals(17, head.contentLength());
    assertTrue(head.expectsContinue() && head.http11() && !head.persistent());
  }

  private static <T> T assertNotNull(@Nullable T value) {
    if (value == null) {
      throw new AssertionError("null");
    }
    return value;
  }

  @Test
  void aHeadCutAnywhereIsReadAlike() {
    RequestHead whole = assertNotNull(parse(HEAD));
    byte[] bytes = ("\r\n" + HEAD + "rest").getBytes(ISO_8859_1);
    for (int cut = 0; cut < bytes.length - 4; cut++) {
      HeadParser parser = new HeadParser(Limits.DEFAULT);
      ByteBuf in = Unpooled.buffer();
      in.writeBytes(bytes, 0, cut);
      assertNull(parser.parse(in), "cut at " + cut);
      in.writeBytes(bytes, cut, bytes.length - cut);
      assertEquals(whole, parser.parse(in), "cut at " + cut);
      assertEquals("rest", in.toString(ISO_8859_1));
    }
  }

  @Test
  void oneParserReadsOneHeadAfterTheOther() {
    HeadParser parser = new HeadParser(Limits.DEFAULT);
    ByteBuf in = Unpooled.copiedBuffer(HEAD + "\r\n\r\n" + HEAD + HEAD, ISO_8859_1);
    for (int i = 0; i < 3; i++) {
      assertEquals(parse(HEAD), parser.parse(in));
    }
    assertNull(parser.parse(in));
  }

  @Test
  void aHeadAsLargeAsTheLimitIsReadAndOneByteMoreIsNot() {
    Limits d = Limits.DEFAULT;
    String start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    int room = d.headBytesMax() - start.length() - 4;
    assertNotNull(parse(start + "v".repeat(room) + "\r\n\r\n"));
    assertEquals(
        ProtocolError.Kind.HEAD_TOO_LARGE, refused(start + "v".repeat(room + 1) + "\r\n\r\n"));
    int line = d.requestLineBytesMax() - "GET / HTTP/1.1\r\n".length();
    String rest = " HTTP/1.1\r\nHost: a\r\n\r\n";
    assertNotNull(parse("GET /" + "a".repeat(line) + rest));
    assertEquals(
        ProtocolError.Kind.TARGET_TOO_LONG, refused("GET /" + "a".repeat(line + 1) + rest));
    // Refused before its end has come.
    assertEquals(ProtocolError.Kind.TARGET_TOO_LONG, refused("G".repeat(line + 100)));
    assertEquals(
        ProtocolError.Kind.HEAD_TOO_LARGE, refused("GET / HTTP/1.1\r\n" + "x".repeat(40_000)));
  }

  private static ProtocolError.Kind refused(String text) {
    return assertThrows(ProtocolException.class, () -> parse(text)).error().kind();
  }

  @Test
  void hostileHeadsAreReadOrRefused() {
    for (long seed = 0; seed < 30_000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = HEAD.getBytes(ISO_8859_1);
      for (int n = random.nextInt(4); n >= 0; n--) {
        bytes[random.nextInt(bytes.length)] =
            random.nextBoolean()
                ? (byte) random.nextInt()
                : (byte) "\r\n :\t%,;/?0".charAt(random.nextInt(11));
      }
      try {
        RequestHead head = new HeadParser(Limits.DEFAULT).parse(Unpooled.wrappedBuffer(bytes));
        if (head != null) {
          assertTrue(head.contentLength() >= -1 && !head.method().isEmpty());
          for (int i = 0; i < head.headers().size(); i++) {
            assertTrue(head.headers().value(i).indexOf('\n') < 0);
            assertTrue(head.headers().value(i).indexOf('\r') < 0);
          }
        }
      } catch (ProtocolException expected) {
        assertTrue(expected.error().detail().length() > 10);
      } catch (RuntimeException e) {
        fail("seed " + seed, e);
      }
    }
  }

  private static @Nullable RequestHead parse(String text) {
    return new HeadParser(Limits.DEFAULT).parse(Unpooled.copiedBuffer(text, ISO_8859_1));
  }
}
