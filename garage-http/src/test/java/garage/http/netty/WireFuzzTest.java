package garage.http.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import garage.http.HttpServerSettings.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Whatever bytes come over a connection: they are read or refused, alike however they are cut, and
 * nothing else happens.
 */
class WireFuzzTest {
  @FuzzTest(maxDuration = "")
  void aHeadIsReadOrRefused(byte[] bytes) {
    assertEquals(head(bytes, bytes.length), head(bytes, bytes.length / 2));
  }

  @FuzzTest(maxDuration = "")
  void aChunkedBodyIsReadOrRefused(byte[] bytes) {
    assertEquals(body(bytes, bytes.length), body(bytes, bytes.length / 2));
  }

  /** What two heads are read as, the bytes coming in two pieces. */
  private static String head(byte[] bytes, int cut) {
    HeadParser parser = new HeadParser(Limits.DEFAULT);
    ByteBuf in = Unpooled.buffer(bytes.length + 1);
    StringBuilder read = new StringBuilder();
    try {
      in.writeBytes(bytes, 0, cut);
      RequestHead first = parser.parse(in);
      in.writeBytes(bytes, cut, bytes.length - cut);
      read.append(first != null ? first : parser.parse(in)).append(parser.parse(in));
    } catch (ProtocolException e) {
      read.append(e.getMessage());
    }
    return read.toString();
  }

  private static String body(byte[] bytes, int cut) {
    BodyDecoder decoder = new BodyDecoder.Chunked(UnpooledByteBufAllocator.DEFAULT);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    ByteBuf in = Unpooled.buffer(bytes.length + 1);
    String end;
    try {
      in.writeBytes(bytes, 0, cut);
      boolean ended = decode(decoder, in, content);
      in.writeBytes(bytes, cut, bytes.length - cut);
      ended = ended || decode(decoder, in, content);
      end = ended + " and " + in.readableBytes() + " bytes after it";
    } catch (ProtocolException e) {
      return String.valueOf(e.getMessage());
    }
    return end + Arrays.toString(content.toByteArray());
  }

  private static boolean decode(BodyDecoder decoder, ByteBuf in, ByteArrayOutputStream content) {
    return decoder.decode(
        in,
        piece -> {
          byte[] taken = new byte[piece.readableBytes()];
          piece.readBytes(taken);
          piece.release();
          content.writeBytes(taken);
        });
  }
}
