package garage.server.it;

import static garage.server.it.ServerUnderTest.BUCKET;
import static garage.server.it.ServerUnderTest.KEY_ID;
import static garage.server.it.ServerUnderTest.SECRET_KEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.Bucket;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Who may do what: errors as AWS sends them, other clients' signatures, presigned addresses. */
class S3RefusalsTest extends SingleNodeTest {
  private static S3Presigner presigner;
  private static HttpClient http;

  @BeforeAll
  static void start() {
    presigner =
        S3Presigner.builder()
            .endpointOverride(server.files().endpoint())
            .region(Region.of(NodeFiles.REGION))
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY_ID, SECRET_KEY)))
            .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(true).build())
            .build();
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterAll
  static void stop() {
    http.close();
    presigner.close();
  }

  @Test
  void whatIsNotThereIsNotFound() {
    assertRefused(404, "NoSuchKey", () -> s3.getObjectAsBytes(b -> b.bucket(BUCKET).key("none")));
    assertRefused(404, "NoSuchBucket", () -> s3.listObjectsV2(b -> b.bucket("no-such-bucket")));
    assertRefused(
        404, "NoSuchBucket", () -> s3.getObjectAsBytes(b -> b.bucket("no-such-bucket").key("x")));
    assertRefused(
        404,
        "NoSuchBucket",
        () ->
            s3.putObject(
                b -> b.bucket("no-such-bucket").key("x"),
                RequestBody.fromBytes(new Content(1, 3 << 20).bytes())));
  }

  @Test
  void aWrongSecretAndAnUnknownKeyAreRefused() {
    try (S3Client wrong = server.client(KEY_ID, SECRET_KEY.replace('0', '1'));
        S3Client unknown = server.client("GK" + "9".repeat(24), SECRET_KEY)) {
      assertRefused(403, "SignatureDoesNotMatch", wrong::listBuckets);
      assertRefused(
          403,
          "SignatureDoesNotMatch",
          () ->
              wrong.putObject(
                  b -> b.bucket(BUCKET).key("x"),
                  RequestBody.fromBytes(new Content(2, 2 << 20).bytes())));
      assertRefused(403, "InvalidAccessKeyId", unknown::listBuckets);
    }
    assertRefused(404, "NoSuchKey", () -> s3.getObjectAsBytes(b -> b.bucket(BUCKET).key("x")));
  }

  @Test
  void anyRegionIsAcceptedIfTheSignatureIsRight() {
    try (S3Client elsewhere =
        server.clientBuilder(KEY_ID, SECRET_KEY).region(Region.EU_WEST_3).build()) {
      elsewhere.putObject(b -> b.bucket(BUCKET).key("region"), RequestBody.fromString("any"));
      assertEquals(
          "any", elsewhere.getObjectAsBytes(b -> b.bucket(BUCKET).key("region")).asUtf8String());
    }
  }

  @Test
  void aRequestWithoutSignatureIsDenied() throws Exception {
    s3.putObject(b -> b.bucket(BUCKET).key("private"), RequestBody.fromString("secret"));
    for (String path : new String[] {"/", "/" + BUCKET, "/" + BUCKET + "/private"}) {
      HttpResponse<String> reply =
          http.send(
              HttpRequest.newBuilder(URI.create(server.files().endpoint() + path)).build(),
              BodyHandlers.ofString());
      assertEquals(403, reply.statusCode(), path);
      assertTrue(reply.body().contains("<Code>AccessDenied</Code>"), reply.body());
      assertTrue(reply.headers().firstValue("x-amz-request-id").isPresent());
      assertTrue(
          reply
              .body()
              .contains(
                  "<RequestId>"
                      + reply.headers().firstValue("x-amz-request-id").get()
                      + "</RequestId>"),
          reply.body());
    }
  }

  @Test
  void bucketsAreMadeListedAndDeletedOnlyWhenEmpty() {
    s3.createBucket(b -> b.bucket("mine"));
    assertRefused(409, "BucketAlreadyOwnedByYou", () -> s3.createBucket(b -> b.bucket("mine")));
    assertTrue(s3.listBuckets().buckets().stream().map(Bucket::name).anyMatch("mine"::equals));
    s3.headBucket(b -> b.bucket("mine"));
    assertEquals(
        NodeFiles.REGION, s3.getBucketLocation(b -> b.bucket("mine")).locationConstraintAsString());
    s3.putObject(b -> b.bucket("mine").key("x"), RequestBody.empty());
    assertRefused(409, "BucketNotEmpty", () -> s3.deleteBucket(b -> b.bucket("mine")));
    s3.deleteObject(b -> b.bucket("mine").key("x"));
    s3.deleteBucket(b -> b.bucket("mine"));
    assertRefused(404, "NoSuchBucket", () -> s3.listObjectsV2(b -> b.bucket("mine")));
    assertRefused(
        400, "InvalidBucketName", () -> s3.createBucket(b -> b.bucket("xn--not-a-bucket")));
  }

  @Test
  void aKeyWithoutGrantIsDenied() {
    String made = server.cli("key", "create", "stranger").succeeded();
    String id = field(made, "Access Key ID:");
    String secret = field(made, "Secret key:");
    s3.putObject(b -> b.bucket(BUCKET).key("guarded"), RequestBody.fromString("x"));
    try (S3Client stranger = server.client(id, secret)) {
      assertRefused(
          403,
          "AccessDenied",
          () -> stranger.getObjectAsBytes(b -> b.bucket(BUCKET).key("guarded")));
      assertRefused(403, "AccessDenied", () -> stranger.createBucket(b -> b.bucket("theirs")));
      server.cli("bucket", "allow", "--read", BUCKET, "--key", "stranger").succeeded();
      assertEquals(
          "x", stranger.getObjectAsBytes(b -> b.bucket(BUCKET).key("guarded")).asUtf8String());
      assertRefused(
          403, "AccessDenied", () -> stranger.deleteObject(b -> b.bucket(BUCKET).key("guarded")));
    }
  }

  @Test
  void aPresignedAddressPutsAndGets() throws Exception {
    byte[] body = new Content(3, (1 << 20) + 5).bytes();
    URL put =
        presigner
            .presignPutObject(b ->
                b.signatureDuration(Duration.ofMinutes(5))
                    .putObjectRequest(
                        r -> r.bucket(BUCKET).key("pre signed/é+").contentType("a/b")))
            .url();
    HttpResponse<String> stored =
        http.send(
            HttpRequest.newBuilder(put.toURI())
                .header("Content-Type", "a/b")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            BodyHandlers.ofString());
    assertEquals(200, stored.statusCode(), stored.body());
    URL get = presignedGet("pre signed/é+");
    HttpResponse<byte[]> read = http.send(request(get), BodyHandlers.ofByteArray());
    assertEquals(200, read.statusCode());
    Content.assertSame(body, read.body(), "the presigned object");
    HttpResponse<String> part =
        http.send(
            HttpRequest.newBuilder(get.toURI()).header("Range", "bytes=0-9").build(),
            BodyHandlers.ofString());
    assertEquals(206, part.statusCode());
  }

  @Test
  void anUploadInPartsMayBePresignedFromItsBeginningToItsEnd() throws Exception {
    Duration minutes = Duration.ofMinutes(5);
    String begun =
        answer(
            "POST",
            presigner
                .presignCreateMultipartUpload(b ->
                    b.signatureDuration(minutes)
                        .createMultipartUploadRequest(r -> r.bucket(BUCKET).key("presigned")))
                .url(),
            "");
    String id = begun.replaceAll("(?s).*<UploadId>(.*)</UploadId>.*", "$1");
    URL part =
        presigner
            .presignUploadPart(b ->
                b.signatureDuration(minutes)
                    .uploadPartRequest(
                        r -> r.bucket(BUCKET).key("presigned").uploadId(id).partNumber(1)))
            .url();
    answer("PUT", part, "the only part");
    String tag =
        s3.listParts(b -> b.bucket(BUCKET).key("presigned").uploadId(id)).parts().getFirst().eTag();
    URL completion =
        presigner
            .presignCompleteMultipartUpload(b ->
                b.signatureDuration(minutes)
                    .completeMultipartUploadRequest(
                        r -> r.bucket(BUCKET).key("presigned").uploadId(id)))
            .url();
    String done =
        answer(
            "POST",
            completion,
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"
                + tag
                + "</ETag></Part></CompleteMultipartUpload>");
    assertTrue(done.contains("<CompleteMultipartUploadResult"), done);
    assertEquals("the only part", answer("GET", presignedGet("presigned"), ""));
  }

  private static String answer(String method, URL url, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(url.toURI())
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> reply = http.send(request, BodyHandlers.ofString());
    assertEquals(200, reply.statusCode(), reply.body());
    return reply.body();
  }

  @Test
  void aPresignedAddressIsGoodForNothingElse() throws Exception {
    s3.putObject(b -> b.bucket(BUCKET).key("one"), RequestBody.fromString("1"));
    s3.putObject(b -> b.bucket(BUCKET).key("two"), RequestBody.fromString("2"));
    URL one = presignedGet("one");
    String other = one.toString().replace("/one?", "/two?");
    assertEquals(403, status(HttpRequest.newBuilder(URI.create(other)).build()));
    assertEquals(403, status(HttpRequest.newBuilder(one.toURI()).DELETE().build()));
    String longer = one.toString().replace("X-Amz-Expires=300", "X-Amz-Expires=3000");
    assertEquals(403, status(HttpRequest.newBuilder(URI.create(longer)).build()));
    String more = one + "&response-content-type=text%2Fhtml";
    assertEquals(403, status(HttpRequest.newBuilder(URI.create(more)).build()));
    assertEquals(200, status(request(one)));
  }

  private static URL presignedGet(String key) {
    return presigner
        .presignGetObject(b ->
            b.signatureDuration(Duration.ofMinutes(5))
                .getObjectRequest(r -> r.bucket(BUCKET).key(key)))
        .url();
  }

  private static HttpRequest request(URL url) throws URISyntaxException {
    return HttpRequest.newBuilder(url.toURI()).build();
  }

  private static int status(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, BodyHandlers.discarding()).statusCode();
  }

  private static String field(String text, String label) {
    return text.lines()
        .filter(line -> line.startsWith(label))
        .map(line -> line.substring(label.length()).strip())
        .findFirst()
        .orElseThrow(() -> new AssertionError(label + " is not in\n" + text));
  }
}
