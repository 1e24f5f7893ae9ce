package garage.server.it;

import static garage.server.it.ServerUnderTest.BUCKET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Objects through the AWS SDK as it comes: what went in comes out. */
class S3ObjectsTest extends SingleNodeTest {
  private static final int INLINE_THRESHOLD = 64 << 10;
  private static final int BLOCK = 1 << 20;

  /** The real files where they are kept beside the project, and one like them everywhere. */
  static List<Path> parquetFiles() throws IOException {
    List<Path> files = new ArrayList<>();
    Path generated = Files.createTempFile(directory, "generated", ".parquet");
    files.add(Files.write(generated, new Content(1, 700_001).bytes()));
    for (Path parent = Path.of("").toAbsolutePath(); parent != null; parent = parent.getParent()) {
      Path real = parent.resolve("shared/data/parquet");
      if (Files.isDirectory(real)) {
        try (Stream<Path> listed = Files.list(real)) {
          listed.filter(file -> file.toString().endsWith(".parquet")).forEach(files::add);
        }
        break;
      }
    }
    return files;
  }

  @ParameterizedTest
  @MethodSource("parquetFiles")
  void aParquetFileComesBackByteForByte(Path file) throws IOException {
    String key = "raw/" + file.getFileName();
    s3.putObject(b -> b.bucket(BUCKET).key(key), file);
    byte[] expected = Files.readAllBytes(file);
    Content.assertSame(expected, get(key), key);
    // As readers of Parquet do: the footer's length, then the footer.
    byte[] tail = range(key, "bytes=-8");
    Content.assertSame(
        Arrays.copyOfRange(expected, expected.length - 8, expected.length), tail, "the tail");
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0,
        1,
        INLINE_THRESHOLD - 1,
        INLINE_THRESHOLD,
        INLINE_THRESHOLD + 1,
        BLOCK - 1,
        BLOCK,
        BLOCK + 1,
        2 * BLOCK,
        3 * BLOCK + 12_345
      })
  void anObjectOfASizeAtABorderIsReadWholeAndInRanges(int size) throws Exception {
    String key = "sizes/" + size;
    byte[] expected = new Content(size, size).bytes();
    PutObjectResponse put =
        s3.putObject(b -> b.bucket(BUCKET).key(key), RequestBody.fromBytes(expected));
    assertEquals('"' + md5(expected) + '"', put.eTag());
    HeadObjectResponse head = s3.headObject(b -> b.bucket(BUCKET).key(key));
    assertEquals(size, head.contentLength());
    assertEquals(put.eTag(), head.eTag());
    assertEquals("bytes", head.acceptRanges());
    Content.assertSame(expected, get(key), key);
    for (int from : new int[] {0, 1, size / 2, size - 1, BLOCK - 1, BLOCK}) {
      for (int length : new int[] {1, 100, 65_536, BLOCK + 2}) {
        if (from >= 0 && from < size) {
          int to = Math.min(size, from + length);
          byte[] read = range(key, "bytes=" + from + "-" + (from + length - 1));
          Content.assertSame(Arrays.copyOfRange(expected, from, to), read, from + "+" + length);
        }
      }
    }
  }

  @Test
  void aRangeIsDescribedAndOneBeyondTheEndRefused() {
    put("range", new Content(2, 1000));
    var reply =
        s3.getObjectAsBytes(b -> b.bucket(BUCKET).key("range").range("bytes=990-2000")).response();
    assertEquals("bytes 990-999/1000", reply.contentRange());
    assertEquals(206, reply.sdkHttpResponse().statusCode());
    S3Exception refused =
        assertThrows(
            S3Exception.class,
            () -> s3.getObjectAsBytes(b -> b.bucket(BUCKET).key("range").range("bytes=1000-")));
    assertEquals(416, refused.statusCode());
    assertEquals("InvalidRange", refused.awsErrorDetails().errorCode());
  }

  @Test
  void metadataAndContentHeadersComeBack() {
    Instant expires = Instant.parse("2031-02-03T04:05:06Z");
    s3.putObject(
        b ->
            b.bucket(BUCKET)
                .key("described")
                .contentType("application/vnd.apache.parquet")
                .contentEncoding("zstd")
                .contentLanguage("fr")
                .contentDisposition("attachment; filename=\"a b.parquet\"")
                .cacheControl("max-age=60")
                .expires(expires)
                .metadata(Map.of("owner", "team a", "empty", "")),
        RequestBody.fromString("x"));
    HeadObjectResponse head = s3.headObject(b -> b.bucket(BUCKET).key("described"));
    assertEquals("application/vnd.apache.parquet", head.contentType());
    assertEquals("zstd", head.contentEncoding());
    assertEquals("fr", head.contentLanguage());
    assertEquals("attachment; filename=\"a b.parquet\"", head.contentDisposition());
    assertEquals("max-age=60", head.cacheControl());
    assertEquals("Sat, 03 Feb 2031 04:05:06 GMT".substring(5), head.expiresString().substring(5));
    assertEquals("team a", head.metadata().get("owner"));
    GetObjectResponse get =
        s3.getObjectAsBytes(
                b -> b.bucket(BUCKET).key("described").responseContentType("text/plain"))
            .response();
    assertEquals("text/plain", get.contentType());
    assertEquals("zstd", get.contentEncoding());
  }

  @ParameterizedTest
  @EnumSource(
      value = ChecksumAlgorithm.class,
      names = {"CRC32", "CRC32_C", "SHA1", "SHA256"})
  void aChecksumOfEachKindIsCheckedAndReturned(ChecksumAlgorithm algorithm) {
    String key = "sums/" + algorithm;
    byte[] expected = new Content(3, BLOCK + 77).bytes();
    PutObjectResponse put =
        s3.putObject(
            b -> b.bucket(BUCKET).key(key).checksumAlgorithm(algorithm),
            RequestBody.fromBytes(expected));
    HeadObjectResponse head =
        s3.headObject(b -> b.bucket(BUCKET).key(key).checksumMode(ChecksumMode.ENABLED));
    List<String> stored =
        Stream.of(
                head.checksumCRC32(),
                head.checksumCRC32C(),
                head.checksumCRC64NVME(),
                head.checksumSHA1(),
                head.checksumSHA256())
            .filter(sum -> sum != null)
            .toList();
    List<String> returned =
        Stream.of(
                put.checksumCRC32(),
                put.checksumCRC32C(),
                put.checksumCRC64NVME(),
                put.checksumSHA1(),
                put.checksumSHA256())
            .filter(sum -> sum != null)
            .toList();
    assertEquals(1, stored.size());
    assertEquals(stored, returned);
    Content.assertSame(expected, get(key), key); // the SDK checks the sum as well
  }

  /** The SDK computes this one with a native library only; the reference here is the test's own. */
  @Test
  void aCrc64IsCheckedAndReturned() {
    byte[] body = "123456789".getBytes(StandardCharsets.US_ASCII);
    String sum = "rosUhgp5mIg="; // the catalogue's check value, ae8b14860a799888
    s3.putObject(
        b -> b.bucket(BUCKET).key("sums/crc64").checksumCRC64NVME(sum),
        RequestBody.fromBytes(body));
    HeadObjectResponse head =
        s3.headObject(b -> b.bucket(BUCKET).key("sums/crc64").checksumMode(ChecksumMode.ENABLED));
    assertEquals(sum, head.checksumCRC64NVME());
    S3Exception refused =
        assertThrows(
            S3Exception.class,
            () ->
                s3.putObject(
                    b -> b.bucket(BUCKET).key("sums/crc64").checksumCRC64NVME(sum),
                    RequestBody.fromString("987654321")));
    assertEquals("BadDigest", refused.awsErrorDetails().errorCode());
  }

  @Test
  void aWrongChecksumIsRefusedAndNothingIsStored() {
    S3Exception refused =
        assertThrows(
            S3Exception.class,
            () ->
                s3.putObject(
                    b -> b.bucket(BUCKET).key("wrong-sum").checksumCRC32("AAAAAA=="),
                    RequestBody.fromString("not that")));
    assertEquals(400, refused.statusCode());
    assertEquals("BadDigest", refused.awsErrorDetails().errorCode());
    assertAbsent("wrong-sum");
  }

  @Test
  void aWrongMd5IsRefusedAndNothingIsStored() {
    S3Exception refused =
        assertThrows(
            S3Exception.class,
            () ->
                s3.putObject(
                    b -> b.bucket(BUCKET).key("wrong-md5").contentMD5("AAAAAAAAAAAAAAAAAAAAAA=="),
                    RequestBody.fromBytes(new Content(4, BLOCK + 5).bytes())));
    assertEquals("BadDigest", refused.awsErrorDetails().errorCode());
    assertAbsent("wrong-md5");
  }

  @Test
  void anObjectIsReplacedAndDeleted() {
    put("again", new Content(5, 2 * BLOCK));
    put("again", new Content(6, 10));
    Content.assertSame(new Content(6, 10).bytes(), get("again"), "the second");
    s3.deleteObject(b -> b.bucket(BUCKET).key("again"));
    assertAbsent("again");
    s3.deleteObject(b -> b.bucket(BUCKET).key("again")); // once more changes nothing
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 2 * (1 << 20) + 3})
  void aCopyHasTheBytesAndTheChosenMetadata(int size) {
    Content content = new Content(7, size);
    String source = "copy/source +%2F é " + size;
    s3.putObject(
        b -> b.bucket(BUCKET).key(source).metadata(Map.of("a", "1")).contentType("text/csv"),
        RequestBody.fromBytes(content.bytes()));
    s3.copyObject(b ->
        b.sourceBucket(BUCKET)
            .sourceKey(source)
            .destinationBucket(BUCKET)
            .destinationKey("copy/kept"));
    s3.copyObject(b ->
        b.sourceBucket(BUCKET)
            .sourceKey(source)
            .destinationBucket(BUCKET)
            .destinationKey("copy/replaced")
            .metadataDirective(MetadataDirective.REPLACE)
            .metadata(Map.of("b", "2")));
    s3.deleteObject(b -> b.bucket(BUCKET).key(source));
    Content.assertSame(content.bytes(), get("copy/kept"), "copy/kept");
    Content.assertSame(content.bytes(), get("copy/replaced"), "copy/replaced");
    HeadObjectResponse kept = s3.headObject(b -> b.bucket(BUCKET).key("copy/kept"));
    assertEquals(Map.of("a", "1"), kept.metadata());
    assertEquals("text/csv", kept.contentType());
    HeadObjectResponse replaced = s3.headObject(b -> b.bucket(BUCKET).key("copy/replaced"));
    assertEquals(Map.of("b", "2"), replaced.metadata());
  }

  @Test
  void conditionalReadsAreAnsweredByTagAndDate() {
    put("conditional", new Content(8, 50));
    HeadObjectResponse head = s3.headObject(b -> b.bucket(BUCKET).key("conditional"));
    assertNotNull(
        s3.getObjectAsBytes(b -> b.bucket(BUCKET).key("conditional").ifMatch(head.eTag())));
    assertStatus(
        304, () -> s3.getObject(b -> b.bucket(BUCKET).key("conditional").ifNoneMatch(head.eTag())));
    assertStatus(
        304,
        () ->
            s3.getObject(
                b -> b.bucket(BUCKET).key("conditional").ifModifiedSince(head.lastModified())));
    assertStatus(
        412, () -> s3.getObject(b -> b.bucket(BUCKET).key("conditional").ifMatch("\"other\"")));
    assertStatus(
        412,
        () ->
            s3.getObject(b ->
                b.bucket(BUCKET)
                    .key("conditional")
                    .ifUnmodifiedSince(head.lastModified().minusSeconds(60))));
  }

  /** Either honoured or refused as not implemented, but never ignored. */
  @Test
  void aConditionalWriteIsNeverIgnored() {
    Content first = new Content(9, 60);
    put("once", first);
    String eTag = s3.headObject(b -> b.bucket(BUCKET).key("once")).eTag();
    S3Exception absent =
        assertThrows(
            S3Exception.class,
            () ->
                s3.putObject(
                    b -> b.bucket(BUCKET).key("once").ifNoneMatch("*"),
                    RequestBody.fromString("second")));
    assertTrue(List.of(412, 501).contains(absent.statusCode()), absent.toString());
    S3Exception other =
        assertThrows(
            S3Exception.class,
            () ->
                s3.putObject(
                    b -> b.bucket(BUCKET).key("once").ifMatch("\"0123\""),
                    RequestBody.fromString("third")));
    assertTrue(List.of(412, 501).contains(other.statusCode()), other.toString());
    Content.assertSame(first.bytes(), get("once"), "once");
    if (other.statusCode() == 412) {
      s3.putObject(
          b -> b.bucket(BUCKET).key("once").ifMatch(eTag), RequestBody.fromString("fourth"));
      assertEquals("fourth", new String(get("once"), StandardCharsets.UTF_8));
      s3.putObject(
          b -> b.bucket(BUCKET).key("only-once").ifNoneMatch("*"), RequestBody.fromString("1"));
    }
  }

  @Test
  void everyReplyHasARequestIdOfItsOwn() {
    PutObjectResponse first = put("id", new Content(10, 1));
    PutObjectResponse second = put("id", new Content(10, 1));
    assertFalse(first.responseMetadata().requestId().isEmpty());
    assertFalse(first.responseMetadata().requestId().equals(second.responseMetadata().requestId()));
    S3Exception missing =
        assertThrows(
            NoSuchKeyException.class, () -> s3.getObject(b -> b.bucket(BUCKET).key("no id")));
    assertNotNull(missing.requestId());
  }

  @Test
  void aStoppedServerEndsCleanlyAndARestartKeepsEverything() {
    Content small = new Content(11, 500);
    Content large = new Content(12, 2 * BLOCK + 9);
    put("kept/small", small);
    put("kept/large", large);
    assertEquals(0, exitAsOfSignal(server.stop()), server.log());
    server.restart();
    Content.assertSame(small.bytes(), get("kept/small"), "small");
    Content.assertSame(large.bytes(), get("kept/large"), "large");
    assertTrue(server.printed().contains(ServerUnderTest.SECRET_KEY), server.printed());
  }

  /** A JVM that a signal ended says so; this is as clean as zero. */
  private static int exitAsOfSignal(int exitCode) {
    return exitCode == 128 + 15 ? 0 : exitCode;
  }

  private static PutObjectResponse put(String key, Content content) {
    return s3.putObject(b -> b.bucket(BUCKET).key(key), RequestBody.fromBytes(content.bytes()));
  }

  private static byte[] get(String key) {
    return s3.getObjectAsBytes(b -> b.bucket(BUCKET).key(key)).asByteArrayUnsafe();
  }

  private static byte[] range(String key, String range) {
    return s3.getObjectAsBytes(b -> b.bucket(BUCKET).key(key).range(range)).asByteArrayUnsafe();
  }

  private static void assertAbsent(String key) {
    assertStatus(404, () -> s3.headObject(b -> b.bucket(BUCKET).key(key)));
  }

  private static String md5(byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
  }

  /** As a newcomer's first large file: one PUT, the SDK's own settings, nothing held in memory. */
  @Test
  @Timeout(300)
  void aLargeFileComesBackAsItWentWithTheDefaultsOfTheSdk(@TempDir Path files) throws IOException {
    Path up = files.resolve("up");
    Random random = new Random(300);
    byte[] chunk = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(up)) {
      for (int i = 0; i < 300; i++) {
        random.nextBytes(chunk);
        out.write(chunk);
      }
    }
    s3.putObject(b -> b.bucket(BUCKET).key("large"), up);
    Path down = files.resolve("down");
    s3.getObject(b -> b.bucket(BUCKET).key("large"), down);
    assertEquals(-1, Files.mismatch(up, down));
  }
}
