package garage.s3api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.s3api.S3World.Reply;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations that cannot be set read as never set, and setting one is refused. */
class BucketConfigurationTest {
  @ParameterizedTest
  @CsvSource({
    "accelerate, AccelerateConfiguration",
    "logging, BucketLoggingStatus",
    "notification, NotificationConfiguration",
    "requestPayment, <Payer>BucketOwner</Payer>",
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
    "policyStatus, NoSuchBucketPolicy",
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
        "cors",
        "encryption",
        "lifecycle",
        "object-lock",
        "policy",
        "publicAccessBlock",
        "replication",
        "tagging",
        "website",
        "ownershipControls",
        "versioning",
        "acl"
      })
  void settingIsRefused(String subresource) {
    S3World.run(world -> {
      Reply reply = world.put("/bkt?" + subresource, new byte[0]);
      assertEquals(501, reply.status());
      assertEquals("NotImplemented", reply.element("Code"));
    });
  }
}
