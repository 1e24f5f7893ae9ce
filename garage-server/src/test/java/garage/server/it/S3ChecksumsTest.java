package garage.server.it;

import static garage.server.it.ServerUnderTest.BUCKET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import garage.http.Headers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.GetObjectAttributesResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectAttributes;
import software.amazon.awssdk.services.s3.model.ObjectPart;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Every checksum algorithm in every place one can be: given in a header, computed by the client
 * behind the body, of parts, of all of an object, of a copy. The references are this test's own.
 */
class S3ChecksumsTest extends SingleNodeTest {
  private static final int PART_MIN = 5 << 20;
  private static final byte[] FIRST = new Content(21, PART_MIN).bytes();
  private static final byte[] LAST = new Content(22, 70_001).bytes();

  /** An algorithm, and what the names of its members in the SDK's classes end in. */
  enum Kind {
    CRC32(ChecksumAlgorithm.CRC32),
    CRC32C(ChecksumAlgorithm.CRC32_C),
    CRC64NVME(ChecksumAlgorithm.CRC64_NVME),
    SHA1(ChecksumAlgorithm.SHA1),
    SHA256(ChecksumAlgorithm.SHA256);

    final ChecksumAlgorithm algorithm;

    Kind(ChecksumAlgorithm algorithm) {
      this.algorithm = algorithm;
    }

    private String member() {
      return "Checksum" + name();
    }

    byte[] raw(byte[]... pieces) {
      return switch (this) {
        case CRC32 -> four(crc(new CRC32(), pieces));
        case CRC32C -> four(crc(new CRC32C(), pieces));
        case CRC64NVME -> ByteBuffer.allocate(8).putLong(crc64(pieces)).array();
        case SHA1 -> digest("SHA-1", pieces);
        case SHA256 -> digest("SHA-256", pieces);
      };
    }

    /** Of all the bytes. */
    String full(byte[]... pieces) {
      return Base64.getEncoder().encodeToString(raw(pieces));
    }

    /** Of the checksums of the parts. */
    String composite(byte[]... parts) {
      byte[][] sums = Stream.of(parts).map(this::raw).toArray(byte[][]::new);
      return full(sums) + "-" + parts.length;
    }

    String of(ChecksumType type, byte[]... parts) {
      return type == ChecksumType.COMPOSITE ? composite(parts) : full(parts);
    }

    <B extends SdkPojo> B set(B builder, String value) {
      builder.sdkFields().stream()
          .filter(field -> field.memberName().equals(member()))
          .findFirst()
          .orElseThrow()
          .set(builder, value);
      return builder;
    }
  }

  private static byte[] four(long crc) {
    return ByteBuffer.allocate(4).putInt((int) crc).array();
  }

  private static long crc(java.util.zip.Checksum crc, byte[]... pieces) {
    Arrays.stream(pieces).forEach(crc::update);
    return crc.getValue();
  }

  /** CRC-64/NVME of the catalogue, eight bits at a time. */
  private static long crc64(byte[]... pieces) {
    long[] table = new long[256];
    for (int i = 0; i < table.length; i++) {
      long entry = i;
      for (int bit = 0; bit < 8; bit++) {
        entry = (entry >>> 1) ^ ((entry & 1) == 0 ? 0 : 0x9a6c9329ac4bc9b5L);
      }
      table[i] = entry;
    }
    long crc = -1;
    for (byte[] piece : pieces) {
      for (byte b : piece) {
        crc = table[(int) (crc ^ b) & 0xff] ^ (crc >>> 8);
      }
    }
    return ~crc;
  }

  private static byte[] digest(String name, byte[]... pieces) {
    try {
      MessageDigest digest = MessageDigest.getInstance(name);
      Arrays.stream(pieces).forEach(digest::update);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** All checksums that a reply or an element shows. */
  private static Map<Kind, String> shown(SdkPojo reply) {
    Map<Kind, String> sums = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      reply.sdkFields().stream()
          .filter(field -> field.memberName().equals(kind.member()))
          .findFirst()
          .map(field -> Optional.ofNullable((String) field.getValueOrDefault(reply)))
          .orElseThrow()
          .ifPresent(value -> sums.put(kind, value));
    }
    return sums;
  }

  static Stream<Arguments> multiparts() {
    return Stream.of(Kind.values())
        .flatMap(kind ->
            Stream.of(ChecksumType.COMPOSITE, ChecksumType.FULL_OBJECT)
                .filter(type -> isValid(kind, type))
                .map(type -> Arguments.of(kind, type)));
  }

  /** As AWS's table has it: of sums that cannot be joined none is of the whole. */
  private static boolean isValid(Kind kind, ChecksumType type) {
    return switch (kind) {
      case CRC32, CRC32C -> true;
      case CRC64NVME -> type == ChecksumType.FULL_OBJECT;
      case SHA1, SHA256 -> type == ChecksumType.COMPOSITE;
    };
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aChecksumInAHeaderIsCheckedKeptAndShown(Kind kind) {
    String key = "header/" + kind;
    Map<Kind, String> expected = Map.of(kind, kind.full(LAST));
    PutObjectResponse put = put(key, kind, kind.full(LAST));
    assertEquals(expected, shown(put));
    assertEquals(ChecksumType.FULL_OBJECT, put.checksumType());
    assertShown(key, expected, ChecksumType.FULL_OBJECT);
    assertEquals(
        expected,
        shown(
            s3.getObjectAsBytes(b -> b.bucket(BUCKET).key(key).checksumMode(ChecksumMode.ENABLED))
                .response()));
    assertEquals(Map.of(), shown(s3.headObject(b -> b.bucket(BUCKET).key(key))));
    assertRefused(400, "BadDigest", () -> put(key, kind, kind.full(FIRST)));
    assertRefused(400, "InvalidRequest", () -> put(key, kind, "AAAA"));
    assertShown(key, expected, ChecksumType.FULL_OBJECT);
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = "CRC64NVME", // the SDK computes it with a native library only
      mode = EnumSource.Mode.EXCLUDE)
  void aChecksumBehindTheBodyIsCheckedKeptAndShown(Kind kind) {
    String key = "trailer/" + kind;
    PutObjectResponse put =
        s3.putObject(
            b -> b.bucket(BUCKET).key(key).checksumAlgorithm(kind.algorithm),
            RequestBody.fromInputStream(new ByteArrayInputStream(FIRST), FIRST.length));
    assertEquals(Map.of(kind, kind.full(FIRST)), shown(put));
    assertShown(key, Map.of(kind, kind.full(FIRST)), ChecksumType.FULL_OBJECT);
    String id = begin("parts/" + key, kind, null).uploadId();
    UploadPartResponse part =
        s3.uploadPart(
            b ->
                b.bucket(BUCKET)
                    .key("parts/" + key)
                    .uploadId(id)
                    .partNumber(1)
                    .checksumAlgorithm(kind.algorithm),
            RequestBody.fromInputStream(new ByteArrayInputStream(LAST), LAST.length));
    assertEquals(Map.of(kind, kind.full(LAST)), shown(part));
  }

  /** Byte by byte, in two chunks: no library has to know the algorithm. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void aTrailerWrittenByHandIsCheckedKeptAndShown(Kind kind) {
    String key = "by-hand/" + kind;
    assertEquals("BadDigest", putTrailer(key, kind, kind.full(FIRST)).code());
    assertThrows(NoSuchKeyException.class, () -> s3.headObject(b -> b.bucket(BUCKET).key(key)));
    assertEquals("InvalidRequest", putTrailer(key, kind, "AAAA").code());
    RawHttp.Reply put = putTrailer(key, kind, kind.full(LAST));
    assertEquals(200, put.status(), put.body());
    assertShown(key, Map.of(kind, kind.full(LAST)), ChecksumType.FULL_OBJECT);
    String id = begin("parts/" + key, kind, null).uploadId();
    String part = "parts/" + key + "?partNumber=1&uploadId=" + id;
    assertEquals("BadDigest", putTrailer(part, kind, kind.full(FIRST)).code());
    assertEquals(200, putTrailer(part, kind, kind.full(LAST)).status());
    assertEquals(
        Map.of(kind, kind.full(LAST)),
        shown(
            s3.listParts(b -> b.bucket(BUCKET).key("parts/" + key).uploadId(id))
                .parts()
                .getFirst()));
  }

  private static RawHttp.Reply putTrailer(String key, Kind kind, String sum) {
    RawHttp http = new RawHttp(server.files().ports().s3());
    String name = kind.name().toLowerCase(Locale.ROOT);
    ByteArrayOutputStream framed = new ByteArrayOutputStream();
    int half = LAST.length / 2;
    framed.writeBytes(ascii("%x\r\n".formatted(half)));
    framed.write(LAST, 0, half);
    framed.writeBytes(ascii("\r\n%x\r\n".formatted(LAST.length - half)));
    framed.write(LAST, half, LAST.length - half);
    framed.writeBytes(ascii("\r\n0\r\nx-amz-checksum-%s:%s\r\n\r\n".formatted(name, sum)));
    Headers headers =
        Headers.of(
            "Content-Length", Integer.toString(framed.size()),
            "x-amz-decoded-content-length", Integer.toString(LAST.length),
            "x-amz-trailer", "x-amz-checksum-" + name);
    String target = "/" + BUCKET + "/" + key;
    Headers signed =
        http.sign("PUT", target, headers, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", Instant.now())
            .headers();
    return http.exchange(RawHttp.head("PUT", target, signed), framed.toByteArray());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @MethodSource("multiparts")
  void anUploadsChecksumIsOfItsPartsOrOfTheWhole(Kind kind, ChecksumType type) {
    String key = "multipart/" + kind + type;
    CreateMultipartUploadResponse upload = begin(key, kind, type);
    assertEquals(kind.algorithm, upload.checksumAlgorithm());
    assertEquals(type, upload.checksumType());
    List<CompletedPart> parts =
        List.of(
            part(key, upload.uploadId(), 1, kind, FIRST),
            part(key, upload.uploadId(), 2, kind, LAST));
    List<Part> listed =
        s3.listParts(b -> b.bucket(BUCKET).key(key).uploadId(upload.uploadId())).parts();
    assertEquals(
        List.of(Map.of(kind, kind.full(FIRST)), Map.of(kind, kind.full(LAST))),
        listed.stream().map(S3ChecksumsTest::shown).toList());
    String expected = kind.of(type, FIRST, LAST);
    CompleteMultipartUploadRequest.Builder request = completion(key, upload.uploadId(), parts);
    assertRefused(
        400,
        "BadDigest",
        () ->
            s3.completeMultipartUpload(
                kind.set(request.copy(), kind.of(type, LAST, LAST)).checksumType(type).build()));
    ChecksumType other =
        type == ChecksumType.COMPOSITE ? ChecksumType.FULL_OBJECT : ChecksumType.COMPOSITE;
    assertRefused(
        400,
        "InvalidRequest",
        () -> s3.completeMultipartUpload(request.copy().checksumType(other).build()));
    CompleteMultipartUploadResponse done =
        s3.completeMultipartUpload(kind.set(request.copy(), expected).checksumType(type).build());
    assertEquals(Map.of(kind, expected), shown(done));
    assertEquals(type, done.checksumType());
    assertShown(key, Map.of(kind, expected), type);
    assertParts(key, kind);
    assertCopied(key, kind, type);
  }

  private static void assertParts(String key, Kind kind) {
    GetObjectAttributesResponse reply =
        s3.getObjectAttributes(
            b -> b.bucket(BUCKET).key(key).objectAttributes(ObjectAttributes.OBJECT_PARTS));
    assertEquals(2, reply.objectParts().totalPartsCount());
    List<ObjectPart> parts = reply.objectParts().parts();
    assertEquals(List.of(1, 2), parts.stream().map(ObjectPart::partNumber).toList());
    assertEquals(
        List.of((long) FIRST.length, (long) LAST.length),
        parts.stream().map(ObjectPart::size).toList());
    assertEquals(
        List.of(Map.of(kind, kind.full(FIRST)), Map.of(kind, kind.full(LAST))),
        parts.stream().map(S3ChecksumsTest::shown).toList());
  }

  /** A copy keeps its source's checksum, or has the one asked for, which is of the whole. */
  private static void assertCopied(String source, Kind kind, ChecksumType type) {
    CopyObjectResponse copy = copy(source, "copy/" + source, null);
    Map<Kind, String> kept = Map.of(kind, kind.of(type, FIRST, LAST));
    assertEquals(kept, shown(copy.copyObjectResult()));
    assertEquals(type, copy.copyObjectResult().checksumType());
    assertShown("copy/" + source, kept, type);
    for (Kind other : Kind.values()) {
      String key = "copy/" + other + source;
      Map<Kind, String> expected = Map.of(other, other.full(FIRST, LAST));
      CopyObjectResponse summed = copy(source, key, other.algorithm);
      if (other != kind) {
        assertEquals(expected, shown(summed.copyObjectResult()), key);
        assertShown(key, expected, ChecksumType.FULL_OBJECT);
      }
    }
  }

  private static CopyObjectResponse copy(
      String source, String key, @Nullable ChecksumAlgorithm algorithm) {
    return s3.copyObject(b ->
        b.sourceBucket(BUCKET)
            .sourceKey(source)
            .destinationBucket(BUCKET)
            .destinationKey(key)
            .checksumAlgorithm(algorithm));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aPartThatIsCopiedHasTheUploadsChecksum(Kind kind) {
    String key = "part-copy/" + kind;
    put(key + "/source", kind, kind.full(LAST));
    String id = begin(key, kind, null).uploadId();
    var copied =
        s3.uploadPartCopy(b ->
                b.sourceBucket(BUCKET)
                    .sourceKey(key + "/source")
                    .copySourceRange("bytes=1-10000")
                    .destinationBucket(BUCKET)
                    .destinationKey(key)
                    .uploadId(id)
                    .partNumber(1))
            .copyPartResult();
    byte[] range = Arrays.copyOfRange(LAST, 1, 10_001);
    assertEquals(Map.of(kind, kind.full(range)), shown(copied));
    CompletedPart part = CompletedPart.builder().partNumber(1).eTag(copied.eTag()).build();
    ChecksumType type = kind == Kind.CRC64NVME ? ChecksumType.FULL_OBJECT : ChecksumType.COMPOSITE;
    var done = s3.completeMultipartUpload(completion(key, id, List.of(part)).build());
    assertEquals(Map.of(kind, kind.of(type, range)), shown(done));
    assertEquals(type, done.checksumType());
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aTypeThatTheAlgorithmHasNotIsRefused(Kind kind) {
    for (ChecksumType type : List.of(ChecksumType.COMPOSITE, ChecksumType.FULL_OBJECT)) {
      if (!isValid(kind, type)) {
        assertRefused(400, "InvalidRequest", () -> begin("invalid", kind, type));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aPartsChecksumIsCheckedWhenItIsSentAndWhenItIsNamed(Kind kind) {
    String key = "wrong/" + kind;
    String id = begin(key, kind, null).uploadId();
    assertRefused(
        400,
        "BadDigest",
        () ->
            s3.uploadPart(
                kind.set(partRequest(key, id, 1), kind.full(FIRST)).build(),
                RequestBody.fromBytes(LAST)));
    CompletedPart part = part(key, id, 1, kind, LAST);
    CompletedPart named = kind.set(part.toBuilder(), kind.full(FIRST)).build();
    assertRefused(
        400,
        "InvalidPart",
        () -> s3.completeMultipartUpload(completion(key, id, List.of(named)).build()));
    Kind other = kind == Kind.SHA1 ? Kind.SHA256 : Kind.SHA1;
    assertRefused(
        400,
        "InvalidRequest",
        () ->
            s3.uploadPart(
                other.set(partRequest(key, id, 1), other.full(LAST)).build(),
                RequestBody.fromBytes(LAST)));
  }

  @Test
  void aListingNamesTheAlgorithmAndTheType() {
    put("listed/sum", Kind.SHA256, Kind.SHA256.full(LAST));
    S3Object listed =
        s3.listObjectsV2(b -> b.bucket(BUCKET).prefix("listed/")).contents().getFirst();
    assertEquals(List.of(ChecksumAlgorithm.SHA256), listed.checksumAlgorithm());
    assertEquals(ChecksumType.FULL_OBJECT, listed.checksumType());
  }

  @Test
  void partsOfAttributesComeInPages() {
    String key = "attributes/pages";
    String id = begin(key, Kind.CRC32C, null).uploadId();
    List<CompletedPart> parts = new ArrayList<>();
    for (int number : new int[] {3, 7, 8}) {
      parts.add(part(key, id, number, Kind.CRC32C, number == 8 ? LAST : FIRST));
    }
    s3.completeMultipartUpload(completion(key, id, parts).build());
    List<Integer> numbers = new ArrayList<>();
    Integer marker = 0;
    for (int page = 0; page < 3; page++) {
      Integer from = marker;
      var reply =
          s3.getObjectAttributes(b ->
                  b.bucket(BUCKET)
                      .key(key)
                      .maxParts(1)
                      .partNumberMarker(from)
                      .objectAttributes(ObjectAttributes.knownValues()))
              .objectParts();
      assertEquals(3, reply.totalPartsCount());
      assertEquals(1, reply.maxParts());
      assertEquals(page < 2, reply.isTruncated());
      reply.parts().forEach(part -> numbers.add(part.partNumber()));
      marker = reply.nextPartNumberMarker();
    }
    assertEquals(List.of(3, 7, 8), numbers);
  }

  // --- requests

  private static PutObjectResponse put(String key, Kind kind, String checksum) {
    PutObjectRequest.Builder request = PutObjectRequest.builder().bucket(BUCKET).key(key);
    return s3.putObject(kind.set(request, checksum).build(), RequestBody.fromBytes(LAST));
  }

  private static CreateMultipartUploadResponse begin(
      String key, Kind kind, @Nullable ChecksumType type) {
    return s3.createMultipartUpload(
        b -> b.bucket(BUCKET).key(key).checksumAlgorithm(kind.algorithm).checksumType(type));
  }

  private static UploadPartRequest.Builder partRequest(String key, String id, int number) {
    return UploadPartRequest.builder().bucket(BUCKET).key(key).uploadId(id).partNumber(number);
  }

  private static CompletedPart part(String key, String id, int number, Kind kind, byte[] body) {
    UploadPartResponse reply =
        s3.uploadPart(
            kind.set(partRequest(key, id, number), kind.full(body)).build(),
            RequestBody.fromBytes(body));
    assertEquals(Map.of(kind, kind.full(body)), shown(reply));
    CompletedPart.Builder part = CompletedPart.builder().partNumber(number).eTag(reply.eTag());
    return kind.set(part, kind.full(body)).build();
  }

  private static CompleteMultipartUploadRequest.Builder completion(
      String key, String id, List<CompletedPart> parts) {
    return CompleteMultipartUploadRequest.builder()
        .bucket(BUCKET)
        .key(key)
        .uploadId(id)
        .multipartUpload(m -> m.parts(parts));
  }

  private static void assertShown(String key, Map<Kind, String> expected, ChecksumType type) {
    HeadObjectResponse head =
        s3.headObject(b -> b.bucket(BUCKET).key(key).checksumMode(ChecksumMode.ENABLED));
    assertEquals(expected, shown(head), key);
    assertEquals(type, head.checksumType(), key);
    GetObjectAttributesResponse attributes =
        s3.getObjectAttributes(b ->
            b.bucket(BUCKET)
                .key(key)
                .objectAttributes(
                    ObjectAttributes.CHECKSUM,
                    ObjectAttributes.E_TAG,
                    ObjectAttributes.OBJECT_SIZE));
    assertEquals(expected, shown(attributes.checksum()), key);
    assertEquals(type, attributes.checksum().checksumType(), key);
    assertEquals(head.contentLength(), attributes.objectSize());
    assertEquals(head.eTag(), '"' + attributes.eTag() + '"');
  }
}
