package garage.s3api;

import static garage.s3api.S3World.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.http.BodyStream;
import garage.http.Headers;
import garage.http.ProtocolError;
import garage.http.ResponseBody;
import garage.http.sigv4.Credentials;
import garage.http.sigv4.RequestSigner;
import garage.model.bucket.Bucket;
import garage.model.bucket.Permissions;
import garage.s3api.S3World.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Buckets, who may do what with them, and how refusals look. */
class BucketOperationsTest {
  @Test
  void bucketsAreMadeListedAndDeleted() {
    S3World.run(world -> {
      assertEquals("/bkt2", world.send("PUT", "/bkt2").header("Location"));
      Reply list = world.send("GET", "/");
      assertEquals(2, list.count("Bucket"));
      assertEquals(world.alice.canonicalId(), list.element("ID"));
      assertEquals(0, world.send(world.bob, "GET", "/", new byte[0]).count("Bucket"));
      Reply page = world.send("GET", "/?max-buckets=1");
      assertEquals("bkt", page.element("ContinuationToken"));
      Reply next = world.send("GET", "/?max-buckets=1&continuation-token=bkt");
      assertEquals("bkt2", next.element("Name"));
      assertNull(next.element("ContinuationToken"));
      assertEquals(200, world.send("HEAD", "/bkt2").status());
      assertEquals("garage", world.send("HEAD", "/bkt2").header("x-amz-bucket-region"));
      assertEquals(204, world.send("DELETE", "/bkt2").status());
      assertEquals(404, world.send("HEAD", "/bkt2").status());
      assertEquals("NoSuchBucket", world.send("GET", "/bkt2").element("Code"));
    });
  }

  @Test
  void bucketsWithObjectsAreNotDeleted() {
    S3World.run(world -> {
      world.put("/bkt/k", random(1, 1));
      assertEquals("BucketNotEmpty", world.send("DELETE", "/bkt").element("Code"));
      world.send("DELETE", "/bkt/k");
      world.send("POST", "/bkt/k?uploads");
      assertEquals(204, world.send("DELETE", "/bkt").status());
    });
  }

  @Test
  void namesAreTakenOnce() {
    S3World.run(world -> {
      assertEquals("BucketAlreadyOwnedByYou", world.send("PUT", "/bkt").element("Code"));
      Reply other = world.send(world.bob, "PUT", "/bkt", new byte[0]);
      assertEquals(409, other.status());
      assertEquals("BucketAlreadyExists", other.element("Code"));
      assertEquals("InvalidBucketName", world.send("PUT", "/B_").element("Code"));
      world.model.keys().allowCreateBucket(world.bob, false, world.deadline());
      assertEquals(403, world.send(world.bob, "PUT", "/cont", new byte[0]).status());
    });
  }

  @Test
  void locationMustBeThisRegion() {
    S3World.run(world -> {
      assertEquals(200, world.put("/cont1", location("garage")).status());
      Reply other = world.put("/cont2", location("eu-west-1"));
      assertEquals("InvalidLocationConstraint", other.element("Code"));
      assertTrue(world.send("GET", "/cont1?location").text().contains(">garage<"));
      assertTrue(world.send("GET", "/cont1?versioning").text().contains("VersioningConfig"));
    });
  }

  private static byte[] location(String region) {
    return ("<CreateBucketConfiguration><LocationConstraint>"
            + region
            + "</LocationConstraint></CreateBucketConfiguration>")
        .getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void grantsDecideWhatAKeyMayDo() {
    S3World.run(world -> {
      Bucket bucket = world.model.buckets().resolve("bkt", null, world.deadline()).orElseThrow();
      assertEquals(403, bob(world, "GET", "/bkt").status());
      bucket = allow(world, bucket, new Permissions(true, false, false));
      assertEquals(200, bob(world, "GET", "/bkt").status());
      assertEquals(403, bob(world, "PUT", "/bkt/k").status());
      bucket = allow(world, bucket, new Permissions(false, true, false));
      assertEquals(200, bob(world, "PUT", "/bkt/k").status());
      assertEquals(403, bob(world, "DELETE", "/bkt").status());
      Reply owner = world.send("GET", "/bkt", "x-amz-expected-bucket-owner", world.bob.id());
      assertEquals("AccessDenied", owner.element("Code"));
      allow(world, bucket, new Permissions(false, false, true));
      bob(world, "DELETE", "/bkt/k");
      assertEquals(204, bob(world, "DELETE", "/bkt").status());
    });
  }

  private static Bucket allow(S3World world, Bucket bucket, Permissions permissions) {
    return world.model.buckets().allow(bucket, world.bob.id(), permissions, world.deadline());
  }

  private static Reply bob(S3World world, String method, String target) {
    return world.send(world.bob, method, target, new byte[0]);
  }

  @Test
  void objectsAreListed() {
    S3World.run(world -> {
      for (String key : new String[] {"a", "d/1", "d/2", "d//3", "e%F0%9F%98%80", "z"}) {
        world.put("/bkt/" + key, random(3, 1));
      }
      Reply all = world.send("GET", "/bkt?list-type=2");
      assertEquals(6, all.count("Contents"));
      assertEquals("6", all.element("KeyCount"));
      Reply folders = world.send("GET", "/bkt?list-type=2&delimiter=/&max-keys=2");
      assertEquals(1, folders.count("CommonPrefixes"));
      assertEquals("true", folders.element("IsTruncated"));
      String token = folders.element("NextContinuationToken");
      assertNotNull(token);
      Reply rest = world.send("GET", "/bkt?list-type=2&delimiter=/&continuation-token=" + token);
      assertEquals(2, rest.count("Contents"));
      assertEquals(0, rest.count("CommonPrefixes"));
      Reply v1 = world.send("GET", "/bkt?delimiter=/&max-keys=2");
      assertEquals("d/", v1.element("NextMarker"));
      Reply v1rest = world.send("GET", "/bkt?delimiter=/&marker=d/&encoding-type=url");
      assertEquals(2, v1rest.count("Contents"));
      assertEquals("e%F0%9F%98%80", v1rest.element("Key"));
      Reply none = world.send("GET", "/bkt?max-keys=0");
      assertEquals("false", none.element("IsTruncated"));
      assertEquals(0, none.count("Contents"));
      Reply bad = world.send("GET", "/bkt?list-type=2&continuation-token=xyz");
      assertEquals("InvalidArgument", bad.element("Code"));
    });
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, /bkt?accelerate, 501, NotImplemented",
    "PATCH, /bkt/k, 405, MethodNotAllowed",
    "GET, /bkt/k?versionId=1, 400, InvalidArgument",
    "PUT, /bkt/k?retention, 400, InvalidRequest",
    "GET, /bkt/k?torrent, 501, NotImplemented",
    "GET, /Bad_Name, 400, InvalidBucketName",
  })
  void whatIsNotThereIsRefused(String method, String target, int status, String code) {
    S3World.run(world -> {
      Reply reply = world.send(method, target);
      assertEquals(status, reply.status());
      assertEquals(code, reply.element("Code"));
      assertEquals(reply.header("x-amz-request-id"), reply.element("RequestId"));
    });
  }

  @Test
  void requestsNotRightlySignedAreRefused() {
    S3World.run(world -> {
      Headers host = Headers.of("Host", "localhost");
      Reply anonymous = world.deliver("GET", "/bkt", host, BodyStream.of(new byte[0]), 0);
      assertEquals(403, anonymous.status());
      assertEquals("AccessDenied", anonymous.element("Code"));
      assertEquals("InvalidAccessKeyId", signed(world, "GK00", "s", Duration.ZERO).element("Code"));
      Reply wrong = signed(world, world.alice.id(), "wrong", Duration.ZERO);
      assertEquals(403, wrong.status());
      assertEquals("SignatureDoesNotMatch", wrong.element("Code"));
      Reply skewed = signed(world, world.alice.id(), world.alice.secret(), Duration.ofHours(1));
      assertEquals("RequestTimeTooSkewed", skewed.element("Code"));
      Reply right = signed(world, world.alice.id(), world.alice.secret(), Duration.ZERO);
      assertEquals(200, right.status());
    });
  }

  private static Reply signed(S3World world, String id, String secret, Duration ahead) {
    Headers headers =
        new RequestSigner(new Credentials(id, secret), "elsewhere", "s3")
            .sign(
                new RequestSigner.Unsigned("GET", "/bkt", Headers.of("Host", "localhost")),
                "UNSIGNED-PAYLOAD",
                world.node.clock().now().plus(ahead))
            .headers();
    return world.deliver("GET", "/bkt", headers, BodyStream.of(new byte[0]), 0);
  }

  @Test
  void presignedRequestsAreServedAtVirtualHosts() {
    S3World.run(world -> {
      Headers host = Headers.of("Host", "bkt.s3.test:3900");
      RequestSigner signer =
          new RequestSigner(new Credentials(world.alice.id(), world.alice.secret()), "any", "s3");
      byte[] bytes = random(100, 1);
      String put = presign(world, signer, "PUT", "/dir/k?x-amz-meta-a=1", host);
      Headers length = host.with("Content-Length", "100");
      assertEquals(200, world.deliver("PUT", put, length, BodyStream.of(bytes), 100).status());
      String get = presign(world, signer, "GET", "/dir/k", host);
      Reply reply = world.deliver("GET", get, host, BodyStream.of(new byte[0]), 0);
      assertEquals(100, reply.body().length);
      assertEquals("1", reply.header("x-amz-meta-a"), "a header that moved into the query");
      String tagged = presign(world, signer, "PUT", "/k?x-amz-tagging=a%3Db", host);
      assertEquals(200, world.deliver("PUT", tagged, length, BodyStream.of(bytes), 100).status());
      assertEquals("1", world.send("HEAD", "/bkt/k").header("x-amz-tagging-count"));
      world.node.clock().sleep(Duration.ofHours(1));
      Reply late = world.deliver("GET", get, host, BodyStream.of(new byte[0]), 0);
      assertEquals("AccessDenied", late.element("Code"));
      assertEquals("Request has expired", late.element("Message"));
    });
  }

  private static String presign(
      S3World world, RequestSigner signer, String method, String target, Headers headers) {
    return signer.presign(
        new RequestSigner.Unsigned(method, target, headers),
        world.node.clock().now(),
        Duration.ofMinutes(10));
  }

  @Test
  void sessionTokensAreRefused() {
    S3World.run(world ->
        assertEquals(
            "InvalidToken",
            world.send("GET", "/bkt", "x-amz-security-token", "t").element("Code")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"MALFORMED", "HEAD_TOO_LARGE", "TOO_MANY_CONNECTIONS", "BAD_TARGET"})
  void refusalsOfTheServerAreDocumentsToo(String kind) {
    S3World.run(world -> {
      ProtocolError error = new ProtocolError(ProtocolError.Kind.valueOf(kind), "detail");
      var response = world.service.refuse(error, "ID");
      assertEquals("ID", response.headers().first("x-amz-request-id"));
      assertTrue(response.status() >= 400);
      assertTrue(response.body() instanceof ResponseBody.Bytes b && b.bytes().length > 50);
    });
  }
}
