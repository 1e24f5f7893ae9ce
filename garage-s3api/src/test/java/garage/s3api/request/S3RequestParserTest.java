package garage.s3api.request;

import static garage.s3api.request.Heads.parse;
import static garage.s3api.request.Heads.parseAt;
import static garage.s3api.request.Heads.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.hash.ChecksumAlgorithm;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.xml.KeyEncoding;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation is recognised; keys stay as they are; nothing that matters is ignored. */
class S3RequestParserTest {
  @ParameterizedTest
  @CsvSource({
    "POST, /b, PostObject",
    "GET, /, ListBuckets",
    "GET, /b, ListObjects",
    "GET, /b/?x-id=ListObjects&foo, ListObjects",
    "GET, /b?list-type=2, ListObjectsV2",
    "GET, /b?uploads, ListMultipartUploads",
    "GET, /b?location, GetBucketLocation",
    "GET, /b?versioning=, GetBucketVersioning",
    "HEAD, /b, HeadBucket",
    "PUT, /b, CreateBucket",
    "DELETE, /b/, DeleteBucket",
    "POST, /b?delete, DeleteObjects",
    "GET, /b/k?x-id=GetObject, GetObject",
    "GET, /b/k?partNumber=1, GetObject",
    "HEAD, /b/k, HeadObject",
    "DELETE, /b/k, DeleteObject",
    "DELETE, /b/k?versionId=null, DeleteObject",
    "POST, /b/k?uploads, CreateMultipartUpload",
    "POST, /b/k?uploadId=u, CompleteMultipartUpload",
    "DELETE, /b/k?uploadId=u, AbortMultipartUpload",
    "GET, /b/k?uploadId=u, ListParts",
    "GET, /b?acl, GetBucketAcl",
    "PUT, /b?acl, PutBucketAcl",
    "GET, /b/k?acl, GetObjectAcl",
    "PUT, /b/k?acl, PutObjectAcl",
  })
  void recognisesOperations(String method, String target, String operation) {
    S3Request request = parse(method, target);
    assertEquals(operation, request.operation());
    assertEquals(operation, request.getClass().getSimpleName());
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /b/k?restore, RestoreObject",
    "POST, /b/k?select&select-type=2, SelectObjectContent",
    "OPTIONS, /b/k, OptionsObject",
  })
  void otherOperationsAreNamedAndNotImplemented(String method, String target, String operation) {
    assertEquals(new S3Request.NotImplemented(operation), parse(method, target));
  }

  @Test
  void unknownMethodsAndConflictingSubresourcesAreRefused() {
    refused(S3ErrorCode.METHOD_NOT_ALLOWED, "PATCH", "/b/k");
    refused(S3ErrorCode.METHOD_NOT_ALLOWED, "POST", "/");
    refused(S3ErrorCode.METHOD_NOT_ALLOWED, "POST", "/b/k");
    S3Error error = refused(S3ErrorCode.METHOD_NOT_ALLOWED, "POST", "/b?acl");
    assertEquals(List.of(new S3Error.Field("Allow", "GET, PUT")), error.headers());
    refused(S3ErrorCode.INVALID_ARGUMENT, "GET", "/b?acl&policy");
    refused(S3ErrorCode.INVALID_ARGUMENT, "GET", "/b?prefix=a&prefix=b");
  }

  @ParameterizedTest
  @CsvSource({
    "/b//x, /x",
    "/b/x/, x/",
    "/b/./../x, ./../x",
    "/b/a%2Fb, a/b",
    "/b/a+b;c, a+b;c",
    "/b/a%20b%2b%3B, a b+;",
    "/b/%C3%A9%F0%9F%98%80, é😀",
    "/b/%25, %",
    "/b//, /",
  })
  void keysAreKeptExactly(String target, String key) {
    assertEquals(new ObjectName("b", key), name(parse("GET", target)));
  }

  @Test
  void keysOfMoreThan1024BytesAreTooLong() {
    String longest = "%C3%A9".repeat(512);
    assertEquals("é".repeat(512), name(parse("GET", "/b/" + longest)).key());
    S3Error error = refused(S3ErrorCode.KEY_TOO_LONG, "GET", "/b/" + longest + "a");
    assertTrue(error.fields().contains(new S3Error.Field("Size", "1025")));
  }

  @Test
  void bucketsAreFoundInHostsBelowTheRootDomain() {
    assertEquals(
        new ObjectName("my.bucket", "a/b"),
        name(parseAt("My.Bucket.s3.example.com:3900", "GET", "/a/b")));
    assertEquals("ListObjects", parseAt("b.s3.example.com", "GET", "/").operation());
    assertEquals("ListBuckets", parseAt("s3.example.com", "GET", "/").operation());
    assertEquals("ListBuckets", parseAt("xs3.example.com", "GET", "/").operation());
    assertEquals(new ObjectName("b", "/k"), name(parseAt("b.s3.example.com", "GET", "//k")));
  }

  @Test
  void emptyBucketNamesAreNoUri() {
    refused(S3ErrorCode.INVALID_URI, "GET", "//b/k");
    refused(S3ErrorCode.INVALID_URI, "OPTIONS", "*");
  }

  @Test
  void listingsReadTheirParameters() {
    S3Request.ListObjectsV2 list =
        assertInstanceOf(
            S3Request.ListObjectsV2.class,
            parse(
                "GET",
                "/b?list-type=2&prefix=a%2Bb+c&delimiter=%2F&max-keys=5000&encoding-type=url"
                    + "&start-after=x&fetch-owner=true"));
    assertEquals(new S3Request.Filter("a+b c", "/", 1000, KeyEncoding.URL), list.filter());
    assertEquals("x", list.startAfter());
    assertNull(list.token());
    assertTrue(list.withOwner());
    refused(S3ErrorCode.INVALID_ARGUMENT, "GET", "/b?max-keys=-1");
    refused(S3ErrorCode.INVALID_ARGUMENT, "GET", "/b?max-keys=x");
    refused(S3ErrorCode.INVALID_ARGUMENT, "GET", "/b?encoding-type=base64");
    assertEquals(
        0,
        assertInstanceOf(S3Request.ListObjects.class, parse("GET", "/b?max-keys=0"))
            .filter()
            .max());
  }

  @Test
  void putReadsHeadersAndBody() {
    S3Request.PutObject put =
        assertInstanceOf(
            S3Request.PutObject.class,
            parse(
                "PUT",
                "/b/k",
                "Content-Length",
                "5",
                "Content-Encoding",
                "aws-chunked, gzip",
                "X-Amz-Meta-Color",
                "red",
                "x-amz-meta-color",
                "blue",
                "Content-MD5",
                "1B2M2Y8AsgTpgAmY7PhCfg=="));
    assertEquals(5, put.body().length());
    assertEquals("d41d8cd98f00b204e9800998ecf8427e", put.body().claim().md5());
    assertEquals("gzip", put.headers().values().get("content-encoding"));
    assertEquals("binary/octet-stream", put.headers().values().get("content-type"));
    assertEquals("red,blue", put.headers().values().get("x-amz-meta-color"));
    assertEquals(new WriteCondition.Always(), put.condition());
  }

  @Test
  void framingAloneIsNotStoredAsEncoding() {
    S3Request.PutObject put =
        assertInstanceOf(
            S3Request.PutObject.class,
            parse("PUT", "/b/k", "Content-Length", "0", "Content-Encoding", "aws-chunked"));
    assertNull(put.headers().values().get("content-encoding"));
  }

  @Test
  void lengthOfAFramedBodyIsThatOfItsContent() {
    String[] headers = {
      "Content-Length", "100", "x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      "x-amz-decoded-content-length", "7", "x-amz-trailer", "x-amz-checksum-crc32",
      "x-amz-sdk-checksum-algorithm", "CRC32"
    };
    S3Request.PutObject put =
        assertInstanceOf(S3Request.PutObject.class, parse("PUT", "/b/k", headers));
    assertEquals(7, put.body().length());
    assertEquals(
        new ChecksumExpectation.InTrailer(ChecksumAlgorithm.CRC32), put.body().claim().checksum());
  }

  @Test
  void bodiesWithoutOrBeyondALengthAreRefused() {
    refused(S3ErrorCode.MISSING_CONTENT_LENGTH, "PUT", "/b/k");
    refused(S3ErrorCode.NOT_IMPLEMENTED, "PUT", "/b/k", "Transfer-Encoding", "chunked");
    refused(S3ErrorCode.ENTITY_TOO_LARGE, "PUT", "/b/k", "Content-Length", "5368709121");
    refused(
        S3ErrorCode.INVALID_DIGEST, "PUT", "/b/k", "Content-Length", "0", "Content-MD5", "AAAA");
  }

  @Test
  void metadataIsLimited() {
    String[] fits = {"Content-Length", "0", "x-amz-meta-a", "v".repeat(2047)};
    assertNotNull(parse("PUT", "/b/k", fits));
    String[] exceeds = {"Content-Length", "0", "x-amz-meta-a", "v".repeat(2048)};
    refused(S3ErrorCode.METADATA_TOO_LARGE, "PUT", "/b/k", exceeds);
  }

  @ParameterizedTest
  @CsvSource({
    "x-amz-server-side-encryption, AES256, NOT_IMPLEMENTED",
    "x-amz-server-side-encryption-customer-algorithm, AES256, INVALID_ARGUMENT",
    "x-amz-object-lock-mode, GOVERNANCE, NOT_IMPLEMENTED",
    "x-amz-tagging, a=1&a=2, INVALID_ARGUMENT",
    "x-amz-tagging, a=%zz, INVALID_ARGUMENT",
    "x-amz-tagging, aws:a=1, INVALID_TAG",
    "x-amz-tagging, a=1<2, INVALID_TAG",
    "x-amz-website-redirect-location, x, INVALID_REDIRECT_LOCATION",
    "x-amz-storage-class, GLACIER, INVALID_STORAGE_CLASS",
    "x-amz-acl, aws-exec-read, NOT_IMPLEMENTED",
    "x-amz-acl, nonsense, INVALID_ARGUMENT",
    "x-amz-grant-read, x, INVALID_ARGUMENT",
    "x-amz-grant-read, who=x, INVALID_ARGUMENT",
    "x-amz-security-token, t, INVALID_TOKEN",
    "If-Modified-Since, x, NOT_IMPLEMENTED",
  })
  void headersOfFeaturesThatAreNotThereAreRefused(String name, String value, S3ErrorCode code) {
    refused(code, "PUT", "/b/k", "Content-Length", "0", name, value);
    if (!name.startsWith("If-")) {
      refused(code, "POST", "/b/k?uploads", name, value);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "x-amz-tagging, ''",
    "x-amz-tagging, a=1&b=&c",
    "x-amz-storage-class, STANDARD",
    "x-amz-acl, private",
    "x-amz-acl, bucket-owner-full-control",
    "x-amz-acl, public-read",
    "x-amz-grant-read, 'id=x, uri=\"y,z\"'",
    "x-amz-request-payer, requester",
    "x-amz-unheard-of, 1",
  })
  void harmlessHeadersPass(String name, String value) {
    assertEquals("PutObject", parse("PUT", "/b/k", "Content-Length", "0", name, value).operation());
  }

  @Test
  void conditionsOfWritesAreRead() {
    S3Request.PutObject put =
        assertInstanceOf(
            S3Request.PutObject.class,
            parse("PUT", "/b/k", "Content-Length", "0", "If-None-Match", "*"));
    assertEquals(new WriteCondition.IfAbsent(), put.condition());
    S3Request.PutObject other =
        assertInstanceOf(
            S3Request.PutObject.class,
            parse("PUT", "/b/k", "Content-Length", "0", "If-None-Match", "\"e\""));
    assertEquals(false, other.condition().holds("e"));
    assertTrue(other.condition().holds("x"));
    assertTrue(other.condition().holds(null));
    refused(
        S3ErrorCode.NOT_IMPLEMENTED,
        "PUT",
        "/b/k",
        "Content-Length",
        "0",
        "If-None-Match",
        "*",
        "If-Match",
        "e");
    S3Request.DeleteObject delete =
        assertInstanceOf(
            S3Request.DeleteObject.class, parse("DELETE", "/b/k", "If-Match", "\"e\""));
    assertTrue(delete.condition().holds("e", Instant.EPOCH, 1L));
    assertEquals(false, delete.condition().holds("f", Instant.EPOCH, 1L));
  }

  @Test
  void versionsOtherThanNullAreRefused() {
    refused(S3ErrorCode.INVALID_ARGUMENT, "GET", "/b/k?versionId=abc");
    refused(S3ErrorCode.INVALID_ARGUMENT, "DELETE", "/b/k?versionId=abc");
    refused(S3ErrorCode.INVALID_ARGUMENT, "DELETE", "/b/k?versionId=");
  }

  @ParameterizedTest
  @CsvSource({
    "src/a%20b, src, a b",
    "/src/a//b, src, a//b",
    "src/a+b, src, a+b",
    "src/é, src, é",
    "src/a%3FversionId%3Dx, src, a?versionId=x",
    "src/k?versionId=null, src, k",
  })
  void copySourcesAreDecoded(String header, String bucket, String key) {
    S3Request.CopyObject copy =
        assertInstanceOf(
            S3Request.CopyObject.class, parse("PUT", "/b/k", "x-amz-copy-source", header));
    assertEquals(bucket, copy.source().name().bucket());
    assertEquals(key, copy.source().name().key());
    assertNull(copy.headers());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "src", "/src", "src/", "/", "src/k?versionId=1"})
  void wrongCopySourcesAreRefused(String header) {
    refused(S3ErrorCode.INVALID_ARGUMENT, "PUT", "/b/k", "x-amz-copy-source", header);
  }

  @Test
  void copyToItselfMustChangeSomething() {
    refused(S3ErrorCode.INVALID_REQUEST, "PUT", "/b/k", "x-amz-copy-source", "b/k");
    String[] replace = {"x-amz-copy-source", "b/k", "x-amz-metadata-directive", "REPLACE"};
    assertNotNull(
        assertInstanceOf(S3Request.CopyObject.class, parse("PUT", "/b/k", replace)).headers());
    refused(
        S3ErrorCode.INVALID_ARGUMENT,
        "PUT",
        "/b/k",
        "x-amz-copy-source",
        "b/x",
        "x-amz-metadata-directive",
        "MERGE");
  }

  @Test
  void partsReadNumberAndUpload() {
    S3Request.UploadPart part =
        assertInstanceOf(
            S3Request.UploadPart.class,
            parse("PUT", "/b/k?uploadId=u&partNumber=10000", "Content-Length", "1"));
    assertEquals(new S3Request.PartName(new ObjectName("b", "k"), "u", 10000), part.part());
    for (String number : List.of("0", "10001", "-1", "x", "")) {
      refused(
          S3ErrorCode.INVALID_ARGUMENT,
          "PUT",
          "/b/k?uploadId=u&partNumber=" + number,
          "Content-Length",
          "1");
    }
    refused(S3ErrorCode.INVALID_ARGUMENT, "PUT", "/b/k?partNumber=1", "Content-Length", "1");
  }

  @Test
  void copiedPartsReadTheirRange() {
    String[] headers = {"x-amz-copy-source", "s/k", "x-amz-copy-source-range", "bytes=5-9"};
    S3Request.UploadPartCopy copy =
        assertInstanceOf(
            S3Request.UploadPartCopy.class, parse("PUT", "/b/k?uploadId=u&partNumber=1", headers));
    assertEquals(new ByteRange.Span(5, 9), copy.range());
    for (String range : List.of("bytes=5-", "bytes=-5", "5-9", "bytes=9-5", "bytes=0-1,3-4")) {
      headers[3] = range;
      refused(S3ErrorCode.INVALID_ARGUMENT, "PUT", "/b/k?uploadId=u&partNumber=1", headers);
    }
  }

  @Test
  void readsDoNotMixRangeAndPart() {
    refused(S3ErrorCode.INVALID_REQUEST, "GET", "/b/k?partNumber=1", "Range", "bytes=0-1");
    S3Request.GetObject get =
        assertInstanceOf(
            S3Request.GetObject.class,
            parse(
                "GET",
                "/b/k?response-content-type=text%2Fplain&response-expires=",
                "Range",
                "bytes=0-1",
                "x-amz-checksum-mode",
                "ENABLED"));
    assertEquals(new ByteRange.Span(0, 1), get.options().range());
    assertEquals("text/plain", get.options().overrides().get("content-type"));
    assertEquals(1, get.options().overrides().size());
    assertTrue(get.options().withChecksum());
    refused(S3ErrorCode.INVALID_ARGUMENT, "GET", "/b/k?response-content-type=a%0D%0Ab:c");
  }

  @Test
  void uploadChecksumsFollowAwsCombinations() {
    assertEquals(UploadChecksum.Type.COMPOSITE, type("CRC32", null));
    assertEquals(UploadChecksum.Type.FULL_OBJECT, type("crc32c", "FULL_OBJECT"));
    assertEquals(UploadChecksum.Type.FULL_OBJECT, type("CRC64NVME", null));
    assertThrows(S3Exception.class, () -> type("CRC64NVME", "COMPOSITE"));
    assertThrows(S3Exception.class, () -> type("SHA256", "FULL_OBJECT"));
    assertThrows(S3Exception.class, () -> type("MD5", null));
    refused(
        S3ErrorCode.INVALID_REQUEST, "POST", "/b/k?uploads", "x-amz-checksum-type", "COMPOSITE");
  }

  private static UploadChecksum.Type type(
      String algorithm, @org.jspecify.annotations.Nullable String type) {
    String[] headers =
        type == null
            ? new String[] {"x-amz-checksum-algorithm", algorithm}
            : new String[] {"x-amz-checksum-algorithm", algorithm, "x-amz-checksum-type", type};
    S3Request.CreateMultipartUpload create =
        assertInstanceOf(
            S3Request.CreateMultipartUpload.class, parse("POST", "/b/k?uploads", headers));
    UploadChecksum checksum = create.checksum();
    assertNotNull(checksum);
    return checksum.type();
  }

  private static ObjectName name(S3Request request) {
    return assertInstanceOf(S3Request.OnObject.class, request).name();
  }
}
