package garage.s3api;

import static garage.s3api.S3World.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import garage.s3api.S3World.Reply;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tags of objects. */
class TaggingTest {
  private static final String EMPTY = "<TagSet></TagSet>";

  private static String tag(String key, String value) {
    return "<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>";
  }

  private static byte[] tagging(String... tags) {
    return ("<Tagging><TagSet>" + String.join("", tags) + "</TagSet></Tagging>")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String tagsOf(S3World world, String target) {
    Reply reply = world.send("GET", target + "?tagging");
    assertEquals(200, reply.status(), reply.text());
    String set = reply.element("TagSet");
    return set == null ? "" : set;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100, 1_000_000})
  void tagsAreReplacedAndTakenAwayWithoutTouchingTheObject(int size) {
    S3World.run(world -> {
      byte[] bytes = random(size, size);
      world.put("/bkt/k", bytes, "x-amz-tagging", "b=x%20y&a=1", "x-amz-meta-m", "v");
      Reply before = world.send("HEAD", "/bkt/k");
      assertEquals("2", before.header("x-amz-tagging-count"));
      assertEquals(tag("a", "1") + tag("b", "x y"), tagsOf(world, "/bkt/k"));

      assertEquals(200, world.put("/bkt/k?tagging", tagging(tag("c", ""))).status());
      assertEquals("<Tag><Key>c</Key><Value/></Tag>", tagsOf(world, "/bkt/k"));

      assertEquals(204, world.send("DELETE", "/bkt/k?tagging").status());
      assertEquals("", tagsOf(world, "/bkt/k"));
      Reply after = world.send("GET", "/bkt/k");
      assertArrayEquals(bytes, after.body());
      assertNull(after.header("x-amz-tagging-count"));
      assertEquals("v", after.header("x-amz-meta-m"));
      assertEquals(before.header("ETag"), after.header("ETag"));
      assertEquals(before.header("Last-Modified"), after.header("Last-Modified"));
    });
  }

  @Test
  void aCopyHasTheTagsOfItsSourceUnlessTheyAreReplaced() {
    S3World.run(world -> {
      world.put("/bkt/k", random(10, 1), "x-amz-tagging", "a=1");
      world.put("/bkt/copy", new byte[0], "x-amz-copy-source", "/bkt/k", "x-amz-tagging", "b=2");
      assertEquals(tag("a", "1"), tagsOf(world, "/bkt/copy"));
      world.put(
          "/bkt/other",
          new byte[0],
          "x-amz-copy-source",
          "/bkt/k",
          "x-amz-tagging-directive",
          "REPLACE",
          "x-amz-tagging",
          "b=2");
      assertEquals(tag("b", "2"), tagsOf(world, "/bkt/other"));
    });
  }

  @Test
  void anUploadsTagsBecomeTheObjects() {
    S3World.run(world -> {
      Reply begun = world.post("/bkt/k?uploads", "", "x-amz-tagging", "a=1");
      String id = begun.element("UploadId");
      Reply part = world.put("/bkt/k?partNumber=1&uploadId=" + id, random(10, 1));
      Reply done =
          world.post(
              "/bkt/k?uploadId=" + id,
              "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"
                  + part.header("ETag")
                  + "</ETag></Part></CompleteMultipartUpload>");
      assertEquals(200, done.status(), done.text());
      assertEquals(tag("a", "1"), tagsOf(world, "/bkt/k"));
    });
  }

  @Test
  void tenTagsOfTheGreatestLengthAreKeptAndElevenRefused() {
    S3World.run(world -> {
      world.put("/bkt/k", random(10, 1));
      String[] tags = new String[11];
      for (int i = 0; i < tags.length; i++) {
        tags[i] = tag("k".repeat(126) + (10 + i), "v".repeat(256));
      }
      byte[] ten = tagging(java.util.Arrays.copyOf(tags, 10));
      assertEquals(200, world.put("/bkt/k?tagging", ten).status());
      Reply refused = world.put("/bkt/k?tagging", tagging(tags));
      assertEquals("InvalidTag", refused.element("Code"));
      assertEquals(400, refused.status());
      assertEquals("10", world.send("HEAD", "/bkt/k").header("x-amz-tagging-count"));
    });
  }

  @Test
  void whatIsNoTaggingIsRefused() {
    S3World.run(world -> {
      world.put("/bkt/k", random(10, 1), "x-amz-tagging", "a=1");
      for (String invalid :
          new String[] {
            tag("k".repeat(129), "v"),
            tag("k", "v".repeat(257)),
            tag("aws:k", "v"),
            tag("", "v"),
            tag("k", "v") + tag("k", "w"),
            tag("k{", "v")
          }) {
        assertEquals("InvalidTag", code(world, tagging(invalid)), invalid);
      }
      for (String malformed :
          new String[] {
            "",
            "<Tagging/>",
            "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
            "<Tagging>" + EMPTY + EMPTY + "</Tagging>",
            "<Tags>" + EMPTY + "</Tags>"
          }) {
        byte[] body = malformed.getBytes(StandardCharsets.UTF_8);
        assertEquals("MalformedXML", code(world, body), malformed);
      }
      assertEquals(tag("a", "1"), tagsOf(world, "/bkt/k"));
      assertEquals("NoSuchKey", world.send("GET", "/bkt/none?tagging").element("Code"));
      assertEquals("NoSuchKey", world.send("DELETE", "/bkt/none?tagging").element("Code"));
      assertEquals("NoSuchKey", world.put("/bkt/none?tagging", tagging()).element("Code"));
    });
  }

  private static String code(S3World world, byte[] body) {
    return String.valueOf(world.put("/bkt/k?tagging", body).element("Code"));
  }
}
