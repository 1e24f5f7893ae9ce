package garage.s3api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.hash.Digests;
import garage.s3api.S3World.Reply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects that are encrypted with keys their clients keep. */
class CustomerKeysTest {
  private static final String PREFIX = "x-amz-server-side-encryption-customer-";
  private static final String SOURCE = "x-amz-copy-source-server-side-encryption-customer-";
  private static final byte[] KEY = S3World.random(32, 1);
  private static final byte[] OTHER = S3World.random(32, 2);

  private static String[] headers(String prefix, byte[] key, String... more) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of(prefix + "algorithm", "AES256"));
    all.addAll(List.of(prefix + "key", base64(key)));
    all.addAll(List.of(prefix + "key-MD5", base64(Digests.md5().digest(key))));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static String[] with(byte[] key, String... more) {
    return headers(PREFIX, key, more);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String[] join(String[] one, String... other) {
    String[] all = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, all, one.length, other.length);
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2_999, 16_384, 16_385, 262_144, 262_128, 700_000})
  void whatIsPutWithAKeyIsReadWithItAlone(int size) {
    S3World.run(world -> {
      byte[] body = S3World.random(size, 3);
      Reply put = world.put("/bkt/k", body, with(KEY, "Content-MD5", md5(body)));
      assertEquals(200, put.status(), put.text());
      assertNotEquals('"' + S3World.md5(body) + '"', put.header("ETag"));
      assertEquals("AES256", put.header(PREFIX + "algorithm"));
      Reply read = world.send("GET", "/bkt/k", with(KEY));
      assertArrayEquals(body, read.body());
      assertEquals(put.header("ETag"), read.header("ETag"));
      assertEquals(base64(Digests.md5().digest(KEY)), read.header(PREFIX + "key-MD5"));
      assertEquals("InvalidRequest", world.send("GET", "/bkt/k").element("Code"));
      assertEquals("AccessDenied", world.send("GET", "/bkt/k", with(OTHER)).element("Code"));
      assertEquals(400, world.send("HEAD", "/bkt/k").status());
      assertEquals(403, world.send("HEAD", "/bkt/k", with(OTHER)).status());
      assertEquals("" + size, world.send("HEAD", "/bkt/k", with(KEY)).header("Content-Length"));
    });
  }

  private static String md5(byte[] body) {
    return base64(Digests.md5().digest(body));
  }

  @Test
  void rangesAreThoseOfThePlainBytes() {
    S3World.run(world -> {
      byte[] body = S3World.random(700_000, 4);
      world.put("/bkt/k", body, with(KEY));
      Random random = new Random(7);
      for (int i = 0; i < 200; i++) {
        int from = random.nextInt(body.length);
        int to = Math.min(body.length, from + 1 + random.nextInt(i < 100 ? 40_000 : 300_000));
        String range = "bytes=" + from + "-" + (to - 1);
        Reply reply = world.send("GET", "/bkt/k", with(KEY, "Range", range));
        assertEquals(206, reply.status());
        assertArrayEquals(Arrays.copyOfRange(body, from, to), reply.body(), range);
      }
    });
  }

  @Test
  void nothingReadableIsStoredAndEqualObjectsShareNothing() {
    S3World.run(world -> {
      byte[] body = "secret, secret! ".repeat(20_000).getBytes(UTF_8);
      world.put("/bkt/a", body, with(KEY));
      int blocks = world.blocks.stored().size();
      world.put("/bkt/b", body, with(KEY));
      assertEquals(2 * blocks, world.blocks.stored().size());
      world.put("/bkt/small", "secret, secret!".getBytes(UTF_8), with(KEY));
      for (byte[] block : world.blocks.stored()) {
        assertFalse(new String(block, UTF_8).contains("secret"));
        assertTrue(block.length <= S3World.BLOCK);
      }
    });
  }

  @Test
  void completingAnUploadNeedsTheKeyOnlyWhereChecksumsAreKept() {
    S3World.run(world -> {
      assertEquals(200, complete(world).status());
      assertEquals(200, complete(world, with(KEY)).status());
      Reply reply = complete(world, "x-amz-checksum-algorithm", "CRC32");
      assertEquals(400, reply.status());
      assertEquals("InvalidRequest", reply.element("Code"));
    });
  }

  /** Completes an encrypted upload; headers but those of the key are for its beginning. */
  private static Reply complete(S3World world, String... headers) {
    boolean keyed = headers.length > 2;
    String[] begin = keyed ? headers : with(KEY, headers);
    String upload =
        "/bkt/c?uploadId=" + world.send("POST", "/bkt/c?uploads", begin).element("UploadId");
    Reply part = world.put(upload + "&partNumber=1", S3World.random(10, 1), with(KEY));
    assertEquals(200, part.status(), part.text());
    String parts =
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>%s</ETag></Part>"
                .formatted(part.header("ETag"))
            + "</CompleteMultipartUpload>";
    return world.post(upload, parts, keyed ? headers : new String[0]);
  }

  @Test
  void partsAreEncryptedWithTheKeyOfTheirUpload() {
    S3World.run(world -> {
      Reply created = world.send("POST", "/bkt/k?uploads", with(KEY));
      assertEquals("AES256", created.header(PREFIX + "algorithm"));
      String part = "/bkt/k?uploadId=" + created.element("UploadId") + "&partNumber=";
      byte[] first = S3World.random(5 << 20, 5);
      byte[] second = S3World.random(100_001, 6);
      assertEquals("InvalidRequest", world.put(part + 1, second).element("Code"));
      assertEquals("InvalidRequest", world.put(part + 1, second, with(OTHER)).element("Code"));
      String one = world.put(part + 1, first, with(KEY)).header("ETag");
      world.put("/bkt/source", second, with(OTHER));
      String[] copy =
          join(
              headers(SOURCE, OTHER, "x-amz-copy-source", "/bkt/source"),
              with(KEY, "x-amz-copy-source-range", "bytes=1-100000"));
      Reply two = world.put(part + 2, new byte[0], copy);
      assertEquals(200, two.status(), two.text());
      String etag = String.valueOf(two.element("ETag")).replace("&quot;", "");
      String part1 = "<Part><PartNumber>1</PartNumber><ETag>" + one + "</ETag></Part>";
      String part2 = "<Part><PartNumber>2</PartNumber><ETag>" + etag + "</ETag></Part>";
      String upload = "/bkt/k?uploadId=" + created.element("UploadId");
      String parts = "<CompleteMultipartUpload>" + part1 + part2 + "</CompleteMultipartUpload>";
      assertEquals(400, world.post(upload, parts, with(OTHER)).status());
      Reply done = world.post(upload, parts, with(KEY));
      assertEquals(200, done.status(), done.text());
      byte[] whole = Arrays.copyOf(first, first.length + second.length - 1);
      System.arraycopy(second, 1, whole, first.length, second.length - 1);
      assertArrayEquals(whole, world.send("GET", "/bkt/k", with(KEY)).body());
      assertEquals("InvalidRequest", world.send("GET", "/bkt/k").element("Code"));
      assertArrayEquals(
          Arrays.copyOfRange(second, 1, second.length),
          world.send("GET", "/bkt/k?partNumber=2", with(KEY)).body());
      assertEquals(
          200,
          world
              .send("GET", "/bkt/k?attributes", with(KEY, "x-amz-object-attributes", "ObjectSize"))
              .status());
      assertEquals(
          400,
          world.send("GET", "/bkt/k?attributes", "x-amz-object-attributes", "ObjectSize").status());
    });
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 300_000})
  void copiesGoFromAnyKeyToAny(int size) {
    S3World.run(world -> {
      byte[] body = S3World.random(size, 8);
      world.put("/bkt/plain", body);
      String from = "x-amz-copy-source";
      assertEquals(200, world.put("/bkt/a", new byte[0], with(KEY, from, "/bkt/plain")).status());
      assertArrayEquals(body, world.send("GET", "/bkt/a", with(KEY)).body());
      String[] rekey = join(headers(SOURCE, KEY, from, "/bkt/a"), with(OTHER));
      Reply rekeyed = world.put("/bkt/a", new byte[0], rekey);
      assertEquals(200, rekeyed.status(), rekeyed.text());
      assertEquals("AES256", rekeyed.header(PREFIX + "algorithm"));
      assertArrayEquals(body, world.send("GET", "/bkt/a", with(OTHER)).body());
      assertEquals("AccessDenied", world.send("GET", "/bkt/a", with(KEY)).element("Code"));
      assertEquals(
          "InvalidRequest", world.put("/bkt/b", new byte[0], from, "/bkt/a").element("Code"));
      Reply plain = world.put("/bkt/b", new byte[0], headers(SOURCE, OTHER, from, "/bkt/a"));
      assertEquals(200, plain.status(), plain.text());
      Reply read = world.send("GET", "/bkt/b");
      assertArrayEquals(body, read.body());
      assertEquals('"' + S3World.md5(body) + '"', read.header("ETag"));
      assertNull(read.header(PREFIX + "algorithm"));
    });
  }

  @ParameterizedTest
  @CsvSource({
    "AES128, KEY, MD5, InvalidEncryptionAlgorithmError",
    "AES256, '', MD5, InvalidArgument",
    "AES256, c2hvcnQ=, MD5, InvalidArgument",
    "AES256, KEY, '', InvalidArgument",
    "AES256, KEY, AAAAAAAAAAAAAAAAAAAAAA==, InvalidArgument",
    "'', KEY, MD5, InvalidArgument",
  })
  void keysThatAreNoneAreRefused(String algorithm, String key, String md5, String code) {
    S3World.run(world -> {
      String[] headers = {
        PREFIX + "algorithm", algorithm,
        PREFIX + "key", key.equals("KEY") ? base64(KEY) : key,
        PREFIX + "key-MD5", md5.equals("MD5") ? md5(KEY) : md5
      };
      assertEquals(code, world.put("/bkt/k", new byte[1], headers).element("Code"));
      assertEquals("NoSuchKey", world.send("GET", "/bkt/k").element("Code"));
    });
  }

  @ParameterizedTest
  @CsvSource({
    "x-amz-server-side-encryption, AES256",
    "x-amz-server-side-encryption, aws:kms",
    "x-amz-server-side-encryption-bucket-key-enabled, true",
    "x-amz-server-side-encryption-aws-kms-key-id, k",
    "x-amz-server-side-encryption-context, e30=",
  })
  void otherEncryptionIsRefusedAndNeverIgnored(String header, String value) {
    S3World.run(world -> {
      Reply reply = world.put("/bkt/k", new byte[1], header, value);
      assertEquals("NotImplemented", reply.element("Code"));
      assertEquals(header, reply.element("Header"));
    });
  }

  @Test
  void aKeyForAnObjectThatHasNoneIsRefused() {
    S3World.run(world -> {
      world.put("/bkt/k", new byte[1]);
      assertEquals("InvalidRequest", world.send("GET", "/bkt/k", with(KEY)).element("Code"));
    });
  }
}
