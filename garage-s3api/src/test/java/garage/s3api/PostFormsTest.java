package garage.s3api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.http.BodyStream;
import garage.http.Headers;
import garage.http.sigv4.CredentialScope;
import garage.http.sigv4.SigningKey;
import garage.s3api.S3World.Reply;
import java.io.ByteArrayOutputStream;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects that are uploaded by HTML forms. */
class PostFormsTest {
  private static final String BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

  /** A form in the order in which a browser sends it. */
  private static final class Filled {
    private final Map<String, String> fields = new LinkedHashMap<>();
    private byte[] file = "hello".getBytes(UTF_8);
    private final String fileName = "C:\\x\\photo.jpg";

    Filled with(String name, String value) {
      fields.put(name, value);
      return this;
    }

    Filled file(byte[] bytes) {
      file = bytes;
      return this;
    }

    byte[] bytes() {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      fields.forEach((name, value) -> {
        out.writeBytes(("--" + BOUNDARY + "\r\n").getBytes(UTF_8));
        String head = "Content-Disposition: form-data; name=\"" + name + "\"\r\n\r\n";
        out.writeBytes((head + value + "\r\n").getBytes(UTF_8));
      });
      String disposition = "Content-Disposition: form-data; name=\"file\"; filename=\"";
      String head = "--" + BOUNDARY + "\r\n" + disposition + fileName + "\"\r\n";
      out.writeBytes((head + "Content-Type: image/jpeg\r\n\r\n").getBytes(UTF_8));
      out.writeBytes(file);
      out.writeBytes(("\r\n--" + BOUNDARY + "--\r\n").getBytes(UTF_8));
      return out.toByteArray();
    }
  }

  private static Reply post(S3World world, byte[] body) {
    return post(world, body, Integer.MAX_VALUE);
  }

  /** Sends the body in pieces of {@code step} bytes. */
  private static Reply post(S3World world, byte[] body, int step) {
    BodyStream whole = BodyStream.of(body);
    BodyStream pieces =
        new BodyStream() {
          @Override
          public int read(byte[] bytes, int offset, int length) {
            return whole.read(bytes, offset, Math.min(length, step));
          }
        };
    Headers headers =
        Headers.of(
            "Host", "localhost", "Content-Type", "multipart/form-data; boundary=" + BOUNDARY);
    return world.deliver("POST", "/bkt", headers, pieces, body.length);
  }

  private static String policy(String expiration, String conditions) {
    String json = "{\"expiration\": \"" + expiration + "\", \"conditions\": [" + conditions + "]}";
    return Base64.getEncoder().encodeToString(json.getBytes(UTF_8));
  }

  private static Filled signed(S3World world, Filled form, String policy) {
    String day = "20250101";
    String secret = world.alice.secret();
    SigningKey key = SigningKey.derive(secret, new CredentialScope(day, "any", "s3"));
    return form.with("x-amz-algorithm", "AWS4-HMAC-SHA256")
        .with("x-amz-credential", world.alice.id() + "/" + day + "/any/s3/aws4_request")
        .with("x-amz-date", day + "T000000Z")
        .with("policy", policy)
        .with("x-amz-signature", key.sign(policy));
  }

  private static final String SIGNING =
      ",[\"starts-with\",\"$x-amz-algorithm\",\"\"],[\"starts-with\",\"$x-amz-credential\",\"\"],"
          + "[\"starts-with\",\"$x-amz-date\",\"\"]";

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2_999, 3_000, 3_001, 262_144, 300_000, 1_000_000})
  void aSignedFormStoresItsFileHoweverItArrives(int size) {
    S3World.run(world -> {
      byte[] file = S3World.random(size, 1);
      String conditions =
          "{\"bucket\": \"bkt\"}, [\"starts-with\", \"$key\", \"up/\"],"
              + "[\"starts-with\", \"$Content-Type\", \"image/\"], {\"x-amz-meta-a\": \"b\"},"
              + "[\"content-length-range\", 0, 1000000]"
              + SIGNING;
      Filled form =
          new Filled()
              .with("key", "up/${filename}")
              .with("Content-Type", "image/jpeg")
              .with("x-amz-meta-a", "b")
              .file(file);
      String policy = policy("2999-01-01T00:00:00Z", conditions);
      byte[] body = signed(world, form, policy).bytes();
      Reply reply = post(world, body, size > 10_000 ? 7_001 : 13);
      assertEquals(204, reply.status(), reply.text());
      assertEquals('"' + S3World.md5(file) + '"', reply.header("ETag"));
      assertEquals("http://localhost/bkt/up/photo.jpg", reply.header("Location"));
      Reply read = world.send("GET", "/bkt/up/photo.jpg");
      assertArrayEquals(file, read.body());
      assertEquals("image/jpeg", read.header("Content-Type"));
      assertEquals("b", read.header("x-amz-meta-a"));
    });
  }

  @Test
  void whatLooksLikeADelimiterIsPartOfTheFile() {
    S3World.run(world -> {
      publish(world);
      byte[] file =
          ("\r\n--" + BOUNDARY.substring(1) + "\r\n--\r\r\n-").repeat(3_000).getBytes(UTF_8);
      for (int step : new int[] {1, 17, 100_000}) {
        Reply reply = post(world, new Filled().with("key", "k" + step).file(file).bytes(), step);
        assertEquals(204, reply.status(), reply.text());
        assertArrayEquals(file, world.send("GET", "/bkt/k" + step).body());
      }
    });
  }

  @Test
  void theOlderSignatureIsTaken() throws Exception {
    Mac mac = Mac.getInstance("HmacSHA1");
    S3World.run(world -> {
      String policy =
          policy("2999-01-01T00:00:00Z", "{\"bucket\": \"bkt\"}, [\"eq\", \"$key\", \"k\"]");
      String signature = sign(mac, world.alice.secret(), policy);
      Filled form =
          new Filled()
              .with("key", "k")
              .with("AWSAccessKeyId", world.alice.id())
              .with("policy", policy)
              .with("signature", signature);
      assertEquals(204, post(world, form.bytes()).status());
      form.with("signature", sign(mac, "wrong", policy));
      assertEquals("SignatureDoesNotMatch", post(world, form.bytes()).element("Code"));
      form.with("AWSAccessKeyId", "GKnone");
      assertEquals("InvalidAccessKeyId", post(world, form.bytes()).element("Code"));
    });
  }

  private static String sign(Mac mac, String secret, String text) {
    try {
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA1"));
    } catch (InvalidKeyException e) {
      throw new AssertionError(e);
    }
    return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(UTF_8)));
  }

  private static void publish(S3World world) {
    String policy =
        """
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
         "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bkt/*"}]}
        """;
    assertEquals(204, world.put("/bkt?policy", policy.getBytes(UTF_8)).status());
  }

  @Test
  void anybodyMayPostWhereEverybodyMayWrite() {
    S3World.run(world -> {
      byte[] form = new Filled().with("key", "k").bytes();
      assertEquals("AccessDenied", post(world, form).element("Code"));
      publish(world);
      assertEquals(204, post(world, form).status());
      assertEquals("hello", world.send("GET", "/bkt/k").text());
    });
  }

  @Test
  void whereVersionsAreKeptEachFormMakesOneAndTellsItsId() {
    S3World.run(world -> {
      publish(world);
      String on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
      assertEquals(200, world.put("/bkt?versioning", on.getBytes(UTF_8)).status());
      byte[] form = new Filled().with("key", "k").bytes();
      String one = post(world, form).header("x-amz-version-id");
      String two = post(world, form).header("x-amz-version-id");
      assertEquals("hello", world.send("GET", "/bkt/k?versionId=" + one).text());
      assertEquals(two, world.send("GET", "/bkt/k").header("x-amz-version-id"));
      assertEquals(2, world.send("GET", "/bkt?versions").count("Version"));
    });
  }

  @Test
  void theFormSaysHowItIsAnswered() {
    S3World.run(world -> {
      publish(world);
      Reply created =
          post(world, new Filled().with("key", "a b").with("success_action_status", "201").bytes());
      assertEquals(201, created.status());
      assertEquals("a b", created.element("Key"));
      assertEquals("http://localhost/bkt/a%20b", created.element("Location"));
      Filled plain = new Filled().with("key", "k").with("success_action_status", "404");
      assertEquals(204, post(world, plain.bytes()).status());
      Filled redirected =
          new Filled().with("key", "k").with("success_action_redirect", "http://a/?x=1");
      Reply redirect = post(world, redirected.bytes());
      assertEquals(303, redirect.status());
      String etag = "%22" + S3World.md5("hello".getBytes(UTF_8)) + "%22";
      assertEquals("http://a/?x=1&bucket=bkt&key=k&etag=" + etag, redirect.header("Location"));
    });
  }

  @Test
  void tagsAndChecksumsComeAsFields() {
    S3World.run(world -> {
      publish(world);
      String tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b c</Value></Tag></TagSet></Tagging>";
      Filled form = new Filled().with("key", "k").with("tagging", tags);
      form.with("x-amz-checksum-crc32", "NhCmhg==");
      assertEquals(204, post(world, form.bytes()).status());
      assertEquals("b c", world.send("GET", "/bkt/k?tagging").element("Value"));
      form.with("x-amz-checksum-crc32", "AAAAAA==").with("key", "other");
      assertEquals("BadDigest", post(world, form.bytes()).element("Code"));
      assertEquals(404, world.send("GET", "/bkt/other").status());
    });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "AccessDenied | 2999-01-01T00:00:00Z | {\"bucket\": \"other\"}, {\"key\": \"k\"}",
        "AccessDenied | 2999-01-01T00:00:00Z | {\"key\": \"k\"}",
        "AccessDenied | 2999-01-01T00:00:00Z | {\"bucket\": \"bkt\"}",
        "AccessDenied | 2999-01-01T00:00:00Z | {\"bucket\": \"bkt\"}, {\"key\": \"l\"}",
        "AccessDenied | 2999-01-01T00:00:00Z | {\"bucket\": \"bkt\"}, {\"key\": \"k\"},"
            + " {\"x-amz-meta-a\": \"b\"}",
        "AccessDenied | 1999-01-01T00:00:00Z | {\"bucket\": \"bkt\"}, {\"key\": \"k\"}",
        "InvalidPolicyDocument | tomorrow | {\"bucket\": \"bkt\"}, {\"key\": \"k\"}",
        "InvalidPolicyDocument | 2999-01-01T00:00:00Z | {}",
        "InvalidPolicyDocument | 2999-01-01T00:00:00Z | [\"like\", \"$key\", \"k\"]",
        "InvalidPolicyDocument | 2999-01-01T00:00:00Z | [\"content-length-range\", 1]",
        "InvalidPolicyDocument | 2999-01-01T00:00:00Z | [\"content-length-range\", -1, 5]",
        "EntityTooLarge | 2999-01-01T00:00:00Z | {\"bucket\": \"bkt\"}, {\"key\": \"k\"},"
            + " [\"content-length-range\", 0, 4]",
        "EntityTooSmall | 2999-01-01T00:00:00Z | {\"bucket\": \"bkt\"}, {\"key\": \"k\"},"
            + " [\"content-length-range\", 6, 9]",
      })
  void whatThePolicyDoesNotAllowIsRefused(String code, String expiration, String conditions) {
    S3World.run(world -> {
      Filled form = new Filled().with("key", "k");
      String policy = policy(expiration, conditions + SIGNING);
      Reply reply = post(world, signed(world, form, policy).bytes());
      assertEquals(code, reply.element("Code"), reply.text());
      assertEquals(404, world.send("GET", "/bkt/k").status());
      assertEquals(0, world.blocks.lentBytes());
    });
  }

  @Test
  void formsThatAreNoneAreRefused() {
    S3World.run(world -> {
      publish(world);
      Reply other =
          world.deliver(
              "POST",
              "/bkt",
              Headers.of("Host", "localhost", "Content-Type", "text/plain"),
              BodyStream.of(new byte[3]),
              3);
      assertEquals(412, other.status());
      byte[] form = new Filled().with("key", "k").bytes();
      byte[] cut = Arrays.copyOf(form, form.length - 20);
      assertEquals("MalformedPOSTRequest", post(world, cut).element("Code"));
      assertEquals("InvalidArgument", post(world, new Filled().bytes()).element("Code"));
      Filled huge = new Filled().with("key", "k").with("x-ignore-a", "a".repeat(30_000));
      assertEquals("MaxPostPreDataLengthExceededError", post(world, huge.bytes()).element("Code"));
      String end = "--" + BOUNDARY + "--\r\n";
      assertTrue(post(world, end.getBytes(UTF_8)).text().contains("exactly one file"));
      assertEquals(404, world.send("GET", "/bkt/k").status());
    });
  }
}
