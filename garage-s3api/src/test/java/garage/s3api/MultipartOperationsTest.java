package garage.s3api;

import static garage.s3api.S3World.md5;
import static garage.s3api.S3World.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.hash.Checksum;
import garage.common.hash.ChecksumAlgorithm;
import garage.common.hash.Digests;
import garage.s3api.S3World.Reply;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Objects made of parts, in every order and with every repetition. */
class MultipartOperationsTest {
  private static final int PART = 5 << 20;

  @Test
  void partsMakeAnObject() {
    S3World.run(world -> {
      Session session = new Session(world, "/bkt/k", "x-amz-meta-a", "1");
      session.part(3, random(1_000, 3));
      session.part(1, random(PART, 1));
      session.part(1, random(PART + 7, 4));
      session.part(2, random(PART, 2));
      session.part(9, random(100, 9));
      Reply done = session.complete(1, 2, 3);
      assertEquals(200, done.status(), done.text());
      assertEquals("&quot;" + session.etag(1, 2, 3) + "&quot;", done.element("ETag"));
      assertEquals("http://localhost/bkt/k", done.element("Location"));
      world.settle();
      byte[] whole = session.bytes(1, 2, 3);
      Reply get = world.send("GET", "/bkt/k");
      assertArrayEquals(whole, get.body());
      assertEquals("1", get.header("x-amz-meta-a"));
      assertEquals('"' + session.etag(1, 2, 3) + '"', get.header("ETag"));
      int from = PART - 100;
      Reply range = world.send("GET", "/bkt/k", "Range", "bytes=" + from + "-" + (2 * PART + 50));
      assertArrayEquals(Arrays.copyOfRange(whole, from, 2 * PART + 51), range.body());
      Reply second = world.send("GET", "/bkt/k?partNumber=2");
      assertEquals(206, second.status());
      assertEquals("3", second.header("x-amz-mp-parts-count"));
      assertArrayEquals(random(PART, 2), second.body());
      assertEquals(416, world.send("GET", "/bkt/k?partNumber=4").status());
      world.send("DELETE", "/bkt/k");
      world.settle();
      assertEquals(0, world.blocks.count());
    });
  }

  @Test
  void repeatedCompletionIsAnsweredTheSame() {
    S3World.run(world -> {
      Session session = new Session(world, "/bkt/k");
      session.part(1, random(10, 1));
      Reply first = session.complete(1);
      Reply again = session.complete(1);
      assertEquals(200, again.status());
      assertEquals(first.element("ETag"), again.element("ETag"));
      world.put("/bkt/k", random(10, 2));
      world.settle();
      assertEquals(200, session.complete(1).status(), "though it was overwritten since");
      assertArrayEquals(random(10, 2), world.send("GET", "/bkt/k").body());
      session.part(2, random(10, 2), 404);
      assertEquals(404, session.complete(2).status());
    });
  }

  @Test
  void wrongPartListsAreRefused() {
    S3World.run(world -> {
      Session session = new Session(world, "/bkt/k");
      session.part(1, random(100, 1));
      session.part(2, random(100, 2));
      assertEquals("EntityTooSmall", session.complete(1, 2).element("Code"));
      assertEquals("InvalidPartOrder", session.complete(2, 1).element("Code"));
      assertEquals(
          "InvalidPart",
          world
              .post(
                  session.target(),
                  "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"
                      + md5(new byte[1])
                      + "</ETag></Part></CompleteMultipartUpload>")
              .element("Code"));
      assertEquals("MalformedXML", world.post(session.target(), "<x/>").element("Code"));
      assertEquals(200, session.complete(2).status());
      assertArrayEquals(random(100, 2), world.send("GET", "/bkt/k").body());
    });
  }

  @Test
  void attemptAtAPartIsChosenByItsTag() {
    S3World.run(world -> {
      Session session = new Session(world, "/bkt/k");
      session.part(1, random(20, 1));
      byte[] earlier = random(20, 1);
      session.part(1, random(30, 2));
      session.parts.set(1, earlier);
      Reply twice =
          world.post(
              session.target(),
              "<CompleteMultipartUpload>"
                  + Session.element(1, random(30, 2))
                  + Session.element(1, earlier)
                  + "</CompleteMultipartUpload>");
      assertEquals(200, twice.status(), twice.text());
      assertArrayEquals(earlier, world.send("GET", "/bkt/k").body());
      world.settle();
      assertEquals(1, world.blocks.count(), "the other attempt was given back");
    });
  }

  @Test
  void abortedUploadsAreGoneWithTheirParts() {
    S3World.run(world -> {
      Session session = new Session(world, "/bkt/k");
      session.part(1, random(300_000, 1));
      assertEquals(204, world.send("DELETE", session.target()).status());
      assertEquals("NoSuchUpload", world.send("DELETE", session.target()).element("Code"));
      assertEquals("NoSuchUpload", world.send("GET", session.target()).element("Code"));
      session.part(1, random(10, 1), 404);
      assertEquals("NoSuchUpload", session.complete(1).element("Code"));
      world.settle();
      assertEquals(0, world.blocks.count());
      assertEquals("NoSuchUpload", world.send("GET", "/bkt/k?uploadId=x").element("Code"));
    });
  }

  @Test
  void partsAndUploadsAreListedPageByPage() {
    S3World.run(world -> {
      Session session = new Session(world, "/bkt/dir/k");
      for (int i = 1; i <= 5; i++) {
        session.part(i, random(i, i));
      }
      session.part(2, random(77, 7));
      Reply first = world.send("GET", session.target() + "&max-parts=2");
      assertEquals("2", first.element("NextPartNumberMarker"));
      assertEquals("true", first.element("IsTruncated"));
      assertTrue(first.text().contains("<Size>77</Size>"), "the latest attempt counts");
      Reply rest = world.send("GET", session.target() + "&part-number-marker=2");
      assertEquals(3, rest.count("Part"));
      assertEquals("false", rest.element("IsTruncated"));
      new Session(world, "/bkt/dir/k");
      new Session(world, "/bkt/other");
      Reply uploads = world.send("GET", "/bkt?uploads&max-uploads=1");
      assertEquals("dir/k", uploads.element("NextKeyMarker"));
      Reply second =
          world.send(
              "GET",
              "/bkt?uploads&key-marker=dir%2Fk&upload-id-marker="
                  + uploads.element("NextUploadIdMarker"));
      assertEquals(2, second.count("Upload"));
      Reply folders = world.send("GET", "/bkt?uploads&delimiter=%2F");
      assertEquals(1, folders.count("CommonPrefixes"));
      assertEquals(1, folders.count("Upload"));
    });
  }

  @ParameterizedTest
  @CsvSource({
    "CRC32, COMPOSITE",
    "CRC32, FULL_OBJECT",
    "CRC32C, FULL_OBJECT",
    "CRC64NVME, FULL_OBJECT",
    "SHA1, COMPOSITE",
    "SHA256, COMPOSITE"
  })
  void checksumsOfPartsMakeTheObjects(ChecksumAlgorithm algorithm, String type) {
    S3World.run(world -> {
      Session session =
          new Session(
              world,
              "/bkt/k",
              "x-amz-checksum-algorithm",
              algorithm.name(),
              "x-amz-checksum-type",
              type);
      session.part(1, random(PART, 1));
      session.part(2, random(1_000, 2));
      Reply done = session.complete(1, 2);
      assertEquals(200, done.status(), done.text());
      Checksum first = Checksum.compute(algorithm, random(PART, 1));
      Checksum second = Checksum.compute(algorithm, random(1_000, 2));
      String expected =
          type.equals("COMPOSITE")
              ? Checksum.composite(algorithm, List.of(first, second)).base64() + "-2"
              : Checksum.compute(algorithm, session.bytes(1, 2)).base64();
      assertEquals(expected, done.element("Checksum" + algorithm.name()));
      Reply head = world.send("HEAD", "/bkt/k", "x-amz-checksum-mode", "ENABLED");
      assertEquals(expected, head.header(algorithm.headerName()));
      assertEquals(type, head.header("x-amz-checksum-type"));
      Reply part = world.send("GET", "/bkt/k?partNumber=2", "x-amz-checksum-mode", "ENABLED");
      assertEquals(type, part.header("x-amz-checksum-type"));
      assertEquals(second.base64(), part.header(algorithm.headerName()));
      assertEquals("2", part.header("x-amz-mp-parts-count"));
    });
  }

  @Test
  void partsOfAnotherChecksumAreRefused() {
    S3World.run(world -> {
      Session session = new Session(world, "/bkt/k", "x-amz-checksum-algorithm", "CRC32");
      String sum = Checksum.compute(ChecksumAlgorithm.SHA1, new byte[1]).base64();
      Reply part =
          world.put(session.target() + "&partNumber=1", new byte[1], "x-amz-checksum-sha1", sum);
      assertEquals("InvalidRequest", part.element("Code"));
    });
  }

  @Test
  void copiedPartsShareWholeBlocks() {
    S3World.run(world -> {
      byte[] source = random(PART + 300_000, 1);
      world.put("/bkt/src", source);
      world.put("/bkt/small", random(50, 5));
      Session session = new Session(world, "/bkt/k");
      int puts = world.blocks.puts;
      session.copy(1, "bkt/src", "bytes=100-" + (PART + 200_000));
      assertEquals(puts + 2, world.blocks.puts, "only the borders were stored");
      session.copy(2, "bkt/small", "bytes=10-19");
      Reply done = session.complete(1, 2);
      assertEquals(200, done.status(), done.text());
      world.send("DELETE", "/bkt/src");
      world.settle();
      byte[] expected = Arrays.copyOfRange(source, 100, PART + 200_001 + 10);
      System.arraycopy(random(50, 5), 10, expected, PART + 200_001 - 100, 10);
      assertArrayEquals(expected, world.send("GET", "/bkt/k").body());
      Reply copy = world.send("PUT", "/bkt/k2", "x-amz-copy-source", "bkt/k");
      assertEquals(200, copy.status(), copy.text());
      world.send("DELETE", "/bkt/k");
      world.settle();
      assertArrayEquals(expected, world.send("GET", "/bkt/k2").body());
      Reply beyond =
          world.send(
              "PUT",
              new Session(world, "/bkt/x").target() + "&partNumber=1",
              "x-amz-copy-source",
              "bkt/small",
              "x-amz-copy-source-range",
              "bytes=0-50");
      assertEquals("InvalidRange", beyond.element("Code"));
    });
  }

  @Test
  void conditionalCompletionRefusedCanBeTriedAgain() {
    S3World.run(world -> {
      Session session = new Session(world, "/bkt/k");
      session.part(1, random(10, 1));
      world.put("/bkt/k", random(10, 2));
      assertEquals(412, session.completeIf("If-None-Match", "*", 1).status());
      assertEquals(200, world.send("GET", session.target()).status());
      world.send("DELETE", "/bkt/k");
      assertEquals(200, session.completeIf("If-None-Match", "*", 1).status());
      assertArrayEquals(random(10, 1), world.send("GET", "/bkt/k").body());
    });
  }

  @Test
  void sizeAndChecksumTheClientKnowsAreCompared() {
    S3World.run(world -> {
      Session session = new Session(world, "/bkt/k", "x-amz-checksum-algorithm", "CRC64NVME");
      session.part(1, random(10, 1));
      assertEquals(
          "InvalidRequest", session.completeIf("x-amz-mp-object-size", "11", 1).element("Code"));
      String wrong = Checksum.compute(ChecksumAlgorithm.CRC64NVME, new byte[1]).base64();
      assertEquals(
          "BadDigest", session.completeIf("x-amz-checksum-crc64nvme", wrong, 1).element("Code"));
      String right = Checksum.compute(ChecksumAlgorithm.CRC64NVME, random(10, 1)).base64();
      assertEquals(200, session.completeIf("x-amz-checksum-crc64nvme", right, 1).status());
    });
  }

  /** A client with an upload. */
  private static final class Session {
    private final S3World world;
    private final String path;
    private final String id;
    private final List<byte[]> parts = new ArrayList<>();

    Session(S3World world, String path, String... headers) {
      this.world = world;
      this.path = path;
      Reply created = world.send("POST", path + "?uploads", headers);
      assertEquals(200, created.status(), created.text());
      String uploadId = created.element("UploadId");
      assertNotNull(uploadId);
      this.id = uploadId;
      for (int i = 0; i < 10; i++) {
        parts.add(new byte[0]);
      }
    }

    String target() {
      return path + "?uploadId=" + id;
    }

    void part(int number, byte[] bytes) {
      part(number, bytes, 200);
      parts.set(number, bytes);
    }

    void part(int number, byte[] bytes, int status) {
      Reply reply = world.put(target() + "&partNumber=" + number, bytes);
      assertEquals(status, reply.status(), reply.text());
      if (status == 200) {
        assertEquals('"' + md5(bytes) + '"', reply.header("ETag"));
      }
    }

    void copy(int number, String source, String range) {
      Reply reply =
          world.send(
              "PUT",
              target() + "&partNumber=" + number,
              "x-amz-copy-source",
              source,
              "x-amz-copy-source-range",
              range);
      assertEquals(200, reply.status(), reply.text());
      Reply src = world.send("GET", "/" + source, "Range", range);
      parts.set(number, src.body());
      assertTrue(reply.text().contains(md5(src.body())), reply.text());
    }

    Reply complete(int... numbers) {
      return world.post(target(), document(numbers));
    }

    Reply completeIf(String header, String value, int... numbers) {
      return world.post(target(), document(numbers), header, value);
    }

    private String document(int... numbers) {
      StringBuilder xml = new StringBuilder("<CompleteMultipartUpload>");
      for (int n : numbers) {
        xml.append(element(n, parts.get(n)));
      }
      return xml.append("</CompleteMultipartUpload>").toString();
    }

    static String element(int number, byte[] bytes) {
      return "<Part><PartNumber>%d</PartNumber><ETag>\"%s\"</ETag></Part>"
          .formatted(number, md5(bytes));
    }

    byte[] bytes(int... numbers) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int n : numbers) {
        all.writeBytes(parts.get(n));
      }
      return all.toByteArray();
    }

    String etag(int... numbers) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int n : numbers) {
        all.writeBytes(Digests.md5().digest(parts.get(n)));
      }
      return HexFormat.of().formatHex(Digests.md5().digest(all.toByteArray()))
          + "-"
          + numbers.length;
    }
  }
}
