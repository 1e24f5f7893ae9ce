package garage.http.sigv4;

import garage.common.hash.Digests;
import garage.common.id.Hash;
import garage.http.BodyStream;
import garage.http.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decodes an aws-chunked body: chunks of {@code hex-size[;chunk-signature=hex]} CRLF, bytes, CRLF;
 * a chunk of size zero; then trailer fields, the last of which signs them if chunks are signed.
 *
 * <p>Each chunk's signature covers its bytes and the signature before it, starting with the
 * request's own, so chunks cannot be changed, dropped or moved. Nothing is buffered but a line: a
 * chunk's bytes are handed out while they are hashed, except that the read which takes its last
 * ones fails unless the signature is right; and the read that takes the body's last byte fails
 * unless the zero chunk and the trailer are right too. The end of the trailer is the end of the
 * HTTP body: blank lines anywhere in it are passed over, since clients and AWS's own examples
 * differ there.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html">AWS, chunked
 *     upload</a>
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html">AWS,
 *     trailing headers</a>
 */
final class ChunkedPayload extends Payload {
  /** Bytes of a chunk's head: 16 digits of size, a signature of 64 and its name. */
  private static final int CHUNK_HEAD_BYTES_MAX = 256;

  /** Bytes of all trailer fields; a checksum and a signature take 200. */
  private static final int TRAILER_BYTES_MAX = 4 * 1024;

  /** Bytes read ahead at once, so that chunk heads do not cost a read each byte. */
  private static final int BUFFER_BYTES = 4 * 1024;

  private static final String SIGNATURE_EXTENSION = "chunk-signature=";

  /**
   * What every chunk is checked against.
   *
   * @param seed the request's own signature
   */
  record Chain(SigningKey key, AmzDate date, String seed) {}

  private final BodyStream source;
  private final long length;
  private final PayloadMode.Chunked mode;
  private final @Nullable Chain chain;
  private final TrailerFields trailer;
  private final MessageDigest chunkDigest = Digests.sha256();

  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int limit;

  private String previousSignature;
  private @Nullable String chunkSignature;
  private long chunkRemaining;
  private long count;
  private boolean ended;

  /** {@code announced} is the x-amz-trailer header; {@code chain} is null for unsigned chunks. */
  ChunkedPayload(
      BodyStream source,
      long length,
      PayloadMode.Chunked mode,
      @Nullable Chain chain,
      @Nullable String announced) {
    this.source = source;
    this.length = length;
    this.mode = mode;
    this.chain = chain;
    this.trailer = new TrailerFields(announced);
    this.previousSignature = chain == null ? "" : chain.seed();
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public Headers trailers() {
    return trailer.fields();
  }

  @Override
  public PayloadMode mode() {
    return mode;
  }

  @Override
  public @Nullable Hash takeHashDuty() {
    return null;
  }

  @Override
  public int read(byte[] bytes, int offset, int wanted) {
    Objects.checkFromIndexSize(offset, wanted, bytes.length);
    if (wanted == 0) {
      return 0;
    }
    if (!ended && chunkRemaining == 0) {
      nextChunk();
    }
    if (ended) {
      return -1;
    }
    int n = take(bytes, offset, (int) Math.min(wanted, chunkRemaining));
    chunkRemaining -= n;
    count += n;
    if (chain != null) {
      chunkDigest.update(bytes, offset, n);
    }
    if (chunkRemaining == 0) {
      endChunk();
      if (count == length) {
        nextChunk(); // must be the last: a caller may never ask again
      }
    }
    return n;
  }

  /** Reads a chunk's head, and all that follows it if it is the last. */
  private void nextChunk() {
    readHead(line(CHUNK_HEAD_BYTES_MAX));
    if (chunkRemaining > length - count) {
      throw new SignatureException(
          new SignatureFailure.IncompleteBody(length, count + chunkRemaining));
    }
    if (chunkRemaining > 0) {
      return;
    }
    if (count != length) {
      throw incomplete();
    }
    if (mode.signed()) {
      verifyChunk();
    }
    readTrailer();
    ended = true;
  }

  private void readHead(String head) {
    int semicolon = head.indexOf(';');
    chunkRemaining = size(semicolon < 0 ? head : head.substring(0, semicolon));
    chunkSignature = null;
    if (semicolon >= 0) {
      String extension = head.substring(semicolon + 1).trim();
      if (extension.startsWith(SIGNATURE_EXTENSION)) {
        chunkSignature = extension.substring(SIGNATURE_EXTENSION.length());
      }
    }
    if (mode.signed() && chunkSignature == null) {
      throw malformed("a chunk without a signature");
    }
  }

  private static long size(String hex) {
    if (hex.isEmpty() || hex.length() > 15 || !hex.chars().allMatch(ChunkedPayload::isHex)) {
      throw malformed("a chunk size that is not a hexadecimal number");
    }
    return Long.parseLong(hex, 16);
  }

  private static boolean isHex(int c) {
    return c < 0x80 && Character.digit(c, 16) >= 0;
  }

  private void endChunk() {
    if (next() != '\r' || next() != '\n') {
      throw malformed("a chunk that is not followed by CRLF");
    }
    if (mode.signed()) {
      verifyChunk();
    }
  }

  private void verifyChunk() {
    Chain by = chain;
    String claimed = chunkSignature;
    if (by == null || claimed == null) {
      throw new IllegalStateException("signed chunks without a key");
    }
    String text =
        by.key()
            .chunkStringToSign(
                by.date(), previousSignature, HexFormat.of().formatHex(chunkDigest.digest()));
    if (!by.key().verifies(text, claimed)) {
      throw new SignatureException(new SignatureFailure.ChunkMismatch(text));
    }
    previousSignature = claimed;
  }

  private void readTrailer() {
    int budget = TRAILER_BYTES_MAX;
    while (fill()) {
      String line = line(budget);
      budget -= line.length() + 1;
      if (!line.isBlank()) {
        if (!mode.trailer()) {
          throw malformed("bytes after the last chunk");
        }
        trailer.add(line);
      }
    }
    trailer.end(mode.signed() && mode.trailer());
    String signature = trailer.signature();
    if (mode.signed() && mode.trailer() && chain != null && signature != null) {
      String text =
          chain.key().trailerStringToSign(chain.date(), previousSignature, trailer.canonical());
      if (!chain.key().verifies(text, signature)) {
        throw new SignatureException(new SignatureFailure.ChunkMismatch(text));
      }
    }
  }

  /** Reads to the next line feed, and drops that and a carriage return before it. */
  private String line(int bytesMax) {
    byte[] line = new byte[Math.min(bytesMax, CHUNK_HEAD_BYTES_MAX)];
    int size = 0;
    for (int b = next(); b != '\n'; b = next()) {
      if (size == bytesMax) {
        throw malformed("a line of more than " + bytesMax + " bytes");
      }
      if (size == line.length) {
        line = Arrays.copyOf(line, Math.min(bytesMax, 2 * size));
      }
      line[size++] = (byte) b;
    }
    if (size > 0 && line[size - 1] == '\r') {
      size--;
    }
    return new String(line, 0, size, StandardCharsets.ISO_8859_1);
  }

  private int next() {
    if (!fill()) {
      throw incomplete();
    }
    return buffer[position++] & 0xff;
  }

  private int take(byte[] bytes, int offset, int wanted) {
    if (position == limit && wanted >= BUFFER_BYTES) {
      int n = source.read(bytes, offset, wanted); // large reads go past the buffer
      if (n < 0) {
        throw incomplete();
      }
      return n;
    }
    if (!fill()) {
      throw incomplete();
    }
    int n = Math.min(wanted, limit - position);
    System.arraycopy(buffer, position, bytes, offset, n);
    position += n;
    return n;
  }

  /** Makes sure that the buffer has a byte; false at the end. */
  private boolean fill() {
    if (position < limit) {
      return true;
    }
    position = 0;
    limit = Math.max(0, source.read(buffer, 0, buffer.length));
    return limit > 0;
  }

  private SignatureException incomplete() {
    return new SignatureException(new SignatureFailure.IncompleteBody(length, count));
  }

  private static SignatureException malformed(String detail) {
    return new SignatureException(
        new SignatureFailure.MalformedChunk(
            "The aws-chunked body is malformed: " + detail.toLowerCase(Locale.ROOT)));
  }
}
