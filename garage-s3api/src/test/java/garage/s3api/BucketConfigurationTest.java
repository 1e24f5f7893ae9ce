package garage.s3api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.s3api.S3World.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is configured of buckets: some can be, and the rest reads as never set. */
class BucketConfigurationTest {
  @ParameterizedTest
  @CsvSource({
    "accelerate, AccelerateConfiguration",
    "logging, BucketLoggingStatus",
    "notification, NotificationConfiguration",
    "requestPayment, <Payer>BucketOwner</Payer>",
    "policyStatus, <IsPublic>false</IsPublic>",
    "ownershipControls, <ObjectOwnership>BucketOwnerEnforced</ObjectOwnership>",
    "analytics, <IsTruncated>false</IsTruncated>",
    "inventory, <IsTruncated>false</IsTruncated>",
    "metrics, <IsTruncated>false</IsTruncated>",
    "intelligent-tiering, <IsTruncated>false</IsTruncated>",
  })
  void readsAsTheDefault(String subresource, String expected) {
    S3World.run(world -> {
      Reply reply = world.send("GET", "/bkt?" + subresource);
      assertEquals(200, reply.status());
      assertTrue(reply.text().contains(expected), reply.text());
    });
  }

  @ParameterizedTest
  @CsvSource({
    "cors, NoSuchCORSConfiguration",
    "encryption, ServerSideEncryptionConfigurationNotFoundError",
    "lifecycle, NoSuchLifecycleConfiguration",
    "object-lock, ObjectLockConfigurationNotFoundError",
    "policy, NoSuchBucketPolicy",
    "publicAccessBlock, NoSuchPublicAccessBlockConfiguration",
    "replication, ReplicationConfigurationNotFoundError",
    "tagging, NoSuchTagSet",
    "website, NoSuchWebsiteConfiguration",
    "metrics&id=1, NoSuchConfiguration",
  })
  void readsAsMissing(String subresource, String code) {
    S3World.run(world -> {
      Reply reply = world.send("GET", "/bkt?" + subresource);
      assertEquals(404, reply.status());
      assertEquals(code, reply.element("Code"));
      assertEquals("bkt", reply.element("BucketName"));
      assertEquals("NoSuchBucket", world.send("GET", "/none?" + subresource).element("Code"));
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cors",
        "encryption",
        "lifecycle",
        "policy",
        "publicAccessBlock",
        "replication",
        "tagging",
        "website"
      })
  void takingAwayWhatIsNotSetHasNothingToDo(String subresource) {
    S3World.run(world -> {
      assertEquals(204, world.send("DELETE", "/bkt?" + subresource).status());
      byte[] none = new byte[0];
      Reply stranger = world.send(world.bob, "DELETE", "/bkt?" + subresource, none);
      assertEquals("AccessDenied", stranger.element("Code"));
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "accelerate",
        "logging",
        "notification",
        "requestPayment",
        "analytics",
        "inventory",
        "metrics",
        "encryption",
        "replication"
      })
  void settingIsRefused(String subresource) {
    S3World.run(world -> {
      Reply reply = world.put("/bkt?" + subresource, new byte[0]);
      assertEquals(501, reply.status());
      assertEquals("NotImplemented", reply.element("Code"));
    });
  }

  @Test
  void nothingIsLocked() {
    S3World.run(world -> {
      Reply unversioned = world.put("/bkt?object-lock", new byte[0]);
      assertEquals(409, unversioned.status());
      assertEquals("InvalidBucketState", unversioned.element("Code"));
      String on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
      world.put("/bkt?versioning", on.getBytes(UTF_8));
      assertEquals(501, world.put("/bkt?object-lock", new byte[0]).status());
      for (String what : new String[] {"retention", "legal-hold"}) {
        for (String method : new String[] {"GET", "PUT"}) {
          Reply reply = world.send(method, "/bkt/k?" + what);
          assertEquals(400, reply.status());
          assertEquals("InvalidRequest", reply.element("Code"));
        }
        assertEquals(404, world.send("GET", "/none/k?" + what).status());
      }
    });
  }

  @Test
  void tagsOfABucketAreKeptAndTakenAway() {
    S3World.run(world -> {
      String tags = "<Tag><Key>team</Key><Value>a &amp; b</Value></Tag>";
      byte[] body = ("<Tagging><TagSet>" + tags + "</TagSet></Tagging>").getBytes(UTF_8);
      assertEquals("InvalidTag", world.put("/bkt?tagging", body).element("Code"));
      body = new String(body, UTF_8).replace("&amp;", "+").getBytes(UTF_8);
      assertEquals(204, world.put("/bkt?tagging", body).status());
      assertEquals(tags.replace("&amp;", "+"), world.send("GET", "/bkt?tagging").element("TagSet"));
      assertEquals(204, world.send("DELETE", "/bkt?tagging").status());
      assertEquals("NoSuchTagSet", world.send("GET", "/bkt?tagging").element("Code"));
    });
  }

  @Test
  void thePublicAccessBlockIsKeptAndTakenAway() {
    S3World.run(world -> {
      byte[] body =
          ("<PublicAccessBlockConfiguration><BlockPublicPolicy>true</BlockPublicPolicy>"
                  + "</PublicAccessBlockConfiguration>")
              .getBytes(UTF_8);
      assertEquals(200, world.put("/bkt?publicAccessBlock", body).status());
      Reply reply = world.send("GET", "/bkt?publicAccessBlock");
      assertEquals("true", reply.element("BlockPublicPolicy"));
      assertEquals("false", reply.element("RestrictPublicBuckets"));
      assertEquals(204, world.send("DELETE", "/bkt?publicAccessBlock").status());
      assertEquals(404, world.send("GET", "/bkt?publicAccessBlock").status());
      byte[] bad =
          "<PublicAccessBlockConfiguration><X/></PublicAccessBlockConfiguration>".getBytes(UTF_8);
      assertEquals("MalformedXML", world.put("/bkt?publicAccessBlock", bad).element("Code"));
    });
  }
}
