package garage.s3api.post;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import garage.http.BodyStream;
import garage.s3api.error.S3Exception;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Whatever a browser sends as a form: it is read, alike however it is cut, or refused. */
class FormFuzzTest {
  private static final String TYPE = "multipart/form-data; boundary=b";

  @FuzzTest(maxDuration = "")
  void form(byte[] bytes) {
    assertEquals(read(bytes, Integer.MAX_VALUE), read(bytes, 1));
  }

  @FuzzTest(maxDuration = "")
  void formType(byte[] bytes) {
    String type = "multipart/form-data" + new String(bytes, StandardCharsets.UTF_8);
    BodyStream nothing = new Cut(new byte[0], 1);
    try {
      new FormReader(nothing, type).next(Form.BYTES_MAX);
    } catch (S3Exception e) {
      e.error(); // refused
    }
  }

  /** The fields and the file, or the error. */
  private static String read(byte[] bytes, int pieceMax) {
    try {
      FormReader reader = new FormReader(new Cut(bytes, pieceMax), TYPE);
      Form form = Form.read(reader);
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      byte[] piece = new byte[64];
      for (int n = reader.read(piece, 0, 64); n > 0; n = reader.read(piece, 0, 64)) {
        file.write(piece, 0, n);
      }
      return form.fields() + HexFormat.of().formatHex(file.toByteArray());
    } catch (S3Exception e) {
      return e.error().code().wireName();
    }
  }

  /** Bytes that come in pieces of a length. */
  private static final class Cut extends BodyStream {
    private final byte[] bytes;
    private final int pieceMax;
    private int at;

    Cut(byte[] bytes, int pieceMax) {
      this.bytes = bytes;
      this.pieceMax = pieceMax;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (length == 0 || at == bytes.length) {
        return length == 0 ? 0 : -1;
      }
      int n = Math.min(Math.min(length, pieceMax), bytes.length - at);
      System.arraycopy(bytes, at, into, offset, n);
      at += n;
      return n;
    }
  }
}
