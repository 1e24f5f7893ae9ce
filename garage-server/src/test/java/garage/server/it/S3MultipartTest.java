package garage.server.it;

import static garage.server.it.ServerUnderTest.BUCKET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;

/** Multipart uploads through the AWS SDK as it comes. */
class S3MultipartTest extends SingleNodeTest {
  private static final int MEBIBYTE = 1 << 20;
  private static final int PART_MIN = 5 * MEBIBYTE;
  private static final String AES = "AES256";

  @Test
  void partsSentInAnyOrderAndMoreThanOnceBecomeOneObject() throws Exception {
    byte[] whole = new Content(1, 2 * PART_MIN + 17 + 333).bytes();
    int second = PART_MIN + 17;
    String id =
        s3.createMultipartUpload(b ->
                b.bucket(BUCKET)
                    .key("big")
                    .contentType("application/parquet")
                    .metadata(Map.of("k", "v")))
            .uploadId();
    byte[][] parts = {
      Arrays.copyOfRange(whole, 0, PART_MIN),
      Arrays.copyOfRange(whole, PART_MIN, PART_MIN + second),
      Arrays.copyOfRange(whole, PART_MIN + second, whole.length)
    };
    CompletedPart third = part("big", id, 3, parts[2]);
    part("big", id, 2, new Content(2, 1000).bytes()); // replaced by the next
    CompletedPart middle = part("big", id, 2, parts[1]);
    CompletedPart first = part("big", id, 1, parts[0]);
    assertEquals(
        List.of(1, 2, 3),
        s3.listParts(b -> b.bucket(BUCKET).key("big").uploadId(id)).parts().stream()
            .map(Part::partNumber)
            .toList());
    assertStatus(404, () -> s3.headObject(b -> b.bucket(BUCKET).key("big")));
    CompleteMultipartUploadResponse done = complete("big", id, List.of(first, middle, third));
    assertEquals('"' + compositeMd5(parts) + "-3\"", done.eTag());
    HeadObjectResponse head = s3.headObject(b -> b.bucket(BUCKET).key("big"));
    assertEquals(whole.length, head.contentLength());
    assertEquals("application/parquet", head.contentType());
    assertEquals(Map.of("k", "v"), head.metadata());
    Content.assertSame(whole, get("big"), "big");
    byte[] across =
        s3.getObjectAsBytes(b ->
                b.bucket(BUCKET)
                    .key("big")
                    .range("bytes=" + (PART_MIN - 10) + "-" + (PART_MIN + 9)))
            .asByteArray();
    Content.assertSame(Arrays.copyOfRange(whole, PART_MIN - 10, PART_MIN + 10), across, "across");
    var byNumber = s3.getObjectAsBytes(b -> b.bucket(BUCKET).key("big").partNumber(3));
    Content.assertSame(parts[2], byNumber.asByteArray(), "the third part");
    assertEquals(3, byNumber.response().partsCount());
  }

  @Test
  void anObjectOf48MebibytesComesBack() {
    int partBytes = 8 * MEBIBYTE;
    String id = begin("huge");
    List<CompletedPart> parts = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      parts.add(part("huge", id, i + 1, new Content(100 + i, partBytes).bytes()));
    }
    complete("huge", id, parts);
    byte[] whole = get("huge");
    assertEquals(6 * partBytes, whole.length);
    for (int i = 0; i < 6; i++) {
      Content.assertSame(
          new Content(100 + i, partBytes).bytes(),
          Arrays.copyOfRange(whole, i * partBytes, (i + 1) * partBytes),
          "part " + i);
    }
  }

  @Test
  void partsAreCopiedFromObjects() {
    byte[] source = new Content(3, PART_MIN + MEBIBYTE).bytes();
    s3.putObject(b -> b.bucket(BUCKET).key("source"), RequestBody.fromBytes(source));
    String id = begin("assembled");
    CompletedPart whole = copied("assembled", id, 1, null);
    CompletedPart some = copied("assembled", id, 2, "bytes=1000-2000000");
    complete("assembled", id, List.of(whole, some));
    s3.deleteObject(b -> b.bucket(BUCKET).key("source"));
    ByteBuffer expected =
        ByteBuffer.allocate(source.length + 1_999_001).put(source).put(source, 1000, 1_999_001);
    Content.assertSame(expected.array(), get("assembled"), "assembled");
  }

  @Test
  void anAbortedUploadIsGone() {
    String id = begin("aborted");
    CompletedPart part = part("aborted", id, 1, new Content(4, 100).bytes());
    assertTrue(uploads().contains(id));
    s3.abortMultipartUpload(b -> b.bucket(BUCKET).key("aborted").uploadId(id));
    assertTrue(!uploads().contains(id));
    assertRefused(404, "NoSuchUpload", () -> complete("aborted", id, List.of(part)));
    assertRefused(404, "NoSuchUpload", () -> part("aborted", id, 2, new byte[1]));
    assertStatus(404, () -> s3.headObject(b -> b.bucket(BUCKET).key("aborted")));
  }

  @Test
  void anUploadNobodyBeganIsNotFound() {
    assertRefused(404, "NoSuchUpload", () -> part("nothing", "0".repeat(64), 1, new byte[1]));
    assertRefused(404, "NoSuchUpload", () -> part("nothing", "../../x", 1, new byte[1]));
  }

  @Test
  void partsThatAreTooSmallMissingOrOutOfOrderAreRefusedAndTheUploadGoesOn() {
    String id = begin("strict");
    CompletedPart one = part("strict", id, 1, new Content(5, PART_MIN - 1).bytes());
    CompletedPart two = part("strict", id, 2, new Content(6, 10).bytes());
    assertRefused(400, "EntityTooSmall", () -> complete("strict", id, List.of(one, two)));
    CompletedPart unknown = CompletedPart.builder().partNumber(3).eTag(one.eTag()).build();
    assertRefused(400, "InvalidPart", () -> complete("strict", id, List.of(one, unknown)));
    CompletedPart wrong = CompletedPart.builder().partNumber(1).eTag(two.eTag()).build();
    assertRefused(400, "InvalidPart", () -> complete("strict", id, List.of(wrong, two)));
    CompletedPart enough = part("strict", id, 1, new Content(5, PART_MIN).bytes());
    assertRefused(400, "InvalidPartOrder", () -> complete("strict", id, List.of(two, enough)));
    complete("strict", id, List.of(enough, two));
    assertEquals(PART_MIN + 10, get("strict").length);
  }

  /** The reply may have been lost, so a client asks again. */
  @Test
  void aCompletionThatIsRepeatedSucceedsAgain() {
    String id = begin("twice");
    List<CompletedPart> parts = List.of(part("twice", id, 1, new Content(7, 10).bytes()));
    String first = complete("twice", id, parts).eTag();
    assertEquals(first, complete("twice", id, parts).eTag());
    Content.assertSame(new Content(7, 10).bytes(), get("twice"), "twice");
  }

  @Test
  void uploadsAreListedInPages() {
    List<String> begun = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      begun.add(begin("pages/" + i));
    }
    List<String> listed = new ArrayList<>();
    s3
        .listMultipartUploadsPaginator(b -> b.bucket(BUCKET).prefix("pages/").maxUploads(2))
        .uploads()
        .stream()
        .map(MultipartUpload::uploadId)
        .forEach(listed::add);
    assertEquals(begun, listed);
  }

  @Test
  void whatIsEncryptedWithAClientsKeyIsReadWithItOnly() throws Exception {
    String key = base64(new Content(8, 32).bytes());
    String sum = md5(key);
    byte[] whole = new Content(9, 2 * PART_MIN).bytes();
    s3.putObject(
        b ->
            b.bucket(BUCKET)
                .key("sealed")
                .sseCustomerAlgorithm(AES)
                .sseCustomerKey(key)
                .sseCustomerKeyMD5(sum),
        RequestBody.fromBytes(Arrays.copyOf(whole, PART_MIN)));
    String id =
        s3.createMultipartUpload(b ->
                b.bucket(BUCKET)
                    .key("parts")
                    .sseCustomerAlgorithm(AES)
                    .sseCustomerKey(key)
                    .sseCustomerKeyMD5(sum))
            .uploadId();
    String first =
        s3.uploadPartCopy(b ->
                b.sourceBucket(BUCKET)
                    .sourceKey("sealed")
                    .copySourceSSECustomerAlgorithm(AES)
                    .copySourceSSECustomerKey(key)
                    .copySourceSSECustomerKeyMD5(sum)
                    .destinationBucket(BUCKET)
                    .destinationKey("parts")
                    .uploadId(id)
                    .partNumber(1)
                    .sseCustomerAlgorithm(AES)
                    .sseCustomerKey(key)
                    .sseCustomerKeyMD5(sum))
            .copyPartResult()
            .eTag();
    String second =
        s3.uploadPart(
                b ->
                    b.bucket(BUCKET)
                        .key("parts")
                        .uploadId(id)
                        .partNumber(2)
                        .sseCustomerAlgorithm(AES)
                        .sseCustomerKey(key)
                        .sseCustomerKeyMD5(sum),
                RequestBody.fromBytes(Arrays.copyOfRange(whole, PART_MIN, whole.length)))
            .eTag();
    complete(
        "parts",
        id,
        List.of(
            CompletedPart.builder().partNumber(1).eTag(first).build(),
            CompletedPart.builder().partNumber(2).eTag(second).build()));
    byte[] across =
        s3.getObjectAsBytes(b ->
                b.bucket(BUCKET)
                    .key("parts")
                    .sseCustomerAlgorithm(AES)
                    .sseCustomerKey(key)
                    .sseCustomerKeyMD5(sum)
                    .range("bytes=" + (PART_MIN - 10) + "-" + (PART_MIN + 9)))
            .asByteArray();
    Content.assertSame(Arrays.copyOfRange(whole, PART_MIN - 10, PART_MIN + 10), across, "across");
    assertStatus(400, () -> s3.headObject(b -> b.bucket(BUCKET).key("parts")));
    String other = base64(new Content(10, 32).bytes());
    String otherSum = md5(other);
    assertStatus(
        403,
        () ->
            s3.getObjectAsBytes(b ->
                b.bucket(BUCKET)
                    .key("parts")
                    .sseCustomerAlgorithm(AES)
                    .sseCustomerKey(other)
                    .sseCustomerKeyMD5(otherSum)));
    s3.copyObject(b ->
        b.sourceBucket(BUCKET)
            .sourceKey("parts")
            .copySourceSSECustomerAlgorithm(AES)
            .copySourceSSECustomerKey(key)
            .copySourceSSECustomerKeyMD5(sum)
            .destinationBucket(BUCKET)
            .destinationKey("opened"));
    Content.assertSame(whole, get("opened"), "opened");
  }

  private static String md5(String base64) throws NoSuchAlgorithmException {
    return base64(MessageDigest.getInstance("MD5").digest(Base64.getDecoder().decode(base64)));
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String begin(String key) {
    return s3.createMultipartUpload(b -> b.bucket(BUCKET).key(key)).uploadId();
  }

  private static CompletedPart part(String key, String id, int number, byte[] bytes) {
    String eTag =
        s3.uploadPart(
                b -> b.bucket(BUCKET).key(key).uploadId(id).partNumber(number),
                RequestBody.fromBytes(bytes))
            .eTag();
    return CompletedPart.builder().partNumber(number).eTag(eTag).build();
  }

  private static CompletedPart copied(String key, String id, int number, @Nullable String range) {
    String eTag =
        s3.uploadPartCopy(b ->
                b.sourceBucket(BUCKET)
                    .sourceKey("source")
                    .destinationBucket(BUCKET)
                    .destinationKey(key)
                    .uploadId(id)
                    .partNumber(number)
                    .copySourceRange(range))
            .copyPartResult()
            .eTag();
    return CompletedPart.builder().partNumber(number).eTag(eTag).build();
  }

  private static CompleteMultipartUploadResponse complete(
      String key, String id, List<CompletedPart> parts) {
    return s3.completeMultipartUpload(
        b -> b.bucket(BUCKET).key(key).uploadId(id).multipartUpload(u -> u.parts(parts)));
  }

  private static byte[] get(String key) {
    return s3.getObjectAsBytes(b -> b.bucket(BUCKET).key(key)).asByteArrayUnsafe();
  }

  private static List<String> uploads() {
    return s3.listMultipartUploads(b -> b.bucket(BUCKET)).uploads().stream()
        .map(MultipartUpload::uploadId)
        .toList();
  }

  private static String compositeMd5(byte[]... parts) throws NoSuchAlgorithmException {
    MessageDigest all = MessageDigest.getInstance("MD5");
    for (byte[] part : parts) {
      all.update(MessageDigest.getInstance("MD5").digest(part));
    }
    return HexFormat.of().formatHex(all.digest());
  }
}
