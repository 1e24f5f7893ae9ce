package garage.http.sigv4;

import garage.common.hash.Digests;
import garage.http.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;

/** Frames a body as aws-chunked, as a client does; each chunk continues the chain of signatures. */
public final class ChunkSigner {
  private final SigningKey key;
  private final AmzDate date;
  private String previous;

  ChunkSigner(SigningKey key, AmzDate date, String seed) {
    this.key = key;
    this.date = date;
    this.previous = seed;
  }

  /** One signed chunk; the empty one is the last. */
  public byte[] chunk(byte[] bytes, int offset, int length) {
    MessageDigest digest = Digests.sha256();
    digest.update(bytes, offset, length);
    String hash = HexFormat.of().formatHex(digest.digest());
    previous = key.sign(key.chunkStringToSign(date, previous, hash));
    byte[] head = ascii(Integer.toHexString(length) + ";chunk-signature=" + previous + "\r\n");
    ByteArrayOutputStream out = new ByteArrayOutputStream(head.length + length + 2);
    out.writeBytes(head);
    out.write(bytes, offset, length);
    if (length > 0) {
      out.writeBytes(ascii("\r\n"));
    }
    return out.toByteArray();
  }

  /** What follows the last chunk: the fields and their signature, or only an empty line. */
  public byte[] trailer(Headers fields) {
    if (fields.size() == 0) {
      return ascii("\r\n");
    }
    StringBuilder canonical = new StringBuilder();
    fields.forEach((name, value) ->
        canonical.append(name.toLowerCase(Locale.ROOT)).append(':').append(value).append('\n'));
    String text = canonical.toString();
    previous = key.sign(key.trailerStringToSign(date, previous, text));
    return ascii(text.replace("\n", "\r\n") + "x-amz-trailer-signature:" + previous + "\r\n\r\n");
  }

  /** A whole body in chunks of {@code chunkBytes}, with its trailer. */
  public byte[] encode(byte[] body, int chunkBytes, Headers trailer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 256);
    for (int at = 0; at < body.length; at += chunkBytes) {
      out.writeBytes(chunk(body, at, Math.min(chunkBytes, body.length - at)));
    }
    out.writeBytes(chunk(body, 0, 0));
    out.writeBytes(trailer(trailer));
    return out.toByteArray();
  }

  /** A whole body in chunks without signatures, as STREAMING-UNSIGNED-PAYLOAD-TRAILER has it. */
  public static byte[] encodeUnsigned(byte[] body, int chunkBytes, Headers trailer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 256);
    for (int at = 0; at < body.length; at += chunkBytes) {
      int length = Math.min(chunkBytes, body.length - at);
      out.writeBytes(ascii(Integer.toHexString(length) + "\r\n"));
      out.write(body, at, length);
      out.writeBytes(ascii("\r\n"));
    }
    out.writeBytes(ascii("0\r\n"));
    trailer.forEach((name, value) -> out.writeBytes(ascii(name + ":" + value + "\r\n")));
    out.writeBytes(ascii("\r\n"));
    return out.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
