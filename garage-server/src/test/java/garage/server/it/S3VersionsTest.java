package garage.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.DeleteMarkerEntry;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.DeletedObject;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.ObjectVersion;
import software.amazon.awssdk.services.s3.model.Tag;

/** Versions through the AWS SDK as it comes: made, read, listed, restored, removed. */
class S3VersionsTest extends SingleNodeTest {
  private static final int PART_MIN = 5 << 20;

  private static String bucket(String name) {
    s3.createBucket(b -> b.bucket(name));
    set(name, BucketVersioningStatus.ENABLED);
    return name;
  }

  private static void set(String bucket, BucketVersioningStatus status) {
    s3.putBucketVersioning(b -> b.bucket(bucket).versioningConfiguration(v -> v.status(status)));
  }

  private static String put(String bucket, String key, String text) {
    return s3.putObject(b -> b.bucket(bucket).key(key), RequestBody.fromString(text)).versionId();
  }

  private static String get(String bucket, String key) {
    return s3.getObjectAsBytes(b -> b.bucket(bucket).key(key)).asUtf8String();
  }

  private static String get(String bucket, String key, String id) {
    return s3.getObjectAsBytes(b -> b.bucket(bucket).key(key).versionId(id)).asUtf8String();
  }

  private static String mark(String bucket, String key) {
    DeleteObjectResponse deleted = s3.deleteObject(b -> b.bucket(bucket).key(key));
    assertEquals(true, deleted.deleteMarker());
    return deleted.versionId();
  }

  @Test
  void aBucketsVersioningIsSetAndShown() {
    s3.createBucket(b -> b.bucket("status"));
    assertNull(s3.getBucketVersioning(b -> b.bucket("status")).status());
    assertNull(put("status", "k", "x"));
    for (var status : List.of(BucketVersioningStatus.ENABLED, BucketVersioningStatus.SUSPENDED)) {
      set("status", status);
      assertEquals(status, s3.getBucketVersioning(b -> b.bucket("status")).status());
    }
    assertStatus(
        501,
        () ->
            s3.putBucketVersioning(b ->
                b.bucket("status")
                    .mfa("serial 123456")
                    .versioningConfiguration(
                        v -> v.status(BucketVersioningStatus.ENABLED).mfaDelete("Enabled"))));
  }

  @Test
  void everyVersionIsReadTaggedAndRemovedByItsId() {
    String bucket = bucket("by-id");
    String one = put(bucket, "k", "one");
    String two = put(bucket, "k", "two");
    assertNotEquals(one, two);
    assertEquals("two", get(bucket, "k"));
    assertEquals("one", get(bucket, "k", one));
    assertEquals(3L, s3.headObject(b -> b.bucket(bucket).key("k").versionId(one)).contentLength());
    assertEquals(
        "ne",
        s3.getObjectAsBytes(b -> b.bucket(bucket).key("k").versionId(one).range("bytes=1-2"))
            .asUtf8String());
    s3.putObjectTagging(b ->
        b.bucket(bucket)
            .key("k")
            .versionId(one)
            .tagging(t -> t.tagSet(Tag.builder().key("a").value("b").build())));
    assertEquals(
        1, s3.getObjectTagging(b -> b.bucket(bucket).key("k").versionId(one)).tagSet().size());
    assertEquals(0, s3.getObjectTagging(b -> b.bucket(bucket).key("k")).tagSet().size());
    var attributes =
        s3.getObjectAttributes(b ->
            b.bucket(bucket).key("k").versionId(one).objectAttributesWithStrings("ObjectSize"));
    assertEquals(3L, attributes.objectSize());
    assertEquals(one, attributes.versionId());
    DeleteObjectResponse gone = s3.deleteObject(b -> b.bucket(bucket).key("k").versionId(one));
    assertEquals(one, gone.versionId());
    assertNull(gone.deleteMarker());
    assertStatus(404, () -> get(bucket, "k", one));
    assertEquals("two", get(bucket, "k", two));
  }

  @Test
  void aMarkerHidesTheObjectUntilItIsRemoved() {
    String bucket = bucket("markers");
    String one = put(bucket, "k", "one");
    String marker = mark(bucket, "k");
    assertStatus(404, () -> get(bucket, "k"));
    assertStatus(405, () -> get(bucket, "k", marker));
    assertEquals("one", get(bucket, "k", one));
    assertEquals(0, s3.listObjectsV2(b -> b.bucket(bucket)).keyCount());
    assertNotEquals(marker, mark(bucket, "k"));
    String never = mark(bucket, "never there");
    assertEquals(
        List.of("k", "k", "never there"),
        s3.listObjectVersions(b -> b.bucket(bucket)).deleteMarkers().stream()
            .map(DeleteMarkerEntry::key)
            .toList());
    var removed =
        s3.deleteObjects(b ->
                b.bucket(bucket)
                    .delete(d ->
                        d.objects(
                            identifier("k", marker),
                            identifier("never there", never),
                            identifier("k", latestMarker(bucket, "k")))))
            .deleted();
    assertEquals(3, removed.stream().filter(DeletedObject::deleteMarker).count());
    assertEquals("one", get(bucket, "k"));
  }

  private static ObjectIdentifier identifier(String key, String id) {
    return ObjectIdentifier.builder().key(key).versionId(id).build();
  }

  private static String latestMarker(String bucket, String key) {
    return s3.listObjectVersions(b -> b.bucket(bucket).prefix(key)).deleteMarkers().stream()
        .filter(DeleteMarkerEntry::isLatest)
        .findFirst()
        .orElseThrow()
        .versionId();
  }

  @Test
  void anOldVersionIsRestoredByACopyOrByRemovingWhatCameAfter() {
    String bucket = bucket("restore");
    String one = put(bucket, "k", "one");
    String two = put(bucket, "k", "two");
    CopyObjectResponse copy =
        s3.copyObject(b ->
            b.sourceBucket(bucket)
                .sourceKey("k")
                .sourceVersionId(one)
                .destinationBucket(bucket)
                .destinationKey("k"));
    assertEquals(one, copy.copySourceVersionId());
    assertEquals("one", get(bucket, "k"));
    assertEquals("one", get(bucket, "k", copy.versionId()));
    s3.deleteObject(b -> b.bucket(bucket).key("k").versionId(copy.versionId()));
    assertEquals("two", get(bucket, "k"));
    s3.deleteObject(b -> b.bucket(bucket).key("k").versionId(two));
    assertEquals("one", get(bucket, "k"));
    assertEquals(one, s3.headObject(b -> b.bucket(bucket).key("k")).versionId());
    bucket("restored");
    s3.copyObject(b ->
        b.sourceBucket(bucket)
            .sourceKey("k")
            .sourceVersionId(one)
            .destinationBucket("restored")
            .destinationKey("k"));
    assertEquals("one", get("restored", "k"));
  }

  @Test
  void withVersioningSuspendedOnlyTheVersionWithoutAnIdIsReplaced() {
    String bucket = bucket("suspended");
    String one = put(bucket, "k", "one");
    set(bucket, BucketVersioningStatus.SUSPENDED);
    put(bucket, "k", "two");
    put(bucket, "k", "three");
    assertEquals("three", get(bucket, "k", "null"));
    assertEquals("one", get(bucket, "k", one));
    assertEquals(List.of("k null three", "k " + one + " one"), list(bucket, 10, b -> {}));
    assertEquals("null", mark(bucket, "k"));
    assertEquals(List.of("k " + one + " one", "k null -"), list(bucket, 10, b -> {}));
    set(bucket, BucketVersioningStatus.ENABLED);
    String four = put(bucket, "k", "four");
    assertEquals(
        List.of("k " + four + " four", "k " + one + " one", "k null -"), list(bucket, 1, b -> {}));
    s3.deleteObject(b -> b.bucket(bucket).key("k").versionId("null"));
    assertEquals(List.of("k " + four + " four", "k " + one + " one"), list(bucket, 10, b -> {}));
  }

  @Test
  void anUploadBecomesAVersionOfItsOwn() {
    String bucket = bucket("uploads");
    byte[] first = new Content(31, PART_MIN).bytes();
    String before = put(bucket, "k", "before");
    String id = s3.createMultipartUpload(b -> b.bucket(bucket).key("k")).uploadId();
    List<CompletedPart> parts = new ArrayList<>();
    String sent =
        s3.uploadPart(
                b -> b.bucket(bucket).key("k").uploadId(id).partNumber(1),
                RequestBody.fromBytes(first))
            .eTag();
    parts.add(CompletedPart.builder().partNumber(1).eTag(sent).build());
    String copied =
        s3.uploadPartCopy(b ->
                b.sourceBucket(bucket)
                    .sourceKey("k")
                    .sourceVersionId(before)
                    .destinationBucket(bucket)
                    .destinationKey("k")
                    .uploadId(id)
                    .partNumber(2))
            .copyPartResult()
            .eTag();
    parts.add(CompletedPart.builder().partNumber(2).eTag(copied).build());
    String whole =
        s3.completeMultipartUpload(
                b -> b.bucket(bucket).key("k").uploadId(id).multipartUpload(m -> m.parts(parts)))
            .versionId();
    put(bucket, "k", "after");
    byte[] read =
        s3.getObjectAsBytes(b -> b.bucket(bucket).key("k").versionId(whole)).asByteArrayUnsafe();
    assertEquals(PART_MIN + 6, read.length);
    assertEquals("before", new String(read, PART_MIN, 6, StandardCharsets.UTF_8));
    assertEquals("before", get(bucket, "k", before));
    s3.deleteObject(b -> b.bucket(bucket).key("k").versionId(before));
    assertEquals(
        PART_MIN + 6,
        s3.headObject(b -> b.bucket(bucket).key("k").versionId(whole)).contentLength());
  }

  @Test
  void aListingInPagesMissesAndRepeatsNothing() {
    String bucket = bucket("pages");
    List<String> expected = new ArrayList<>();
    for (String key : List.of("a", "d/1", "d/2", "e/1", "f", "é/1")) {
      String one = put(bucket, key, "one");
      String two = put(bucket, key, "two");
      String marker = mark(bucket, key);
      expected.addAll(
          List.of(key + " " + marker + " -", key + " " + two + " two", key + " " + one + " one"));
    }
    for (int max : new int[] {1, 2, 4, 1000}) {
      assertEquals(apart(expected), list(bucket, max, b -> {}), "pages of " + max);
      assertEquals(
          apart(expected.subList(3, 9)), list(bucket, max, b -> b.prefix("d/")), "pages of " + max);
      assertEquals(
          apart(
              Stream.of(expected.subList(0, 3), List.of("d/", "e/", "é/"), expected.subList(12, 15))
                  .flatMap(List::stream)
                  .toList()),
          list(bucket, max, b -> b.delimiter("/")),
          "pages of " + max);
    }
    ListObjectVersionsResponse behind =
        s3.listObjectVersions(b -> b.bucket(bucket).keyMarker("d/1").versionIdMarker("null"));
    assertTrue(behind.versions().stream().noneMatch(v -> v.key().equals("a")));
    assertStatus(400, () -> s3.listObjectVersions(b -> b.bucket(bucket).versionIdMarker("null")));
    assertStatus(
        400,
        () -> s3.listObjectVersions(b -> b.bucket(bucket).keyMarker("a").versionIdMarker("x")));
  }

  /**
   * Keys, ids and texts of versions, then of markers, then common prefixes, over as many pages as
   * there are: as the SDK shows them, each in the order they were sent.
   */
  private static List<String> list(
      String bucket, int max, Consumer<ListObjectVersionsRequest.Builder> more) {
    List<String> versions = new ArrayList<>();
    List<String> markers = new ArrayList<>();
    List<String> prefixes = new ArrayList<>();
    for (ListObjectVersionsResponse page :
        s3.listObjectVersionsPaginator(b -> more.accept(b.bucket(bucket).maxKeys(max)))) {
      for (ObjectVersion v : page.versions()) {
        String text = get(bucket, v.key(), v.versionId());
        versions.add(v.key() + " " + v.versionId() + " " + text);
      }
      page.deleteMarkers().forEach(m -> markers.add(m.key() + " " + m.versionId() + " -"));
      page.commonPrefixes().forEach(prefix -> prefixes.add(prefix.prefix()));
      int entries =
          page.versions().size() + page.deleteMarkers().size() + page.commonPrefixes().size();
      assertTrue(entries <= max, "no page has more than was asked for");
    }
    return Stream.of(versions, markers, prefixes).flatMap(List::stream).toList();
  }

  /** Entries in the order of {@link #list}. */
  private static List<String> apart(List<String> entries) {
    return entries.stream().sorted(Comparator.comparingInt(S3VersionsTest::part)).toList();
  }

  private static int part(String entry) {
    return entry.endsWith("/") ? 2 : entry.endsWith(" -") ? 1 : 0;
  }
}
