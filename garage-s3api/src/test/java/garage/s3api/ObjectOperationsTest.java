package garage.s3api;

import static garage.s3api.S3World.md5;
import static garage.s3api.S3World.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.common.hash.Checksum;
import garage.common.hash.ChecksumAlgorithm;
import garage.http.BodyStream;
import garage.http.Headers;
import garage.http.RequestFailure;
import garage.http.sigv4.Credentials;
import garage.http.sigv4.RequestSigner;
import garage.s3api.S3World.Reply;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects go in, come out the same, and leave nothing behind. */
class ObjectOperationsTest {
  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 3_000, 3_001, 100_000, 262_143, 262_144, 262_145, 1_000_000, 2_000_000})
  void objectOfAnySizeReadsBack(int size) {
    S3World.run(world -> {
      byte[] bytes = random(size, size);
      Reply put = world.put("/bkt/k", bytes, "Content-Type", "x/y", "x-amz-meta-a", "a b");
      assertEquals(200, put.status(), put.text());
      assertEquals('"' + md5(bytes) + '"', put.header("ETag"));
      Reply get = world.send("GET", "/bkt/k");
      assertEquals(200, get.status());
      assertArrayEquals(bytes, get.body());
      assertEquals('"' + md5(bytes) + '"', get.header("ETag"));
      assertEquals("x/y", get.header("Content-Type"));
      assertEquals("a b", get.header("x-amz-meta-a"));
      assertEquals("bytes", get.header("Accept-Ranges"));
      assertNotNull(get.header("Last-Modified"));
      assertNotNull(get.header("x-amz-request-id"));
      assertNotNull(get.header("x-amz-id-2"));
      Reply head = world.send("HEAD", "/bkt/k");
      assertEquals(Integer.toString(size), head.header("Content-Length"));
      assertEquals(0, head.body().length);
      assertEquals(0, world.blocks.lentBytes());
      assertEquals((size + S3World.BLOCK - 1) / S3World.BLOCK, blocksOf(world, size));
    });
  }

  private static int blocksOf(S3World world, int size) {
    return size <= S3World.INLINE ? (size + S3World.BLOCK - 1) / S3World.BLOCK : world.blocks.puts;
  }

  @ParameterizedTest
  @ValueSource(ints = {2_000, 700_000})
  void rangesAreTheBytesAskedFor(int size) {
    S3World.run(world -> {
      byte[] bytes = random(size, 1);
      world.put("/bkt/k", bytes);
      for (int[] r :
          List.of(
              new int[] {0, 0},
              new int[] {5, 1_500},
              new int[] {size - 1, size - 1},
              new int[] {size / 2, size - 1},
              new int[] {1, size - 2})) {
        Reply get = world.send("GET", "/bkt/k", "Range", "bytes=" + r[0] + "-" + r[1]);
        assertEquals(206, get.status());
        assertArrayEquals(Arrays.copyOfRange(bytes, r[0], r[1] + 1), get.body());
        assertEquals("bytes %d-%d/%d".formatted(r[0], r[1], size), get.header("Content-Range"));
      }
      Reply beyond = world.send("GET", "/bkt/k", "Range", "bytes=" + size + "-");
      assertEquals(416, beyond.status());
      assertEquals("InvalidRange", beyond.element("Code"));
      assertEquals("bytes */" + size, beyond.header("Content-Range"));
      Reply part = world.send("GET", "/bkt/k?partNumber=1");
      assertEquals(206, part.status());
      assertArrayEquals(bytes, part.body());
      assertEquals(416, world.send("GET", "/bkt/k?partNumber=2").status());
    });
  }

  @Test
  void conditionsDecideReads() {
    S3World.run(world -> {
      String etag = '"' + md5(random(10, 1)) + '"';
      world.put("/bkt/k", random(10, 1));
      assertEquals(304, world.send("GET", "/bkt/k", "If-None-Match", etag).status());
      assertEquals(304, world.send("HEAD", "/bkt/k", "If-None-Match", etag).status());
      assertEquals(200, world.send("GET", "/bkt/k", "If-Match", etag).status());
      Reply failed = world.send("GET", "/bkt/k", "If-Match", "\"x\"");
      assertEquals(412, failed.status());
      assertEquals("If-Match", failed.element("Condition"));
    });
  }

  @Test
  void overridesReplaceHeaders() {
    S3World.run(world -> {
      world.put("/bkt/k", random(10, 1), "Content-Type", "a/b", "Cache-Control", "no-store");
      Reply get = world.send("GET", "/bkt/k?response-content-type=c%2Fd");
      assertEquals("c/d", get.header("Content-Type"));
      assertEquals("no-store", get.header("Cache-Control"));
    });
  }

  @Test
  void missingObjectsAreNoSuchKey() {
    S3World.run(world -> {
      Reply get = world.send("GET", "/bkt/none%2F");
      assertEquals(404, get.status());
      assertEquals("NoSuchKey", get.element("Code"));
      assertEquals("none/", get.element("Key"));
      Reply head = world.send("HEAD", "/bkt/none");
      assertEquals(404, head.status());
      assertEquals(0, head.body().length);
      assertEquals(204, world.send("DELETE", "/bkt/none").status());
    });
  }

  @Test
  void overwrittenAndDeletedObjectsGiveTheirBlocksBack() {
    S3World.run(world -> {
      world.put("/bkt/k", random(600_000, 1));
      world.put("/bkt/k", random(600_000, 2));
      world.settle();
      assertEquals(3, world.blocks.count());
      assertEquals(204, world.send("DELETE", "/bkt/k").status());
      world.work();
      assertEquals(3, world.blocks.count(), "somebody may be reading them");
      world.settle();
      assertEquals(0, world.blocks.count());
    });
  }

  @ParameterizedTest
  @EnumSource(ChecksumAlgorithm.class)
  void checksumsAreVerifiedKeptAndReturned(ChecksumAlgorithm algorithm) {
    S3World.run(world -> {
      for (int size : new int[] {100, 400_000}) {
        byte[] bytes = random(size, 3);
        String sum = Checksum.compute(algorithm, bytes).base64();
        Reply put = world.put("/bkt/k", bytes, algorithm.headerName(), sum);
        assertEquals(200, put.status(), put.text());
        assertEquals(sum, put.header(algorithm.headerName()));
        Reply get = world.send("GET", "/bkt/k", "x-amz-checksum-mode", "ENABLED");
        assertEquals(sum, get.header(algorithm.headerName()));
        assertEquals("FULL_OBJECT", get.header("x-amz-checksum-type"));
        assertNull(world.send("GET", "/bkt/k").header(algorithm.headerName()));
        String wrong = Checksum.compute(algorithm, random(size, 4)).base64();
        Reply refused = world.put("/bkt/k2", bytes, algorithm.headerName(), wrong);
        assertEquals("BadDigest", refused.element("Code"));
        assertEquals(404, world.send("HEAD", "/bkt/k2").status());
      }
    });
  }

  @Test
  void metadataBeyondAsciiIsSentAsEncodedWords() {
    S3World.run(world -> {
      String word = "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?=";
      world.put("/bkt/k", new byte[1], "x-amz-meta-plain", "ÄMÄZÕÑ S3", "x-amz-meta-word", word);
      for (String method : List.of("GET", "HEAD")) {
        Reply reply = world.send(method, "/bkt/k");
        assertEquals("=?UTF-8?B?w4RNw4Raw5XDkSBTMw==?=", reply.header("x-amz-meta-plain"));
        assertEquals(word, reply.header("x-amz-meta-word"));
      }
      Reply copy = world.put("/bkt/copy", new byte[0], "x-amz-copy-source", "/bkt/k");
      assertEquals(200, copy.status(), copy.text());
      assertEquals(
          "=?UTF-8?B?w4RNw4Raw5XDkSBTMw==?=",
          world.send("GET", "/bkt/copy").header("x-amz-meta-plain"));
    });
  }

  @Test
  void checksumsInTrailersAreVerified() {
    S3World.run(world -> {
      byte[] bytes = random(400_000, 5);
      String sum = Checksum.compute(ChecksumAlgorithm.CRC32, bytes).base64();
      assertEquals(200, putTrailer(world, bytes, sum).status());
      assertArrayEquals(bytes, world.send("GET", "/bkt/k").body());
      String wrong = Checksum.compute(ChecksumAlgorithm.CRC32, new byte[1]).base64();
      assertEquals("BadDigest", putTrailer(world, random(400_000, 6), wrong).element("Code"));
      assertArrayEquals(bytes, world.send("GET", "/bkt/k").body());
      world.settle();
      assertEquals(2, world.blocks.count());
    });
  }

  private static Reply putTrailer(S3World world, byte[] bytes, String sum) {
    byte[] head = (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    byte[] tail =
        ("\r\n0\r\nx-amz-checksum-crc32:" + sum + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    byte[] framed = Arrays.copyOf(head, head.length + bytes.length + tail.length);
    System.arraycopy(bytes, 0, framed, head.length, bytes.length);
    System.arraycopy(tail, 0, framed, head.length + bytes.length, tail.length);
    return world.put(
        "/bkt/k",
        framed,
        "x-amz-content-sha256",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length",
        Integer.toString(bytes.length),
        "x-amz-trailer",
        "x-amz-checksum-crc32",
        "Content-Encoding",
        "aws-chunked");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 200_000, 600_000})
  void bodiesThatAreNotWhatWasSignedAreRefused(int size) {
    S3World.run(world -> {
      String other = HexFormat.of().formatHex(new byte[32]);
      Reply put = world.put("/bkt/k", random(size, 1), "x-amz-content-sha256", other);
      assertEquals("XAmzContentSHA256Mismatch", put.element("Code"), put.text());
      String md5 = Base64.getEncoder().encodeToString(new byte[16]);
      Reply bad = world.put("/bkt/k", random(size, 1), "Content-MD5", md5);
      assertEquals("BadDigest", bad.element("Code"));
      assertNothingLeft(world);
    });
  }

  @ParameterizedTest
  @ValueSource(ints = {2_000, 200_000, 1_000_000})
  void clientThatGoesAwayLeavesNothing(int size) {
    S3World.run(world -> {
      byte[] bytes = random(size, 1);
      Headers signed =
          new RequestSigner(new Credentials(world.alice.id(), world.alice.secret()), "garage", "s3")
              .sign(
                  new RequestSigner.Unsigned(
                      "PUT",
                      "/bkt/k",
                      Headers.of("Host", "localhost", "Content-Length", Integer.toString(size))),
                  "UNSIGNED-PAYLOAD",
                  world.node.clock().now())
              .headers();
      Reply put = world.deliver("PUT", "/bkt/k", signed, cut(bytes, size * 3 / 4), size);
      assertEquals("IncompleteBody", put.element("Code"));
      assertNothingLeft(world);
    });
  }

  private static BodyStream cut(byte[] bytes, int at) {
    BodyStream whole = BodyStream.of(Arrays.copyOf(bytes, at));
    return new BodyStream() {
      @Override
      public int read(byte[] target, int offset, int length) {
        int n = whole.read(target, offset, length);
        if (n < 0) {
          throw new RequestFailure.ClientGone("gone");
        }
        return n;
      }
    };
  }

  @Test
  void failedBlocksFailTheWriteAndLeaveNothing() {
    S3World.run(world -> {
      for (int size : new int[] {100_000, 1_500_000}) {
        world.blocks.putFailure = new GarageException.StorageFull("full");
        Reply put = world.put("/bkt/k", random(size, 1));
        assertEquals(507, put.status());
        assertEquals("StorageFull", put.element("Code"));
        world.blocks.putFailure = null;
      }
      assertNothingLeft(world);
    });
  }

  private static void assertNothingLeft(S3World world) {
    world.settle();
    assertEquals(404, world.send("HEAD", "/bkt/k").status());
    assertEquals(0, world.blocks.count());
    assertEquals(0, world.blocks.lentBytes());
  }

  @Test
  void blockThatCannotBeReadCutsTheReply() {
    S3World.run(world -> {
      world.put("/bkt/k", random(200_000, 1));
      world.blocks.unreadable = world.blocks.any();
      Reply get = world.send("GET", "/bkt/k");
      assertEquals(200, get.status());
      assertNotNull(get.cutBy());
      Reply small = world.send("GET", "/bkt/k", "Range", "bytes=0-20000");
      assertEquals(500, small.status(), "a small reply has not begun yet");
    });
  }

  @Test
  void conditionalWritesHaveOneWinner() {
    S3World.run(world -> {
      assertEquals(200, world.put("/bkt/k", random(10, 1), "If-None-Match", "*").status());
      for (int size : new int[] {10, 300_000}) {
        Reply second = world.put("/bkt/k", random(size, 2), "If-None-Match", "*");
        assertEquals(412, second.status());
        assertEquals("PreconditionFailed", second.element("Code"));
      }
      String etag = '"' + md5(random(10, 1)) + '"';
      assertEquals(200, world.put("/bkt/k", random(10, 3), "If-Match", etag).status());
      assertEquals(412, world.put("/bkt/k", random(10, 4), "If-Match", etag).status());
      assertEquals(404, world.put("/bkt/none", random(10, 4), "If-Match", etag).status());
      assertEquals(412, world.send("DELETE", "/bkt/k", "If-Match", etag).status());
      String third = '"' + md5(random(10, 3)) + '"';
      assertEquals(204, world.send("DELETE", "/bkt/k", "If-Match", third).status());
      world.settle();
      assertEquals(0, world.blocks.count());
    });
  }

  @Test
  void anObjectIsDeletedOnlyInTheStateThatIsNamed() {
    S3World.run(world -> {
      String etag = md5(random(10, 1));
      String then = "Wed, 21 Oct 2015 07:28:00 GMT";
      String time = "x-amz-if-match-last-modified-time";
      String size = "x-amz-if-match-size";
      for (String[] wrong :
          new String[][] {
            {"If-Match", "x"}, {time, then}, {size, "11"}, {size, "10", time, then}
          }) {
        world.put("/bkt/k", random(10, 1));
        String now = Objects.requireNonNull(world.send("HEAD", "/bkt/k").header("Last-Modified"));
        Reply refused = world.send("DELETE", "/bkt/k", wrong);
        assertEquals(412, refused.status());
        assertEquals("PreconditionFailed", refused.element("Code"));
        assertEquals(
            204, world.send("DELETE", "/bkt/k", "If-Match", etag, size, "10", time, now).status());
        assertEquals(404, world.send("HEAD", "/bkt/k").status());
        assertEquals(204, world.send("DELETE", "/bkt/k", wrong).status());
      }
      assertEquals(400, world.send("DELETE", "/bkt/k", size, "ten").status());
      assertEquals(400, world.send("DELETE", "/bkt/k", time, "today").status());
      assertEquals(501, world.send("DELETE", "/bkt/k", "If-None-Match", "*").status());
    });
  }

  @Test
  void eachOfManyObjectsIsDeletedOnlyInTheStateThatIsNamed() {
    S3World.run(world -> {
      String[] conditions = {
        "<ETag>" + md5(random(10, 1)) + "</ETag>",
        "<Size>10</Size>",
        "<ETag>x</ETag>",
        "<Size>9</Size>",
        "<LastModifiedTime>Wed, 21 Oct 2015 07:28:00 GMT</LastModifiedTime>",
        "<LastModifiedTime>2015-10-21T07:28:00Z</LastModifiedTime>",
        "<LastModifiedTime>today</LastModifiedTime>",
      };
      StringBuilder xml = new StringBuilder("<Delete>");
      for (int i = 0; i < conditions.length; i++) {
        world.put("/bkt/" + i, random(10, 1));
        xml.append("<Object><Key>" + i + "</Key>" + conditions[i] + "</Object>");
      }
      Reply reply = world.post("/bkt?delete", xml + "</Delete>");
      assertEquals(200, reply.status(), reply.text());
      assertEquals(2, reply.count("Deleted"));
      assertEquals(4, reply.text().split("<Code>PreconditionFailed</Code>", -1).length - 1);
      assertEquals(1, reply.text().split("<Code>InvalidArgument</Code>", -1).length - 1);
      for (int i = 0; i < conditions.length; i++) {
        assertEquals(i < 2 ? 404 : 200, world.send("HEAD", "/bkt/" + i).status(), conditions[i]);
      }
    });
  }

  @Test
  void manyObjectsAreDeletedAtOnce() {
    S3World.run(world -> {
      StringBuilder xml = new StringBuilder("<Delete>");
      for (int i = 0; i < 100; i++) {
        world.put("/bkt/k" + i, random(i, i));
        xml.append("<Object><Key>k").append(i).append("</Key></Object>");
      }
      xml.append("<Object><Key>absent</Key></Object>");
      xml.append("<Object><Key>k</Key><VersionId>7</VersionId></Object></Delete>");
      Reply reply = world.post("/bkt?delete", xml.toString());
      assertEquals(200, reply.status(), reply.text());
      assertEquals(101, reply.count("Deleted"));
      assertEquals(1, reply.count("Error"));
      assertEquals(0, world.send("GET", "/bkt").count("Contents"));
    });
  }

  @Test
  void aListOfWhatIsToBeGoneMustBeSummedUp() {
    S3World.run(world -> {
      world.put("/bkt/a", random(1, 1));
      String xml = "<Delete><Object><Key>a</Key></Object></Delete>";
      Reply bare = world.post("/bkt?delete=", xml);
      assertEquals(400, bare.status());
      assertEquals("InvalidRequest", bare.element("Code"));
      assertEquals(200, world.send("HEAD", "/bkt/a").status());
      byte[] bytes = xml.getBytes(StandardCharsets.UTF_8);
      String crc = Checksum.compute(ChecksumAlgorithm.CRC32, bytes).base64();
      Reply summed = world.post("/bkt?delete=", xml, "x-amz-checksum-crc32", crc);
      assertEquals(1, summed.count("Deleted"), summed.text());
      assertEquals(404, world.send("HEAD", "/bkt/a").status());
    });
  }

  @Test
  void aFolderIsNoObjectUnlessItIsOne() {
    S3World.run(world -> {
      world.put("/bkt/x/1", random(1, 1));
      world.put("/bkt/a", random(2, 2));
      world.put("/bkt/a/b", random(3, 3));
      for (String probe : new String[] {"/bkt/x", "/bkt/x/"}) {
        assertEquals(404, world.send("HEAD", probe).status());
        assertEquals("NoSuchKey", world.send("GET", probe).element("Code"));
      }
      String list = "/bkt?list-type=2&delimiter=/&max-keys=1&prefix=";
      assertEquals(1, world.send("GET", list + "x").count("CommonPrefixes"));
      assertEquals("x/1", world.send("GET", list + "x/").element("Key"));
      assertEquals(0, world.send("GET", list + "y/").count("Contents"));
      assertEquals(2, world.send("GET", "/bkt/a").body().length);
      assertEquals(3, world.send("GET", "/bkt/a/b").body().length);
      world.put("/bkt/x/", new byte[0]);
      assertEquals(200, world.send("HEAD", "/bkt/x/").status());
      assertEquals(404, world.send("HEAD", "/bkt/x").status());
      assertEquals(204, world.send("DELETE", "/bkt/a").status());
      assertEquals(200, world.send("HEAD", "/bkt/a/b").status());
    });
  }

  @Test
  void deletionInQuietModeShowsErrorsOnly() {
    S3World.run(world -> {
      String xml = "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>";
      Reply reply = world.post("/bkt?delete", xml);
      assertEquals(0, reply.count("Deleted"));
      String md5 = Base64.getEncoder().encodeToString(new byte[16]);
      assertEquals("BadDigest", world.post("/bkt?delete", xml, "Content-MD5", md5).element("Code"));
      assertEquals("MalformedXML", world.post("/bkt?delete", "<Delete>").element("Code"));
    });
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 600_000})
  void copiesShareBlocksAndOutliveTheirSource(int size) {
    S3World.run(world -> {
      byte[] bytes = random(size, 1);
      world.put("/bkt/src", bytes, "x-amz-meta-a", "1", "Content-Type", "a/b");
      int puts = world.blocks.puts;
      Reply copy = world.send("PUT", "/bkt/dst", "x-amz-copy-source", "bkt/src");
      assertEquals(200, copy.status(), copy.text());
      assertTrue(copy.text().contains("&quot;" + md5(bytes) + "&quot;"), copy.text());
      assertEquals(puts, world.blocks.puts, "no byte was stored again");
      world.send("DELETE", "/bkt/src");
      world.settle();
      Reply get = world.send("GET", "/bkt/dst");
      assertArrayEquals(bytes, get.body());
      assertEquals("1", get.header("x-amz-meta-a"));
      assertEquals("a/b", get.header("Content-Type"));
      world.send("DELETE", "/bkt/dst");
      world.settle();
      assertEquals(0, world.blocks.count());
    });
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 600_000})
  void copyToItselfReplacesHeaders(int size) {
    S3World.run(world -> {
      byte[] bytes = random(size, 1);
      world.put("/bkt/k", bytes, "x-amz-meta-a", "1");
      Reply copy =
          world.send(
              "PUT",
              "/bkt/k",
              "x-amz-copy-source",
              "/bkt/k",
              "x-amz-metadata-directive",
              "REPLACE",
              "x-amz-meta-b",
              "2",
              "x-amz-checksum-algorithm",
              "SHA256");
      assertEquals(200, copy.status(), copy.text());
      String sum = Checksum.compute(ChecksumAlgorithm.SHA256, bytes).base64();
      assertEquals(sum, copy.element("ChecksumSHA256"));
      world.settle();
      Reply get = world.send("GET", "/bkt/k");
      assertArrayEquals(bytes, get.body());
      assertNull(get.header("x-amz-meta-a"));
      assertEquals("2", get.header("x-amz-meta-b"));
    });
  }

  @Test
  void copyConditionsAndMissingSourcesAreRefused() {
    S3World.run(world -> {
      world.put("/bkt/src", random(10, 1));
      String[] copy = {"x-amz-copy-source", "bkt/src", "x-amz-copy-source-if-match", "\"x\""};
      assertEquals(412, world.send("PUT", "/bkt/dst", copy).status());
      assertEquals(404, world.send("PUT", "/bkt/dst", "x-amz-copy-source", "bkt/none").status());
      assertEquals(
          "NoSuchBucket",
          world.send("PUT", "/bkt/dst", "x-amz-copy-source", "none/k").element("Code"));
      Reply stranger =
          world.send(world.bob, "PUT", "/bkt/dst", new byte[0], "x-amz-copy-source", "bkt/src");
      assertEquals("AccessDenied", stranger.element("Code"));
    });
  }
}
