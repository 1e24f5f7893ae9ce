package garage.http.netty;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bodies are found alike however their bytes arrive, and what follows them is left alone. */
class BodyDecoderTest {
  private final ByteArrayOutputStream content = new ByteArrayOutputStream();

  @Test
  void chunksCutAnywhereAreReadAlike() {
    for (long seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      byte[] body = new byte[random.nextInt(3000)];
      random.nextBytes(body);
      byte[] wire = chunked(body, random);
      BodyDecoder decoder = new BodyDecoder.Chunked(UnpooledByteBufAllocator.DEFAULT);
      content.reset();
      int left = feed(decoder, wire, random);
      assertArrayEquals(body, content.toByteArray(), "seed " + seed);
      assertEquals(4, left, "seed " + seed);
      assertEquals(0, decoder.remaining());
    }
  }

  private static byte[] chunked(byte[] body, Random random) {
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    for (int at = 0; at < body.length; ) {
      int n = 1 + random.nextInt(Math.min(700, body.length - at));
      String size = Integer.toHexString(n);
      String extension = random.nextInt(3) == 0 ? ";a=\"b c\"" : "";
      wire.writeBytes(
          ((random.nextBoolean() ? "00" + size : size.toUpperCase(Locale.ROOT))
                  + extension
                  + "\r\n")
              .getBytes(ISO_8859_1));
      wire.write(body, at, n);
      wire.writeBytes("\r\n".getBytes(ISO_8859_1));
      at += n;
    }
    String trailer = random.nextBoolean() ? "X: y\r\nZ: \u00e9\r\n" : "";
    wire.writeBytes(("0\r\n" + trailer + "\r\nnext").getBytes(ISO_8859_1));
    return wire.toByteArray();
  }

  /** Feeds random pieces; answers how many bytes were left over. */
  private int feed(BodyDecoder decoder, byte[] wire, Random random) {
    for (int at = 0; at < wire.length; ) {
      int n = 1 + random.nextInt(Math.min(wire.length - at, 1 + random.nextInt(2000)));
      ByteBuf in = Unpooled.wrappedBuffer(wire, at, n);
      at += n;
      if (decoder.decode(in, this::collect)) {
        return in.readableBytes() + wire.length - at;
      }
      assertEquals(0, in.readableBytes());
    }
    return -1;
  }

  private void collect(ByteBuf bytes) {
    byte[] copy = new byte[bytes.readableBytes()];
    bytes.readBytes(copy);
    content.writeBytes(copy);
    bytes.release();
  }

  @Test
  void aBodyOfKnownLengthEndsThere() {
    BodyDecoder decoder = new BodyDecoder.Fixed(5);
    ByteBuf first = Unpooled.copiedBuffer("abc", ISO_8859_1);
    assertTrue(!decoder.decode(first, this::collect));
    assertEquals(2, decoder.remaining());
    ByteBuf second = Unpooled.copiedBuffer("denext", ISO_8859_1);
    assertTrue(decoder.decode(second, this::collect));
    assertEquals("next", second.toString(ISO_8859_1));
    assertEquals("abcde", content.toString(ISO_8859_1));
  }

  @Test
  void hostileChunksAreReadOrRefused() {
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] wire = chunked(new byte[random.nextInt(50)], random);
      for (int n = random.nextInt(3); n >= 0; n--) {
        wire[random.nextInt(wire.length)] =
            random.nextBoolean()
                ? (byte) random.nextInt()
                : (byte) "\r\n ;0f-x".charAt(random.nextInt(8));
      }
      content.reset();
      try {
        feed(new BodyDecoder.Chunked(UnpooledByteBufAllocator.DEFAULT), wire, random);
        assertTrue(content.size() <= wire.length);
      } catch (ProtocolException expected) {
        assertTrue(expected.error().detail().length() > 10);
      } catch (RuntimeException e) {
        fail("seed " + seed, e);
      }
    }
  }

  @Test
  void manyTinyChunksBecomeOneBuffer() {
    int[] buffers = new int[1];
    BodyDecoder decoder = new BodyDecoder.Chunked(UnpooledByteBufAllocator.DEFAULT);
    ByteBuf in = Unpooled.copiedBuffer("1\r\nx\r\n".repeat(5000) + "0\r\n\r\n", ISO_8859_1);
    assertTrue(
        decoder.decode(
            in,
            bytes -> {
              buffers[0]++;
              assertEquals(5000, bytes.readableBytes());
              bytes.release();
            }));
    assertEquals(1, buffers[0]);
  }
}
