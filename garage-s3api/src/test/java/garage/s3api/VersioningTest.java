package garage.s3api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.s3api.S3World.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Versioning as clients see it. */
final class VersioningTest {
  private static final String ID = "x-amz-version-id";
  private static final String MARKER = "x-amz-delete-marker";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void version(S3World world, String status) {
    Reply reply =
        world.put(
            "/bkt?versioning",
            bytes(
                "<VersioningConfiguration><Status>%s</Status></VersioningConfiguration>"
                    .formatted(status)));
    assertEquals(200, reply.status(), reply::text);
  }

  private static String put(S3World world, String key, String text) {
    Reply reply = world.put("/bkt/" + key, bytes(text));
    assertEquals(200, reply.status(), reply::text);
    return Objects.requireNonNull(reply.header(ID));
  }

  @Test
  void aBucketsVersioningIsPutAndGot() {
    S3World.run(world -> {
      assertNull(world.send("GET", "/bkt?versioning").element("Status"));
      assertNull(world.put("/bkt/k", bytes("x")).header(ID));
      assertNull(world.send("GET", "/bkt/k").header(ID));
      version(world, "Enabled");
      assertEquals("Enabled", world.send("GET", "/bkt?versioning").element("Status"));
      version(world, "Suspended");
      assertEquals("Suspended", world.send("GET", "/bkt?versioning").element("Status"));
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<VersioningConfiguration/>",
        "<VersioningConfiguration><Status>On</Status></VersioningConfiguration>",
        "<VersioningConfiguration><Status>Enabled</Status><X/></VersioningConfiguration>",
        "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>"
            + "</VersioningConfiguration>",
        "nothing"
      })
  void whatIsNoVersioningIsRefused(String document) {
    S3World.run(world -> {
      int status = world.put("/bkt?versioning", bytes(document)).status();
      assertEquals(document.contains("MfaDelete") ? 501 : 400, status);
      assertNull(world.send("GET", "/bkt?versioning").element("Status"));
    });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 300_000})
  void everyVersionIsReadByItsIdWithItsOwnBytesAndTags(int size) {
    S3World.run(world -> {
      version(world, "Enabled");
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Reply reply = world.put("/bkt/k", S3World.random(size, i), "x-amz-tagging", "n=" + i);
        ids.add(Objects.requireNonNull(reply.header(ID)));
      }
      for (int i = 0; i < 3; i++) {
        Reply reply = world.send("GET", "/bkt/k?versionId=" + ids.get(i));
        assertEquals(200, reply.status());
        assertArrayEquals(S3World.random(size, i), reply.body());
        assertEquals(ids.get(i), reply.header(ID));
        assertEquals(ids.get(i), world.send("HEAD", "/bkt/k?versionId=" + ids.get(i)).header(ID));
        Reply tags = world.send("GET", "/bkt/k?tagging&versionId=" + ids.get(i));
        assertEquals(Integer.toString(i), tags.element("Value"));
        assertEquals(ids.get(i), tags.header(ID));
        Reply sized =
            world.send(
                "GET",
                "/bkt/k?attributes&versionId=" + ids.get(i),
                "x-amz-object-attributes",
                "ObjectSize");
        assertEquals(Integer.toString(size), sized.element("ObjectSize"));
      }
      assertEquals(ids.get(2), world.send("GET", "/bkt/k").header(ID));
      world.send("DELETE", "/bkt/k?tagging&versionId=" + ids.get(0));
      assertEquals(0, world.send("GET", "/bkt/k?tagging&versionId=" + ids.get(0)).count("Tag"));
      assertEquals(1, world.send("GET", "/bkt/k?tagging&versionId=" + ids.get(1)).count("Tag"));
    });
  }

  @Test
  void aDeletionLeavesAMarkerThatSaysSo() {
    S3World.run(world -> {
      version(world, "Enabled");
      String id = put(world, "k", "x");
      Reply deleted = world.send("DELETE", "/bkt/k");
      assertEquals(204, deleted.status());
      assertEquals("true", deleted.header(MARKER));
      String marker = Objects.requireNonNull(deleted.header(ID));

      Reply gone = world.send("GET", "/bkt/k");
      assertEquals(404, gone.status());
      assertEquals("NoSuchKey", gone.element("Code"));
      assertEquals("true", gone.header(MARKER));
      assertEquals(marker, gone.header(ID));
      Reply refused = world.send("GET", "/bkt/k?versionId=" + marker);
      assertEquals(405, refused.status());
      assertEquals("MethodNotAllowed", refused.element("Code"));
      assertEquals("true", refused.header(MARKER));
      assertNotNull(refused.header("Last-Modified"));
      assertEquals(405, world.send("HEAD", "/bkt/k?versionId=" + marker).status());
      assertEquals(0, world.send("GET", "/bkt?list-type=2").count("Contents"));
      assertEquals(200, world.send("GET", "/bkt/k?versionId=" + id).status());

      Reply undone = world.send("DELETE", "/bkt/k?versionId=" + marker);
      assertEquals("true", undone.header(MARKER));
      assertEquals(marker, undone.header(ID));
      assertEquals("x", world.send("GET", "/bkt/k").text());
      assertNull(world.send("DELETE", "/bkt/k?versionId=" + id).header(MARKER));
      assertEquals(404, world.send("GET", "/bkt/k?versionId=" + id).status());
      assertEquals("NoSuchVersion", world.send("GET", "/bkt/k?versionId=" + id).element("Code"));
      assertEquals(204, world.send("DELETE", "/bkt/k?versionId=" + id).status());
      assertEquals(204, world.send("DELETE", "/bkt").status(), "nothing is left");
    });
  }

  @Test
  void anIdThatIsNoneIsRefused() {
    S3World.run(world -> {
      put404(world);
      assertEquals(400, world.send("GET", "/bkt/k?versionId=").status());
      assertEquals(400, world.send("GET", "/bkt/k?versionId=x").status());
      assertEquals(404, world.send("GET", "/bkt/k?versionId=null").status());
      assertEquals("NoSuchVersion", world.send("GET", "/bkt/k?versionId=null").element("Code"));
    });
  }

  private static void put404(S3World world) {
    assertEquals(404, world.send("GET", "/bkt/k").status());
  }

  @Test
  void aListingOfVersionsGoesOnWhereItEnded() {
    S3World.run(world -> {
      put404(world);
      world.put("/bkt/a", bytes("null"));
      version(world, "Enabled");
      List<String> expected = new ArrayList<>();
      for (String key : List.of("a", "d/1", "d/2")) {
        List<String> ids = new ArrayList<>();
        ids.add(put(world, key, "one"));
        ids.addFirst(put(world, key, "two"));
        ids.addFirst(Objects.requireNonNull(world.send("DELETE", "/bkt/" + key).header(ID)));
        ids.forEach(id -> expected.add(key + " " + id));
      }
      expected.add(3, "a null");
      for (int max : new int[] {1, 2, 3, 100}) {
        assertEquals(expected, pages(world, "", max), "in pages of " + max);
      }
      assertEquals(expected.subList(0, 4), pages(world, "&delimiter=/", 2));
      Reply all = world.send("GET", "/bkt?versions&delimiter=/");
      assertEquals(1, all.count("CommonPrefixes"));
      assertEquals(1, all.count("DeleteMarker"));
      assertTrue(all.text().contains("<IsLatest>true</IsLatest>"));
      assertEquals(expected.subList(4, 10), pages(world, "&prefix=d/", 4));
    });
  }

  /** Key and id of each version, over as many pages as there are. */
  private static List<String> pages(S3World world, String query, int max) {
    List<String> found = new ArrayList<>();
    String marker = "";
    while (true) {
      Reply page = world.send("GET", "/bkt?versions&max-keys=" + max + query + marker);
      assertEquals(200, page.status(), page::text);
      String[] entries = page.text().split("<Version>|<DeleteMarker>", -1);
      for (int i = 1; i < entries.length; i++) {
        found.add(element(entries[i], "Key") + " " + element(entries[i], "VersionId"));
      }
      if (!"true".equals(page.element("IsTruncated"))) {
        return found;
      }
      String id = page.element("NextVersionIdMarker");
      marker =
          "&key-marker="
              + Objects.requireNonNull(page.element("NextKeyMarker")).replace("/", "%2F")
              + (id == null ? "" : "&version-id-marker=" + id);
    }
  }

  private static String element(String xml, String name) {
    return xml.substring(xml.indexOf("<" + name + ">") + name.length() + 2)
        .split("</" + name + ">", 2)[0];
  }

  @Test
  void manyAreDeletedByIdAndEachAnswerSaysWhatBecameOfIt() {
    S3World.run(world -> {
      version(world, "Enabled");
      String one = put(world, "k", "one");
      String two = put(world, "k", "two");
      put(world, "other", "x");
      Reply reply = delete(world, one, two);
      assertEquals(200, reply.status(), reply::text);
      assertEquals(3, reply.count("Deleted"));
      assertEquals(1, reply.count("DeleteMarker"));
      assertNotNull(reply.element("DeleteMarkerVersionId"));
      assertEquals(404, world.send("GET", "/bkt/k?versionId=" + one).status());
      assertEquals(0, world.send("GET", "/bkt?versions&prefix=k").count("Version"));
      assertEquals(1, world.send("GET", "/bkt?versions&prefix=other").count("Version"));
    });
  }

  private static Reply delete(S3World world, String one, String two) {
    String body =
        "<Delete><Object><Key>k</Key><VersionId>"
            + one
            + "</VersionId></Object><Object><Key>k</Key><VersionId>"
            + two
            + "</VersionId></Object><Object><Key>other</Key></Object></Delete>";
    byte[] md5 = HexFormat.of().parseHex(S3World.md5(bytes(body)));
    return world.post("/bkt?delete", body, "Content-MD5", Base64.getEncoder().encodeToString(md5));
  }

  @Test
  void anOldVersionIsRestoredByCopyingItOverTheKey() {
    S3World.run(world -> {
      version(world, "Enabled");
      String one = put(world, "k", "one");
      put(world, "k", "two");
      Reply copy = world.put("/bkt/k", new byte[0], "x-amz-copy-source", "/bkt/k?versionId=" + one);
      assertEquals(200, copy.status(), copy::text);
      assertEquals(one, copy.header("x-amz-copy-source-version-id"));
      assertFalse(one.equals(copy.header(ID)));
      assertEquals("one", world.send("GET", "/bkt/k").text());
      assertEquals(3, world.send("GET", "/bkt?versions").count("Version"));
      String marker = Objects.requireNonNull(world.send("DELETE", "/bkt/k").header(ID));
      Reply ofMarker =
          world.put("/bkt/x", new byte[0], "x-amz-copy-source", "/bkt/k?versionId=" + marker);
      assertEquals(400, ofMarker.status());
    });
  }

  @Test
  void aConditionTakesAMarkerForNoObject() {
    S3World.run(world -> {
      version(world, "Enabled");
      put(world, "k", "one");
      assertEquals(412, world.put("/bkt/k", bytes("x"), "If-None-Match", "*").status());
      world.send("DELETE", "/bkt/k");
      Reply reply = world.put("/bkt/k", bytes("two"), "If-None-Match", "*");
      assertEquals(200, reply.status());
      assertNotNull(reply.header(ID));
      assertEquals(2, world.send("GET", "/bkt?versions").count("Version"));
    });
  }

  @Test
  void aBucketWithOldVersionsOrMarkersIsNotEmpty() {
    S3World.run(world -> {
      version(world, "Enabled");
      String id = put(world, "k", "one");
      String marker = Objects.requireNonNull(world.send("DELETE", "/bkt/k").header(ID));
      assertEquals("BucketNotEmpty", world.send("DELETE", "/bkt").element("Code"));
      world.send("DELETE", "/bkt/k?versionId=" + id);
      assertEquals("BucketNotEmpty", world.send("DELETE", "/bkt").element("Code"));
      world.send("DELETE", "/bkt/k?versionId=" + marker);
      assertEquals(204, world.send("DELETE", "/bkt").status());
    });
  }

  @Test
  void aDeletionHasNeitherTagNorSizeToBeDeletedBy() {
    S3World.run(world -> {
      version(world, "Enabled");
      put(world, "k", "one");
      assertEquals(204, world.send("DELETE", "/bkt/k").status());
      String[][] conditions = {
        {"If-Match", "\"e\""},
        {"x-amz-if-match-size", "3"},
        {"x-amz-if-match-last-modified-time", "Wed, 21 Oct 2015 07:28:00 GMT"}
      };
      for (String[] condition : conditions) {
        Reply reply = world.send("DELETE", "/bkt/k", condition);
        assertEquals("PreconditionFailed", reply.element("Code"), reply.text());
      }
      assertEquals(1, world.send("GET", "/bkt?versions").count("DeleteMarker"));
      assertEquals(204, world.send("DELETE", "/bkt/k", "If-Match", "*").status());
      Reply nothing = world.send("DELETE", "/bkt/none", "If-Match", "\"e\"");
      assertEquals(204, nothing.status());
      assertNull(nothing.header(MARKER));
      assertEquals(0, world.send("GET", "/bkt?versions&prefix=none").count("DeleteMarker"));
    });
  }

  @Test
  void withVersioningSuspendedTheNullVersionIsReplaced() {
    S3World.run(world -> {
      version(world, "Enabled");
      String one = put(world, "k", "one");
      version(world, "Suspended");
      assertNull(world.put("/bkt/k", bytes("two")).header(ID));
      assertNull(world.put("/bkt/k", bytes("three")).header(ID));
      assertEquals("three", world.send("GET", "/bkt/k?versionId=null").text());
      assertEquals("null", world.send("GET", "/bkt/k").header(ID));
      assertEquals("one", world.send("GET", "/bkt/k?versionId=" + one).text());
      assertEquals(2, world.send("GET", "/bkt?versions").count("Version"));
      Reply deleted = world.send("DELETE", "/bkt/k");
      assertEquals("null", deleted.header(ID));
      assertEquals("true", deleted.header(MARKER));
      assertEquals(1, world.send("GET", "/bkt?versions").count("Version"));
      assertEquals(1, world.send("GET", "/bkt?versions").count("DeleteMarker"));
      assertEquals(204, world.send("DELETE", "/bkt/k?versionId=null").status());
      assertEquals("one", world.send("GET", "/bkt/k").text());
    });
  }
}
