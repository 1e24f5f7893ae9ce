package garage.s3api;

import static garage.s3api.S3World.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.model.bucket.Bucket;
import garage.model.bucket.Quotas;
import garage.s3api.S3World.Reply;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Limits of a bucket, on every way an object can come into it. */
class QuotaTest {
  private static final byte[] SMALL = random(1_000, 1);
  private static final byte[] LARGE = random(S3World.BLOCK + 1, 2);

  @Test
  void oneObjectMoreThanAllowedIsRefusedAndReplacingOneIsNot() {
    S3World.run(world -> {
      limit(world, null, 2L);
      assertEquals(200, world.put("/bkt/a", SMALL).status());
      assertEquals(200, world.put("/bkt/b", LARGE).status());
      refused(world.put("/bkt/c", SMALL));
      refused(world.put("/bkt/c", LARGE));
      assertEquals(404, world.send("GET", "/bkt/c").status());
      assertEquals(200, world.put("/bkt/a", LARGE).status());
      assertEquals(204, world.send("DELETE", "/bkt/a").status());
      assertEquals(200, world.put("/bkt/c", SMALL).status());
    });
  }

  @Test
  void moreBytesThanAllowedAreRefusedAndFewerAreNot() {
    S3World.run(world -> {
      assertEquals(200, world.put("/bkt/a", LARGE).status());
      limit(world, (long) LARGE.length, null);
      refused(world.put("/bkt/b", SMALL));
      refused(world.put("/bkt/a", random(LARGE.length + 1, 3)));
      assertEquals(200, world.put("/bkt/empty", new byte[0]).status());
      assertEquals(200, world.put("/bkt/a", LARGE).status());
      assertEquals(200, world.put("/bkt/a", SMALL).status());
      assertEquals(200, world.put("/bkt/b", SMALL).status());
      limit(world, null, null);
      assertEquals(200, world.put("/bkt/c", LARGE).status());
    });
  }

  @Test
  void copiesAreLimitedToo() {
    S3World.run(world -> {
      assertEquals(200, world.put("/bkt/a", LARGE).status());
      limit(world, 2L * LARGE.length - 1, null);
      refused(copy(world, "/bkt/b"));
      assertEquals(200, copy(world, "/bkt/a", "x-amz-metadata-directive", "REPLACE").status());
      limit(world, 2L * LARGE.length, null);
      assertEquals(200, copy(world, "/bkt/b").status());
    });
  }

  @Test
  void completedUploadsAreLimitedTooAndCanBeCompletedLater() {
    S3World.run(world -> {
      limit(world, 100L, null);
      String id = world.post("/bkt/m?uploads", "").element("UploadId");
      Reply part = world.put("/bkt/m?partNumber=1&uploadId=" + id, SMALL);
      assertEquals(200, part.status());
      String document =
          "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"
              + part.header("ETag")
              + "</ETag></Part></CompleteMultipartUpload>";
      refused(world.post("/bkt/m?uploadId=" + id, document));
      assertEquals(404, world.send("GET", "/bkt/m").status());
      limit(world, 1_000L, null);
      assertEquals(200, world.post("/bkt/m?uploadId=" + id, document).status());
      assertEquals(200, world.send("GET", "/bkt/m").status());
    });
  }

  private static Reply copy(S3World world, String target, String... headers) {
    String[] all = new String[headers.length + 2];
    all[0] = "x-amz-copy-source";
    all[1] = "/bkt/a";
    System.arraycopy(headers, 0, all, 2, headers.length);
    return world.put(target, new byte[0], all);
  }

  private static void refused(Reply reply) {
    assertTrue(reply.text().contains("<Code>QuotaExceeded</Code>"), reply.text());
  }

  private static void limit(S3World world, @Nullable Long bytes, @Nullable Long objects) {
    Bucket bucket = world.model.buckets().resolve("bkt", null).orElseThrow();
    world.model.buckets().limit(bucket, new Quotas(bytes, objects), world.deadline());
  }
}
