package garage.s3api;

import static garage.s3api.S3World.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import garage.s3api.S3World.Reply;
import org.junit.jupiter.api.Test;

/** GetObjectAttributes and ListObjectVersions. */
class AttributesTest {
  private static final String ALL = "ETag,Checksum,ObjectParts,StorageClass,ObjectSize";

  private static Reply attributes(S3World world, String asked, String... more) {
    String[] headers = new String[more.length + 2];
    headers[0] = "x-amz-object-attributes";
    headers[1] = asked;
    System.arraycopy(more, 0, headers, 2, more.length);
    return world.send("GET", "/bkt/k?attributes", headers);
  }

  /** An object of {@code count} parts of 5 MiB. */
  private static String upload(S3World world, int count) {
    String id = String.valueOf(world.post("/bkt/k?uploads", "").element("UploadId"));
    StringBuilder document = new StringBuilder("<CompleteMultipartUpload>");
    for (int i = 1; i <= count; i++) {
      Reply part = world.put("/bkt/k?partNumber=" + i + "&uploadId=" + id, random(5 << 20, i));
      document.append("<Part><PartNumber>").append(i).append("</PartNumber><ETag>");
      document.append(part.header("ETag")).append("</ETag></Part>");
    }
    Reply done =
        world.post("/bkt/k?uploadId=" + id, document.append("</CompleteMultipartUpload>") + "");
    assertEquals(200, done.status(), done.text());
    return id;
  }

  @Test
  void tellsWhatIsAskedAndNothingElse() {
    S3World.run(world -> {
      Reply put = world.put("/bkt/k", random(100, 1), "x-amz-checksum-algorithm", "CRC32");
      Reply all = attributes(world, ALL);
      assertEquals(200, all.status(), all.text());
      assertEquals(put.header("ETag"), '"' + all.element("ETag") + '"');
      assertEquals("100", all.element("ObjectSize"));
      assertEquals("STANDARD", all.element("StorageClass"));
      assertNull(all.element("ObjectParts"), "it is not of parts");
      assertNotNull(all.header("Last-Modified"));
      Reply size = attributes(world, "ObjectSize");
      assertEquals("100", size.element("ObjectSize"));
      assertNull(size.element("ETag"));
    });
  }

  @Test
  void partsComeInPages() {
    S3World.run(world -> {
      upload(world, 3);
      Reply all = attributes(world, ALL);
      assertEquals("3", all.element("PartsCount"));
      assertEquals("false", all.element("IsTruncated"));
      assertEquals(3, all.count("Part"));
      assertEquals(Integer.toString(5 << 20), all.element("Size"));
      Reply page =
          attributes(world, "ObjectParts", "x-amz-max-parts", "1", "x-amz-part-number-marker", "1");
      assertEquals(1, page.count("Part"));
      assertEquals("2", page.element("PartNumber"));
      assertEquals("true", page.element("IsTruncated"));
      assertEquals("2", page.element("NextPartNumberMarker"));
      assertEquals("1", page.element("PartNumberMarker"));
    });
  }

  @Test
  void whatIsNoAttributeIsRefused() {
    S3World.run(world -> {
      world.put("/bkt/k", random(100, 1));
      assertEquals("InvalidArgument", attributes(world, "Colour").element("Code"));
      assertEquals("InvalidArgument", world.send("GET", "/bkt/k?attributes").element("Code"));
      assertEquals(
          "InvalidArgument", attributes(world, "ETag", "x-amz-max-parts", "-1").element("Code"));
      world.send("DELETE", "/bkt/k");
      assertEquals("NoSuchKey", attributes(world, "ETag").element("Code"));
    });
  }

  @Test
  void eachObjectIsItsOnlyVersion() {
    S3World.run(world -> {
      for (String key : new String[] {"a", "b/1", "b/2", "c"}) {
        world.put("/bkt/" + key, random(10, 1));
      }
      Reply all = world.send("GET", "/bkt?versions");
      assertEquals(4, all.count("Version"));
      assertEquals("null", all.element("VersionId"));
      assertEquals("true", all.element("IsLatest"));
      Reply page = world.send("GET", "/bkt?versions&max-keys=1&delimiter=/");
      assertEquals("a", page.element("NextKeyMarker"));
      assertEquals("null", page.element("NextVersionIdMarker"));
      Reply next =
          world.send(
              "GET", "/bkt?versions&max-keys=1&delimiter=/&key-marker=a&version-id-marker=null");
      assertEquals(0, next.count("Version"));
      assertEquals("b/", next.element("NextKeyMarker"));
      assertNull(next.element("NextVersionIdMarker"));
      Reply last = world.send("GET", "/bkt?versions&delimiter=/&key-marker=b/");
      assertEquals("c", last.element("Key"));
      assertEquals("false", last.element("IsTruncated"));
      Reply bad = world.send("GET", "/bkt?versions&version-id-marker=null");
      assertEquals("InvalidArgument", bad.element("Code"));
    });
  }
}
