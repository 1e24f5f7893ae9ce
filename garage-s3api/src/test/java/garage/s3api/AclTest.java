package garage.s3api;

import static garage.s3api.S3World.random;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.http.BodyStream;
import garage.http.Headers;
import garage.model.acl.ObjectOwnership;
import garage.model.key.AccessKey;
import garage.model.key.CanonicalId;
import garage.s3api.S3World.Reply;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Access control lists of buckets and objects decide on requests, where ownership lets them. */
class AclTest {
  private static final byte[] NOTHING = new byte[0];
  private static final String ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers";

  private static void run(Consumer<S3World> test) {
    S3World.run(ObjectOwnership.OBJECT_WRITER, test);
  }

  private static Reply anonymous(S3World world, String method, String target) {
    Headers host = Headers.of("Host", "localhost");
    return world.deliver(method, target, host, BodyStream.of(NOTHING), 0);
  }

  private static Reply by(
      S3World world, AccessKey who, String method, String target, String... headers) {
    return world.send(who, method, target, NOTHING, headers);
  }

  private static int status(S3World world, AccessKey who, String method, String target) {
    return by(world, who, method, target).status();
  }

  private static void ok(Reply reply) {
    assertEquals(200, reply.status(), reply.text());
  }

  private static void refused(int status, String code, Reply reply) {
    assertEquals(code, reply.element("Code"), reply.text());
    assertEquals(status, reply.status());
  }

  private static String grant(String type, String element, String value, String permission) {
    return ("<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
            + " xsi:type=\"%s\"><%s>%s</%s></Grantee><Permission>%s</Permission></Grant>")
        .formatted(type, element, value, element, permission);
  }

  private static String toUser(AccessKey key, String permission) {
    return grant("CanonicalUser", "ID", key.canonicalId(), permission);
  }

  private static byte[] document(AccessKey owner, String... grants) {
    return ("<AccessControlPolicy><Owner><ID>%s</ID></Owner><AccessControlList>%s"
            + "</AccessControlList></AccessControlPolicy>")
        .formatted(owner.canonicalId(), String.join("", grants))
        .getBytes(UTF_8);
  }

  private static byte[] block(String flag) {
    return "<PublicAccessBlockConfiguration><%s>true</%s></PublicAccessBlockConfiguration>"
        .formatted(flag, flag)
        .getBytes(UTF_8);
  }

  // --- what a list says

  @Test
  void aNewBucketAndObjectAreTheirMakersAlone() {
    run(world -> {
      world.put("/bkt/k", NOTHING);
      for (String target : new String[] {"/bkt?acl", "/bkt/k?acl"}) {
        Reply acl = world.send("GET", target);
        ok(acl);
        assertEquals(world.alice.canonicalId(), acl.element("ID"));
        assertEquals("alice", acl.element("DisplayName"));
        assertEquals(1, acl.count("Grant"));
        assertEquals("FULL_CONTROL", acl.element("Permission"));
      }
    });
  }

  @Test
  void cannedListsOfObjectsLetInWhomTheyName() {
    run(world -> {
      AccessKey carol = world.key("carol");
      ok(by(world, world.alice, "PUT", "/bkt?acl", "x-amz-acl", "public-read-write"));
      String[][] rows = {
        // the list, bob's object: carol, anonymous
        {"private", "403", "403"},
        {"public-read", "200", "200"},
        {"public-read-write", "200", "200"},
        {"authenticated-read", "200", "403"},
        {"bucket-owner-read", "403", "403"},
        {"bucket-owner-full-control", "403", "403"},
      };
      for (String[] row : rows) {
        ok(by(world, world.bob, "PUT", "/bkt/k", "x-amz-acl", row[0]));
        assertEquals(200, status(world, world.bob, "GET", "/bkt/k"), row[0]);
        assertEquals(row[1], "" + status(world, carol, "GET", "/bkt/k"), row[0]);
        assertEquals(row[1], "" + status(world, carol, "HEAD", "/bkt/k"), row[0]);
        assertEquals(row[2], "" + anonymous(world, "GET", "/bkt/k").status(), row[0]);
        assertEquals(403, status(world, carol, "GET", "/bkt/k?acl"), row[0]);
        assertEquals(403, status(world, carol, "GET", "/bkt/k?tagging"), row[0]);
      }
      Reply acl = by(world, world.bob, "GET", "/bkt/k?acl");
      assertTrue(acl.text().contains(world.alice.canonicalId()), acl.text());
      assertEquals(200, status(world, world.alice, "GET", "/bkt/k?acl"));
    });
  }

  @Test
  void eachPermissionOfABucketOpensItsOwnOperations() {
    run(world -> {
      world.put("/bkt/k", NOTHING);
      String[][] rows = {
        // the permission; list, put, get the list, put the list, get an object
        {"READ", "200", "403", "403", "403", "403"},
        {"WRITE", "403", "200", "403", "403", "403"},
        {"READ_ACP", "403", "403", "200", "403", "403"},
        {"WRITE_ACP", "403", "403", "403", "200", "403"},
        {"FULL_CONTROL", "200", "200", "200", "200", "403"},
      };
      for (String[] row : rows) {
        byte[] list = document(world.alice, toUser(world.bob, row[0]));
        ok(world.put("/bkt?acl", list));
        assertEquals(row[1], "" + status(world, world.bob, "GET", "/bkt?list-type=2"), row[0]);
        assertEquals(row[1], "" + status(world, world.bob, "HEAD", "/bkt"), row[0]);
        assertEquals(row[2], "" + status(world, world.bob, "PUT", "/bkt/his"), row[0]);
        assertEquals(row[3], "" + status(world, world.bob, "GET", "/bkt?acl"), row[0]);
        assertEquals(row[4], "" + world.send(world.bob, "PUT", "/bkt?acl", list).status(), row[0]);
        assertEquals(row[5], "" + status(world, world.bob, "GET", "/bkt/k"), row[0]);
        assertEquals(403, status(world, world.bob, "GET", "/bkt?policy"));
        assertEquals(403, status(world, world.bob, "DELETE", "/bkt"));
        assertEquals(403, anonymous(world, "GET", "/bkt").status());
      }
    });
  }

  @Test
  void eachPermissionOfAnObjectOpensItsOwnOperations() {
    run(world -> {
      world.put("/bkt/k", NOTHING);
      String[][] rows = {
        {"READ", "200", "403", "403"},
        {"WRITE", "403", "403", "403"},
        {"READ_ACP", "403", "200", "403"},
        {"WRITE_ACP", "403", "403", "200"},
        {"FULL_CONTROL", "200", "200", "200"},
      };
      for (String[] row : rows) {
        byte[] list = document(world.alice, toUser(world.bob, row[0]));
        ok(world.put("/bkt/k?acl", list));
        assertEquals(row[1], "" + status(world, world.bob, "GET", "/bkt/k"), row[0]);
        assertEquals(row[2], "" + status(world, world.bob, "GET", "/bkt/k?acl"), row[0]);
        assertEquals(
            row[3], "" + world.send(world.bob, "PUT", "/bkt/k?acl", list).status(), row[0]);
        assertEquals(403, status(world, world.bob, "PUT", "/bkt/k"), row[0]);
        assertEquals(403, status(world, world.bob, "DELETE", "/bkt/k"), row[0]);
        assertEquals(200, status(world, world.alice, "GET", "/bkt/k?acl"), row[0]);
      }
    });
  }

  @Test
  void granteesAreNamedByIdEmailAndGroup() {
    run(world -> {
      world.model.keys().setEmail(world.bob, Optional.of("Bob@example.org"), world.deadline());
      ok(
          world.put(
              "/bkt/h",
              NOTHING,
              "x-amz-grant-read",
              "emailAddress=\"bob@example.org\", uri=\"" + ALL_USERS + "\"",
              "x-amz-grant-write-acp",
              "id=" + world.bob.canonicalId()));
      Reply acl = world.send("GET", "/bkt/h?acl");
      assertEquals(3, acl.count("Grant"));
      assertTrue(acl.text().indexOf(ALL_USERS) < acl.text().indexOf("bob"), acl.text());
      ok(anonymous(world, "GET", "/bkt/h"));
      byte[] byMail =
          document(
              world.alice,
              grant("AmazonCustomerByEmail", "EmailAddress", "bob@example.org", "READ"));
      ok(world.put("/bkt/h?acl", byMail));
      assertEquals(200, status(world, world.bob, "GET", "/bkt/h"));
      assertEquals(403, anonymous(world, "GET", "/bkt/h").status());
      acl = world.send("GET", "/bkt/h?acl");
      assertTrue(acl.text().contains("<ID>" + world.bob.canonicalId() + "</ID>"), acl.text());
    });
  }

  @Test
  void whatCannotBeGrantedIsRefused() {
    run(world -> {
      world.put("/bkt/k", NOTHING);
      String bob = "id=" + world.bob.canonicalId();
      refused(400, "InvalidArgument", world.put("/bkt/x", NOTHING, "x-amz-acl", "open"));
      refused(501, "NotImplemented", world.put("/bkt/x", NOTHING, "x-amz-acl", "aws-exec-read"));
      refused(400, "InvalidArgument", world.put("/bkt/x", NOTHING, "x-amz-grant-read", "id=x"));
      refused(400, "InvalidArgument", world.put("/bkt/x", NOTHING, "x-amz-grant-read", "bob"));
      refused(
          400, "InvalidArgument", world.put("/bkt/x", NOTHING, "x-amz-grant-read", "uri=\"x\""));
      refused(
          400,
          "InvalidRequest",
          world.put("/bkt/x", NOTHING, "x-amz-acl", "private", "x-amz-grant-read", bob));
      refused(
          400,
          "UnresolvableGrantByEmailAddress",
          world.put("/bkt/x", NOTHING, "x-amz-grant-read", "emailAddress=no@where"));
      refused(404, "NoSuchKey", world.send("GET", "/bkt/x"));
      refused(400, "MissingSecurityHeader", world.put("/bkt/k?acl", NOTHING));
      refused(400, "MalformedACLError", world.put("/bkt/k?acl", "<A/>".getBytes(UTF_8)));
      byte[] unknown = document(world.alice, toUser(world.bob, "READ_ALL"));
      refused(400, "MalformedACLError", world.put("/bkt/k?acl", unknown));
      byte[] wrongType =
          document(world.alice, grant("Group", "ID", world.bob.canonicalId(), "READ"));
      refused(400, "MalformedACLError", world.put("/bkt/k?acl", wrongType));
      byte[] fine = document(world.alice, toUser(world.bob, "READ"));
      refused(400, "UnexpectedContent", world.put("/bkt/k?acl", fine, "x-amz-acl", "private"));
      byte[] stolen = document(world.bob, toUser(world.bob, "READ"));
      refused(403, "AccessDenied", world.put("/bkt/k?acl", stolen));
      String[] many = new String[101];
      java.util.Arrays.fill(many, toUser(world.bob, "READ"));
      refused(400, "MalformedACLError", world.put("/bkt/k?acl", document(world.alice, many)));
      assertEquals(1, world.send("GET", "/bkt/k?acl").count("Grant"));
    });
  }

  @Test
  void twoHoldersOfOneAddressAreAmbiguous() {
    run(world -> {
      world.model.keys().setEmail(world.alice, Optional.of("a@b"), world.deadline());
      world.model.keys().setEmail(world.bob, Optional.of("a@b"), world.deadline());
      refused(
          400,
          "AmbiguousGrantByEmailAddress",
          world.put("/bkt/x", NOTHING, "x-amz-grant-read", "emailAddress=a@b"));
    });
  }

  @Test
  void copiesAndUploadsInPartsHaveTheirOwnLists() {
    run(world -> {
      world.put("/bkt/k", random(10, 1), "x-amz-acl", "public-read");
      ok(world.put("/bkt/plain", NOTHING, "x-amz-copy-source", "/bkt/k"));
      assertEquals(403, anonymous(world, "GET", "/bkt/plain").status());
      ok(
          world.put(
              "/bkt/open", NOTHING, "x-amz-copy-source", "/bkt/k", "x-amz-acl", "public-read"));
      ok(anonymous(world, "GET", "/bkt/open"));
      Reply begun = world.send("POST", "/bkt/parts?uploads", "x-amz-acl", "public-read");
      String id = begun.element("UploadId");
      byte[] bytes = random(100, 2);
      Reply part = world.put("/bkt/parts?partNumber=1&uploadId=" + id, bytes);
      ok(
          world.post(
              "/bkt/parts?uploadId=" + id,
              "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"
                  + part.header("ETag")
                  + "</ETag></Part></CompleteMultipartUpload>"));
      assertArrayEquals(bytes, anonymous(world, "GET", "/bkt/parts").body());
    });
  }

  @Test
  void aCopyReadsOnlyWhatTheSourcesListLetsItRead() {
    run(world -> {
      world.put("/bkt/open", random(10, 1), "x-amz-acl", "public-read");
      world.put("/bkt/closed", random(10, 1));
      ok(by(world, world.bob, "PUT", "/his"));
      ok(by(world, world.bob, "PUT", "/his/a", "x-amz-copy-source", "/bkt/open"));
      Reply closed = by(world, world.bob, "PUT", "/his/b", "x-amz-copy-source", "/bkt/closed");
      refused(403, "AccessDenied", closed);
      Reply none = by(world, world.bob, "PUT", "/his/c", "x-amz-copy-source", "/bkt/none");
      refused(403, "AccessDenied", none);
      assertEquals(404, status(world, world.bob, "GET", "/his/b"));
    });
  }

  @Test
  void whoeverMayNotListIsNotToldWhatIsMissing() {
    run(world -> {
      world.put("/bkt/open", NOTHING, "x-amz-acl", "public-read");
      assertEquals(200, anonymous(world, "GET", "/bkt/open").status());
      assertEquals(403, anonymous(world, "GET", "/bkt/none").status());
      assertEquals(403, anonymous(world, "HEAD", "/bkt/none").status());
      assertEquals(403, status(world, world.bob, "GET", "/bkt/none"));
      assertEquals(404, world.send("GET", "/bkt/none").status());
      ok(by(world, world.alice, "PUT", "/bkt?acl", "x-amz-acl", "public-read"));
      assertEquals(404, anonymous(world, "GET", "/bkt/none").status());
      assertEquals(404, anonymous(world, "HEAD", "/bkt/none").status());
    });
  }

  @Test
  void thePublicAccessBlockStopsAndIgnoresPublicLists() {
    run(world -> {
      world.put("/bkt/k", NOTHING, "x-amz-acl", "public-read");
      ok(by(world, world.alice, "PUT", "/bkt?acl", "x-amz-acl", "public-read"));
      assertEquals("true", world.send("GET", "/bkt?policyStatus").element("IsPublic"));
      ok(world.put("/bkt?publicAccessBlock", block("BlockPublicAcls")));
      ok(anonymous(world, "GET", "/bkt/k"));
      for (String acl : new String[] {"public-read", "public-read-write", "authenticated-read"}) {
        refused(403, "AccessDenied", world.put("/bkt/x", NOTHING, "x-amz-acl", acl));
        refused(403, "AccessDenied", by(world, world.alice, "PUT", "/bkt?acl", "x-amz-acl", acl));
        refused(403, "AccessDenied", by(world, world.alice, "PUT", "/bkt/k?acl", "x-amz-acl", acl));
      }
      ok(world.put("/bkt/x", NOTHING, "x-amz-acl", "private"));
      ok(world.put("/bkt?publicAccessBlock", block("IgnorePublicAcls")));
      assertEquals(403, anonymous(world, "GET", "/bkt/k").status());
      assertEquals(403, status(world, world.bob, "GET", "/bkt"));
      assertEquals("false", world.send("GET", "/bkt?policyStatus").element("IsPublic"));
      ok(by(world, world.alice, "PUT", "/bkt?acl", "x-amz-acl", "public-read"));
    });
  }

  @Test
  void theAnonymousWriteWhereTheBucketsListLetsThem() {
    run(world -> {
      ok(by(world, world.alice, "PUT", "/bkt?acl", "x-amz-acl", "public-read-write"));
      Headers head = Headers.of("Host", "localhost", "Content-Length", "3");
      ok(world.deliver("PUT", "/bkt/k", head, BodyStream.of(new byte[] {1, 2, 3}), 3));
      assertEquals(200, world.send("GET", "/bkt/k").status());
      assertEquals(403, anonymous(world, "GET", "/bkt/k").status());
      Reply list = world.send("GET", "/bkt");
      assertEquals(CanonicalId.ANONYMOUS, list.element("ID"));
      assertEquals(204, anonymous(world, "DELETE", "/bkt/k").status());
    });
  }

  @Test
  void whoeverMayOnlyWriteEndsNoUploadOfOthers() {
    run(world -> {
      ok(by(world, world.alice, "PUT", "/bkt?acl", "x-amz-acl", "public-read-write"));
      String hers = "/bkt/k?uploadId=" + world.send("POST", "/bkt/k?uploads").element("UploadId");
      Reply begun = by(world, world.bob, "POST", "/bkt/k?uploads");
      String his = "/bkt/k?uploadId=" + begun.element("UploadId");
      assertEquals(403, status(world, world.bob, "GET", hers));
      assertEquals(403, status(world, world.bob, "DELETE", hers));
      ok(by(world, world.bob, "GET", his));
      ok(world.send("GET", his));
      assertEquals(204, status(world, world.bob, "DELETE", his));
      assertEquals(404, status(world, world.bob, "DELETE", his));
      assertEquals(404, status(world, world.bob, "DELETE", "/bkt/k?uploadId=none"));
      assertEquals(204, world.send("DELETE", hers).status());
    });
  }

  private static void enableVersions(S3World world) {
    String on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    ok(world.put("/bkt?versioning", on.getBytes(UTF_8)));
  }

  @Test
  void whoeverMayOnlyWriteRemovesNoVersion() {
    run(world -> {
      enableVersions(world);
      ok(by(world, world.alice, "PUT", "/bkt?acl", "x-amz-acl", "public-read-write"));
      Reply put = world.put("/bkt/k", random(10, 1));
      String version = "/bkt/k?versionId=" + put.header("x-amz-version-id");
      assertEquals(403, anonymous(world, "DELETE", version).status());
      assertEquals(403, status(world, world.bob, "DELETE", version));
      String many =
          "<Delete><Object><Key>k</Key><VersionId>%s</VersionId></Object></Delete>"
              .formatted(put.header("x-amz-version-id"));
      Reply several = world.send(world.bob, "POST", "/bkt?delete", many.getBytes(UTF_8));
      assertEquals("AccessDenied", several.element("Code"), several.text());
      assertEquals(204, status(world, world.bob, "DELETE", "/bkt/k"));
      assertEquals(200, world.send("GET", version).status());
      assertEquals(204, world.send("DELETE", version).status());
      assertEquals(404, world.send("GET", version).status());
    });
  }

  @Test
  void eachVersionHasItsOwnListAndMissingOnesAreNotToldOf() {
    run(world -> {
      enableVersions(world);
      Reply open = world.put("/bkt/k", random(10, 1), "x-amz-acl", "public-read");
      Reply closed = world.put("/bkt/k", random(10, 2));
      String id = "/bkt/k?versionId=";
      assertEquals(403, anonymous(world, "GET", "/bkt/k").status());
      assertEquals(200, anonymous(world, "GET", id + open.header("x-amz-version-id")).status());
      assertEquals(403, anonymous(world, "GET", id + closed.header("x-amz-version-id")).status());
      String gone = id + world.put("/bkt/k", NOTHING).header("x-amz-version-id");
      assertEquals(204, world.send("DELETE", gone).status());
      assertEquals(404, world.send("GET", gone).status());
      assertEquals(403, anonymous(world, "GET", gone).status());
    });
  }

  // --- who owns what

  private static byte[] controls(String ownership) {
    return ("<OwnershipControls><Rule><ObjectOwnership>" + ownership)
        .concat("</ObjectOwnership></Rule></OwnershipControls>")
        .getBytes(UTF_8);
  }

  private static String owner(S3World world, String key) {
    Reply acl = world.send(world.bob, "GET", key + "?acl", NOTHING);
    String id = acl.element("ID");
    return id == null
        ? acl.text()
        : id.equals(world.alice.canonicalId())
            ? "alice"
            : id.equals(world.bob.canonicalId()) ? "bob" : id;
  }

  private static void letBobDoAnything(S3World world) {
    String policy =
        "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Principal':{'AWS':'*'},"
            + "'Action':'*','Resource':['arn:aws:s3:::bkt','arn:aws:s3:::bkt/*']}]}";
    Reply put = world.put("/bkt?policy", policy.replace('\'', '"').getBytes(UTF_8));
    assertEquals(204, put.status(), put.text());
  }

  @Test
  void ownershipDecidesWhoseObjectsAre() {
    run(world -> {
      letBobDoAnything(world);
      String full = "bucket-owner-full-control";
      String[][] rows = {
        // the rule; written without a list, for the bucket's owner, privately
        {"ObjectWriter", "bob", "bob", "bob"},
        {"BucketOwnerPreferred", "bob", "alice", "bob"},
        {"BucketOwnerEnforced", "alice", "alice", "AccessControlListNotSupported"},
      };
      for (String[] row : rows) {
        ok(world.put("/bkt?ownershipControls", controls(row[0])));
        assertEquals(
            row[0], world.send("GET", "/bkt?ownershipControls").element("ObjectOwnership"));
        ok(by(world, world.bob, "PUT", "/bkt/a"));
        ok(by(world, world.bob, "PUT", "/bkt/b", "x-amz-acl", full));
        Reply third = by(world, world.bob, "PUT", "/bkt/c", "x-amz-acl", "private");
        assertEquals(row[1], owner(world, "/bkt/a"), row[0]);
        assertEquals(row[2], owner(world, "/bkt/b"), row[0]);
        String said = third.element("Code");
        assertEquals(row[3], said == null ? owner(world, "/bkt/c") : said, row[0]);
        Reply begun = by(world, world.bob, "POST", "/bkt/m?uploads", "x-amz-acl", full);
        Reply parts = by(world, world.bob, "GET", "/bkt/m?uploadId=" + begun.element("UploadId"));
        assertTrue(
            parts.text().contains("<Initiator><ID>" + world.bob.canonicalId()), parts.text());
        String owner = (row[2].equals("bob") ? world.bob : world.alice).canonicalId();
        assertTrue(parts.text().contains("<Owner><ID>" + owner), parts.text());
      }
      refused(
          400,
          "AccessControlListNotSupported",
          by(world, world.alice, "PUT", "/bkt?acl", "x-amz-acl", "public-read"));
      refused(
          400,
          "AccessControlListNotSupported",
          by(world, world.alice, "PUT", "/bkt/a?acl", "x-amz-acl", "public-read"));
      ok(world.put("/bkt/a?acl", document(world.alice, toUser(world.alice, "FULL_CONTROL"))));
      assertEquals(204, world.send("DELETE", "/bkt?ownershipControls").status());
      refused(404, "OwnershipControlsNotFoundError", world.send("GET", "/bkt?ownershipControls"));
    });
  }

  @Test
  void enforcingOwnershipNeedsABucketSharedWithNobodyAndSilencesObjectsLists() {
    run(world -> {
      world.put("/bkt/k", NOTHING, "x-amz-acl", "public-read");
      ok(by(world, world.alice, "PUT", "/bkt?acl", "x-amz-acl", "public-read"));
      byte[] enforced = controls("BucketOwnerEnforced");
      refused(
          400,
          "InvalidBucketAclWithObjectOwnership",
          world.put("/bkt?ownershipControls", enforced));
      ok(by(world, world.alice, "PUT", "/bkt?acl", "x-amz-acl", "private"));
      ok(anonymous(world, "GET", "/bkt/k"));
      ok(world.put("/bkt?ownershipControls", enforced));
      assertEquals(403, anonymous(world, "GET", "/bkt/k").status());
      assertEquals(1, world.send("GET", "/bkt/k?acl").count("Grant"));
      refused(400, "MalformedXML", world.put("/bkt?ownershipControls", controls("Mine")));
      assertEquals(204, world.send("DELETE", "/bkt?ownershipControls").status());
      ok(anonymous(world, "GET", "/bkt/k"));
    });
  }

  @Test
  void byDefaultListsAreOffAndHarmlessOnesPass() {
    S3World.run(world -> {
      assertEquals(
          "BucketOwnerEnforced",
          world.send("GET", "/bkt?ownershipControls").element("ObjectOwnership"));
      ok(world.put("/bkt/k", NOTHING, "x-amz-acl", "private"));
      ok(world.put("/bkt/k", NOTHING, "x-amz-acl", "bucket-owner-full-control"));
      String me = "id=" + world.alice.canonicalId();
      ok(world.put("/bkt/k", NOTHING, "x-amz-grant-full-control", me));
      refused(
          400,
          "AccessControlListNotSupported",
          world.put("/bkt/k", NOTHING, "x-amz-acl", "public-read"));
      refused(
          400,
          "AccessControlListNotSupported",
          world.put("/bkt/k", NOTHING, "x-amz-grant-read", "id=" + world.bob.canonicalId()));
      refused(
          400,
          "InvalidBucketAclWithObjectOwnership",
          by(world, world.alice, "PUT", "/pub", "x-amz-acl", "public-read"));
      String writer = "x-amz-object-ownership";
      refused(400, "InvalidArgument", by(world, world.alice, "PUT", "/pub", writer, "Mine"));
      ok(by(world, world.alice, "PUT", "/pub", writer, "ObjectWriter", "x-amz-acl", "public-read"));
      assertEquals(200, anonymous(world, "GET", "/pub").status());
    });
  }

  @Test
  void aBucketBelongsToItsMakerOrWhoeverHasOwnedItLongest() {
    S3World.run(world -> {
      world.put("/bkt/k", NOTHING);
      assertEquals("alice", world.send("GET", "/bkt?acl").element("DisplayName"));
      var buckets = world.model.buckets();
      var bucket = buckets.resolve("bkt", null, world.deadline()).orElseThrow();
      var owner = new garage.model.bucket.Permissions(false, false, true);
      bucket = buckets.allow(bucket, world.bob.id(), owner, world.deadline());
      bucket = buckets.deny(bucket, world.alice.id(), owner, world.deadline());
      assertEquals("bob", by(world, world.bob, "GET", "/bkt?acl").element("DisplayName"));
      assertEquals("bob", world.send("GET", "/bkt").element("DisplayName"));
      buckets.allow(bucket, world.alice.id(), owner, world.deadline());
      assertEquals("alice", world.send("GET", "/bkt").element("DisplayName"));
    });
  }

  @Test
  void theExpectedOwnerIsNamedByTheCanonicalIdToo() {
    S3World.run(world -> {
      world.put("/bkt/k", NOTHING);
      String header = "x-amz-expected-bucket-owner";
      ok(world.send("GET", "/bkt/k", header, world.alice.canonicalId()));
      ok(world.send("GET", "/bkt/k", header, world.alice.id()));
      refused(403, "AccessDenied", world.send("GET", "/bkt/k", header, world.bob.canonicalId()));
    });
  }
}
