package garage.s3api;

import static garage.s3api.S3World.random;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.http.BodyStream;
import garage.http.Headers;
import garage.s3api.S3World.Reply;
import org.junit.jupiter.api.Test;

/** Policies of buckets decide on requests. */
class PolicyAccessTest {
  private static final byte[] NOTHING = new byte[0];

  private static String statement(String effect, String principal, String actions, String more) {
    return ("{'Effect':'%s','Principal':%s,'Action':%s,"
            + "'Resource':['arn:aws:s3:::bkt','arn:aws:s3:::bkt/*']%s}")
        .formatted(effect, principal, actions, more);
  }

  private static Reply putPolicy(S3World world, String... statements) {
    String text = "{'Version':'2012-10-17','Statement':[" + String.join(",", statements) + "]}";
    return world.put("/bkt?policy", text.replace('\'', '"').getBytes(UTF_8));
  }

  private static void policy(S3World world, String... statements) {
    Reply reply = putPolicy(world, statements);
    assertEquals(204, reply.status(), reply.text());
  }

  private static Reply anonymous(S3World world, String method, String target) {
    Headers host = Headers.of("Host", "localhost");
    return world.deliver(method, target, host, BodyStream.of(NOTHING), 0);
  }

  private static Reply bob(S3World world, String method, String target, String... headers) {
    return world.send(world.bob, method, target, NOTHING, headers);
  }

  @Test
  void thePublicReadsWhatAPolicyAllowsAndNothingElse() {
    S3World.run(world -> {
      byte[] bytes = random(100, 1);
      world.put("/bkt/k", bytes);
      assertEquals(403, anonymous(world, "GET", "/bkt/k").status());
      policy(world, statement("Allow", "'*'", "'s3:GetObject'", ""));
      assertArrayEquals(bytes, anonymous(world, "GET", "/bkt/k").body());
      assertEquals(200, anonymous(world, "HEAD", "/bkt/k").status());
      assertEquals(403, anonymous(world, "GET", "/bkt").status());
      assertEquals(403, anonymous(world, "DELETE", "/bkt/k").status());
      assertEquals(403, anonymous(world, "GET", "/bkt/k?tagging").status());
      assertEquals(403, anonymous(world, "GET", "/").status());
      assertEquals(404, anonymous(world, "GET", "/none").status());
      assertEquals(204, world.send("DELETE", "/bkt?policy").status());
      assertEquals(403, anonymous(world, "GET", "/bkt/k").status());
    });
  }

  @Test
  void thePublicWritesWhereItMay() {
    S3World.run(world -> {
      policy(world, statement("Allow", "'*'", "['s3:PutObject','s3:GetObject']", ""));
      Headers head = Headers.of("Host", "localhost", "Content-Length", "3");
      byte[] bytes = {1, 2, 3};
      Reply put = world.deliver("PUT", "/bkt/k", head, BodyStream.of(bytes), 3);
      assertEquals(200, put.status(), put.text());
      assertArrayEquals(bytes, anonymous(world, "GET", "/bkt/k").body());
    });
  }

  @Test
  void aKeyIsAllowedByNameAndDeniedInSpiteOfItsGrants() {
    S3World.run(world -> {
      world.put("/bkt/k", random(100, 1));
      assertEquals(403, bob(world, "GET", "/bkt/k").status());
      String him = "{'AWS':'" + world.bob.id() + "'}";
      policy(world, statement("Allow", him, "'s3:*'", ""));
      assertEquals(200, bob(world, "GET", "/bkt/k").status());
      assertEquals(200, bob(world, "GET", "/bkt?list-type=2").status());
      assertEquals(403, anonymous(world, "GET", "/bkt/k").status());
      policy(world, statement("Deny", "'*'", "'s3:DeleteObject'", ""));
      assertEquals(403, world.send("DELETE", "/bkt/k").status());
      assertEquals(200, world.send("GET", "/bkt/k").status());
    });
  }

  @Test
  void theOwnerCanAlwaysTakeAPolicyAway() {
    S3World.run(world -> {
      policy(world, statement("Deny", "'*'", "'*'", ""));
      assertEquals(403, world.send("GET", "/bkt").status());
      assertEquals(200, world.send("GET", "/bkt?policy").status());
      assertEquals(403, bob(world, "DELETE", "/bkt?policy").status());
      assertEquals(204, world.send("DELETE", "/bkt?policy").status());
      assertEquals(200, world.send("GET", "/bkt").status());
    });
  }

  @Test
  void manyDeletionsAreDecidedKeyByKey() {
    S3World.run(world -> {
      world.put("/bkt/keep/a", NOTHING);
      world.put("/bkt/b", NOTHING);
      policy(
          world,
          statement("Deny", "'*'", "'s3:DeleteObject'", "")
              .replace("'arn:aws:s3:::bkt','arn:aws:s3:::bkt/*'", "'arn:aws:s3:::bkt/keep/*'"));
      Reply reply =
          world.post(
              "/bkt?delete",
              "<Delete><Object><Key>keep/a</Key></Object><Object><Key>b</Key></Object></Delete>");
      assertEquals(200, reply.status(), reply.text());
      assertEquals("AccessDenied", reply.element("Code"));
      assertEquals(1, reply.count("Deleted"));
      assertEquals(200, world.send("HEAD", "/bkt/keep/a").status());
      assertEquals(404, world.send("HEAD", "/bkt/b").status());
    });
  }

  @Test
  void tagsOfTheObjectAndOfTheRequestDecide() {
    S3World.run(world -> {
      world.put("/bkt/open", NOTHING, "x-amz-tagging", "security=public");
      world.put("/bkt/closed", NOTHING, "x-amz-tagging", "security=private");
      policy(
          world,
          statement(
              "Allow",
              "'*'",
              "'s3:GetObject'",
              ",'Condition':{'StringEquals':{'s3:ExistingObjectTag/security':'public'}}"),
          statement(
              "Deny",
              "'*'",
              "['s3:PutObject','s3:PutObjectTagging']",
              ",'Condition':{'StringEquals':{'s3:RequestObjectTag/security':'public'}}"));
      assertEquals(200, anonymous(world, "GET", "/bkt/open").status());
      assertEquals(403, anonymous(world, "GET", "/bkt/closed").status());
      assertEquals(403, world.put("/bkt/x", NOTHING, "x-amz-tagging", "security=public").status());
      assertEquals(200, world.put("/bkt/x", NOTHING, "x-amz-tagging", "a=public").status());
      String tags =
          "<Tagging><TagSet><Tag><Key>security</Key><Value>%s</Value></Tag></TagSet></Tagging>";
      assertEquals(
          403, world.put("/bkt/x?tagging", tags.formatted("public").getBytes(UTF_8)).status());
      assertEquals(
          200, world.put("/bkt/x?tagging", tags.formatted("none").getBytes(UTF_8)).status());
      assertTrue(world.send("GET", "/bkt/x?tagging").text().contains("none"));
    });
  }

  @Test
  void theTagsOfAVersionDecideOnThatVersion() {
    S3World.run(world -> {
      String on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
      assertEquals(200, world.put("/bkt?versioning", on.getBytes(UTF_8)).status());
      Reply closed = world.put("/bkt/k", random(10, 1), "x-amz-tagging", "security=private");
      Reply open = world.put("/bkt/k", random(10, 2), "x-amz-tagging", "security=public");
      policy(
          world,
          statement(
              "Allow",
              "'*'",
              "['s3:GetObject','s3:GetObjectVersion']",
              ",'Condition':{'StringEquals':{'s3:ExistingObjectTag/security':'public'}}"));
      String id = "/bkt/k?versionId=";
      assertEquals(200, anonymous(world, "GET", "/bkt/k").status());
      assertEquals(200, anonymous(world, "GET", id + open.header("x-amz-version-id")).status());
      String secret = closed.header("x-amz-version-id");
      assertEquals(403, anonymous(world, "GET", id + secret).status());
      assertEquals(200, world.send(world.bob, "PUT", "/his", NOTHING).status());
      String source = "x-amz-copy-source";
      assertEquals(200, bob(world, "PUT", "/his/a", source, "/bkt/k").status());
      assertEquals(403, bob(world, "PUT", "/his/a", source, id + secret).status());
    });
  }

  @Test
  void theSourceOfACopyIsDecidedByItsOwnBucket() {
    S3World.run(world -> {
      world.put("/bkt/secret", random(10, 1));
      world.put("/bkt/open", random(10, 1));
      assertEquals(200, world.send(world.bob, "PUT", "/his", NOTHING).status());
      policy(
          world,
          statement("Allow", "'*'", "'s3:GetObject'", "")
              .replace("'arn:aws:s3:::bkt','arn:aws:s3:::bkt/*'", "'arn:aws:s3:::bkt/open'"));
      assertEquals(200, bob(world, "PUT", "/his/copy", "x-amz-copy-source", "/bkt/open").status());
      assertEquals(
          403, bob(world, "PUT", "/his/copy", "x-amz-copy-source", "/bkt/secret").status());
    });
  }

  @Test
  void theRequestItselfDecides() {
    S3World.run(world -> {
      policy(
          world,
          statement(
              "Allow",
              "'*'",
              "'s3:ListBucket'",
              ",'Condition':{'StringLike':{'s3:prefix':'a/*'}}"));
      assertEquals(200, anonymous(world, "GET", "/bkt?prefix=a/b").status());
      assertEquals(403, anonymous(world, "GET", "/bkt?prefix=b").status());
      assertEquals(403, anonymous(world, "GET", "/bkt").status());
      policy(
          world,
          statement(
              "Deny", "'*'", "'s3:*'", ",'Condition':{'Bool':{'aws:SecureTransport':'false'}}"));
      assertEquals(403, world.send("GET", "/bkt").status());
    });
  }

  private static String unless(String operator, String key, String value) {
    return ",'Condition':{'%s':{'%s':'%s'}}".formatted(operator, key, value);
  }

  @Test
  void headersThatAPolicyNamesDecide() {
    S3World.run(world -> {
      String acl = "x-amz-acl";
      String full = "bucket-owner-full-control";
      String put = "'s3:PutObject'";
      policy(world, statement("Deny", "'*'", put, unless("StringNotEquals", "s3:" + acl, full)));
      assertEquals(403, world.put("/bkt/k", NOTHING).status());
      assertEquals(403, world.put("/bkt/k", NOTHING, acl, "private").status());
      assertEquals(200, world.put("/bkt/k", NOTHING, acl, full).status());
      String grant = "x-amz-grant-full-control";
      String me = "id=" + world.alice.canonicalId();
      policy(world, statement("Deny", "'*'", put, unless("StringNotEquals", "s3:" + grant, me)));
      assertEquals(403, world.put("/bkt/k", NOTHING).status());
      assertEquals(200, world.put("/bkt/k", NOTHING, grant, me).status());
      String encryption = "s3:x-amz-server-side-encryption";
      policy(world, statement("Deny", "'*'", put, unless("Null", encryption, "true")));
      assertEquals(403, world.put("/bkt/k", NOTHING).status());
      policy(world, statement("Deny", "'*'", put, unless("Null", "s3:if-none-match", "true")));
      assertEquals(403, world.put("/bkt/new", NOTHING).status());
      assertEquals(200, world.put("/bkt/new", NOTHING, "If-None-Match", "*").status());
    });
  }

  @Test
  void theSourceOfACopyDecidesHoweverItIsWritten() {
    S3World.run(world -> {
      world.put("/bkt/secret/a", random(10, 1));
      world.put("/bkt/open/a", random(10, 1));
      String key = "s3:x-amz-copy-source";
      String put = "'s3:PutObject'";
      policy(world, statement("Deny", "'*'", put, unless("StringLike", key, "bkt/secret/*")));
      String source = "x-amz-copy-source";
      for (String secret : new String[] {"bkt/secret/a", "/bkt/secret/a", "bkt%2Fs%65cret/a"}) {
        assertEquals(403, world.put("/bkt/k", NOTHING, source, secret).status(), secret);
      }
      assertEquals(200, world.put("/bkt/k", NOTHING, source, "/bkt/open/a").status());
      assertEquals(200, world.put("/bkt/k", NOTHING).status());
    });
  }

  @Test
  void anOldSignatureIsRefusedWhereAPolicySaysSo() {
    S3World.run(world -> {
      world.put("/bkt/k", NOTHING);
      String age = unless("NumericGreaterThan", "s3:signatureAge", "60000");
      policy(world, statement("Deny", "'*'", "'s3:GetObject'", age));
      assertEquals(200, world.send("GET", "/bkt/k").status());
      age = unless("NumericGreaterThanEquals", "s3:signatureAge", "0");
      policy(world, statement("Deny", "'*'", "'s3:GetObject'", age));
      assertEquals(403, world.send("GET", "/bkt/k").status());
    });
  }

  @Test
  void denyingToSetListsOrTagsDeniesTheHeadersThatDo() {
    S3World.run(world -> {
      policy(world, statement("Deny", "'*'", "['s3:PutObjectAcl','s3:PutObjectTagging']", ""));
      assertEquals(200, world.put("/bkt/k", NOTHING).status());
      assertEquals(403, world.put("/bkt/k", NOTHING, "x-amz-acl", "private").status());
      assertEquals(403, world.put("/bkt/k", NOTHING, "x-amz-tagging", "a=b").status());
    });
  }

  @Test
  void whoeverMayNotListIsNotToldWhatIsMissing() {
    S3World.run(world -> {
      policy(
          world,
          statement("Allow", "'*'", "['s3:GetObject','s3:GetObjectTagging']", ""),
          statement("Allow", "'*'", "'s3:ListBucket'", unless("StringLike", "s3:prefix", "a/*")));
      for (String query : new String[] {"", "?tagging"}) {
        assertEquals(403, anonymous(world, "GET", "/bkt/none" + query).status());
        assertEquals(404, anonymous(world, "GET", "/bkt/a/none" + query).status());
      }
      assertEquals(404, world.send("GET", "/bkt/none").status());
      policy(
          world,
          statement("Allow", "'*'", "'s3:ListBucket'", unless("StringLike", "s3:prefix", "a/*")));
      world.put("/bkt/a/k", NOTHING);
      assertEquals(403, anonymous(world, "HEAD", "/bkt/a/k").status());
      assertEquals(404, anonymous(world, "HEAD", "/bkt/a/none").status());
      assertEquals(403, anonymous(world, "HEAD", "/bkt/none").status());
    });
  }

  @Test
  void anAccountIsNamedByItsCanonicalIdToo() {
    S3World.run(world -> {
      world.put("/bkt/k", NOTHING);
      String id = world.bob.canonicalId();
      for (String him :
          new String[] {
            "{'CanonicalUser':'" + id + "'}", "{'AWS':'arn:aws:iam::" + id + ":root'}"
          }) {
        policy(world, statement("Deny", "'*'", "'s3:DeleteBucket'", ""));
        assertEquals(403, bob(world, "GET", "/bkt/k").status());
        policy(world, statement("Allow", him, "'s3:GetObject'", ""));
        assertEquals(200, bob(world, "GET", "/bkt/k").status(), him);
      }
    });
  }

  @Test
  void thePublicAccessBlockForbidsPublicPolicies() {
    S3World.run(world -> {
      world.put("/bkt/k", NOTHING);
      String block =
          "<PublicAccessBlockConfiguration><%s>true</%s></PublicAccessBlockConfiguration>";
      policy(world, statement("Allow", "'*'", "'s3:GetObject'", ""));
      assertEquals("true", world.send("GET", "/bkt?policyStatus").element("IsPublic"));
      byte[] restrict =
          block.formatted("RestrictPublicBuckets", "RestrictPublicBuckets").getBytes(UTF_8);
      assertEquals(200, world.put("/bkt?publicAccessBlock", restrict).status());
      assertEquals(403, anonymous(world, "GET", "/bkt/k").status());
      assertEquals(403, bob(world, "GET", "/bkt/k").status());
      assertEquals(200, world.send("GET", "/bkt/k").status());
      byte[] refuse = block.formatted("BlockPublicPolicy", "BlockPublicPolicy").getBytes(UTF_8);
      assertEquals(200, world.put("/bkt?publicAccessBlock", refuse).status());
      Reply refused = putPolicy(world, statement("Allow", "'*'", "'s3:GetObject'", ""));
      assertEquals("AccessDenied", refused.element("Code"));
      policy(world, statement("Allow", "{'AWS':'" + world.bob.id() + "'}", "'s3:*'", ""));
      assertEquals("false", world.send("GET", "/bkt?policyStatus").element("IsPublic"));
    });
  }

  @Test
  void aPolicyReadsBackAsItWasPutAndABadOneChangesNothing() {
    S3World.run(world -> {
      assertEquals("NoSuchBucketPolicy", world.send("GET", "/bkt?policy").element("Code"));
      policy(world, statement("Allow", "'*'", "'s3:GetObject'", ""));
      Reply before = world.send("GET", "/bkt?policy");
      assertEquals("application/json", before.header("Content-Type"));
      assertTrue(before.text().startsWith("{\"Version\""));
      Reply bad = putPolicy(world, statement("Allow", "'*'", "'s3:Nonsense'", ""));
      assertEquals(400, bad.status());
      assertEquals("MalformedPolicy", bad.element("Code"));
      assertEquals(before.text(), world.send("GET", "/bkt?policy").text());
      assertFalse(bob(world, "GET", "/bkt?policy").text().contains("Statement"));
    });
  }
}
