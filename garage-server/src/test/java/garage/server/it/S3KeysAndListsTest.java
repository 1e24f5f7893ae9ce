package garage.server.it;

import static garage.server.it.ServerUnderTest.BUCKET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Keys of every form, and lists of them, through the AWS SDK as it comes. */
class S3KeysAndListsTest extends SingleNodeTest {
  private static final List<String> TREE =
      List.of(
          "a", "a/b", "a/b/c", "a/d", "a//e", "b", "dir/", "dir/x", "dir/y", "é/1", "é/2", "z--1",
          "z--2", "z-3");

  @BeforeAll
  static void start() {
    s3.createBucket(b -> b.bucket("tree"));
    TREE.forEach(key -> s3.putObject(b -> b.bucket("tree").key(key), RequestBody.fromString(key)));
  }

  static Stream<String> oddKeys() {
    return Stream.of(
        "//",
        "/leading",
        "trailing/",
        "a//b",
        ".",
        "..",
        "./x",
        "../../../../escape",
        "x/../y",
        "x/./y",
        "x/..",
        "plus+plus",
        "percent%2Fpercent",
        "%",
        "semi;colon",
        "sp ace",
        " ",
        "tab\tand\nline",
        "quote\"'`",
        "amp&lt<gt>",
        "?query=1",
        "#fragment",
        "back\\slash",
        "équipe/été",
        "\u65e5\u672c\u8a9e",
        "e\u0301 decomposed",
        "emoji \ud83d\ude80\ud83e\uddd1\u200d\ud83d\ude80",
        "é".repeat(512),
        "x".repeat(1024),
        "=;:@,$!*()~_-",
        "index.html/",
        "uploads",
        "a".repeat(300) + "/" + "b".repeat(300));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("oddKeys")
  void anOddKeyIsAKeyLikeAnyOther(String key) throws IOException {
    byte[] body = key.getBytes(StandardCharsets.UTF_8);
    s3.putObject(b -> b.bucket(BUCKET).key(key), RequestBody.fromBytes(body));
    assertEquals(key, s3.getObjectAsBytes(b -> b.bucket(BUCKET).key(key)).asUtf8String());
    assertEquals(body.length, s3.headObject(b -> b.bucket(BUCKET).key(key)).contentLength());
    assertEquals(List.of(key), keys(b -> b.bucket(BUCKET)));
    s3.copyObject(b ->
        b.sourceBucket(BUCKET).sourceKey(key).destinationBucket(BUCKET).destinationKey("copy"));
    assertEquals(key, s3.getObjectAsBytes(b -> b.bucket(BUCKET).key("copy")).asUtf8String());
    DeleteObjectsResponse deleted = delete(BUCKET, List.of(key, "copy"));
    assertEquals(2, deleted.deleted().size());
    assertEquals(List.of(), keys(b -> b.bucket(BUCKET)));
    for (Path file : LivingFiles.in(directory)) {
      assertFalse(file.toString().contains("escape"), file.toString());
    }
  }

  @Test
  void aKeyOfMoreThan1024BytesIsRefused() {
    S3Exception refused =
        assertThrows(
            S3Exception.class,
            () ->
                s3.putObject(
                    b -> b.bucket(BUCKET).key("é".repeat(512) + "x"), RequestBody.fromString("")));
    assertEquals("KeyTooLongError", refused.awsErrorDetails().errorCode());
  }

  @Test
  void everythingIsListedInTheOrderOfUtf8() {
    assertEquals(inOrder(TREE.stream()), keys(b -> b.bucket("tree")));
  }

  @Test
  void aPageIsContinuedWhereItEnded() {
    for (int size = 1; size <= 5; size++) {
      int maxKeys = size;
      List<String> listed = new ArrayList<>();
      s3.listObjectsV2Paginator(b -> b.bucket("tree").maxKeys(maxKeys)).contents().stream()
          .map(S3Object::key)
          .forEach(listed::add);
      assertEquals(inOrder(TREE.stream()), listed, "pages of " + size);
    }
  }

  @Test
  void aDelimiterRollsUpWhatIsBelow() {
    ListObjectsV2Response top = s3.listObjectsV2(b -> b.bucket("tree").delimiter("/"));
    assertEquals(inOrder(Stream.of("a", "b", "z--1", "z--2", "z-3")), keys(top.contents()));
    assertEquals(List.of("a/", "dir/", "é/"), prefixes(top.commonPrefixes()));
    ListObjectsV2Response below =
        s3.listObjectsV2(b -> b.bucket("tree").delimiter("/").prefix("a/"));
    assertEquals(List.of("a/b", "a/d"), keys(below.contents()));
    assertEquals(List.of("a//", "a/b/"), prefixes(below.commonPrefixes()));
    ListObjectsV2Response directory =
        s3.listObjectsV2(b -> b.bucket("tree").delimiter("/").prefix("dir/"));
    assertEquals(List.of("dir/", "dir/x", "dir/y"), keys(directory.contents()));
    ListObjectsV2Response longer = s3.listObjectsV2(b -> b.bucket("tree").delimiter("--"));
    assertEquals(List.of("z--"), prefixes(longer.commonPrefixes()));
  }

  @Test
  void pagesOfRolledUpPrefixesMissAndRepeatNothing() {
    for (int size = 1; size <= 4; size++) {
      int maxKeys = size;
      List<String> listed = new ArrayList<>();
      for (ListObjectsV2Response page :
          s3.listObjectsV2Paginator(b -> b.bucket("tree").delimiter("/").maxKeys(maxKeys))) {
        assertTrue(page.keyCount() <= maxKeys);
        listed.addAll(keys(page.contents()));
        listed.addAll(prefixes(page.commonPrefixes()));
      }
      assertEquals(
          inOrder(Stream.of("a", "b", "z--1", "z--2", "z-3", "a/", "dir/", "é/")),
          inOrder(listed.stream()),
          "pages of " + size);
    }
  }

  @Test
  void aListBeginsAfterAKeyThatNeedNotExist() {
    assertEquals(
        inOrder(TREE.stream().filter(key -> utf8(key, "dir/wxyz") > 0)),
        keys(b -> b.bucket("tree").startAfter("dir/wxyz")));
  }

  @Test
  void theOldListGoesOnWithMarkers() {
    List<String> listed = new ArrayList<>();
    @Nullable String marker = "";
    while (marker != null) {
      String from = marker;
      ListObjectsResponse page = s3.listObjects(b -> b.bucket("tree").maxKeys(3).marker(from));
      listed.addAll(keys(page.contents()));
      marker = page.isTruncated() ? listed.getLast() : null;
    }
    assertEquals(inOrder(TREE.stream()), listed);
    ListObjectsResponse rolled = s3.listObjects(b -> b.bucket("tree").delimiter("/").maxKeys(2));
    assertEquals("a/", rolled.nextMarker());
  }

  @Test
  void noKeysAreListedWhenNoneAreWanted() {
    ListObjectsV2Response none = s3.listObjectsV2(b -> b.bucket("tree").maxKeys(0));
    assertEquals(0, none.keyCount());
    assertEquals(false, none.isTruncated());
  }

  @Test
  void aThousandObjectsAreDeletedAtOnce() {
    s3.createBucket(b -> b.bucket("thousand"));
    List<String> keys = IntStream.range(0, 1000).mapToObj(i -> "key-%04d".formatted(i)).toList();
    keys.parallelStream()
        .forEach(
            key -> s3.putObject(b -> b.bucket("thousand").key(key), RequestBody.fromString(key)));
    assertEquals(keys, keys(b -> b.bucket("thousand")));
    assertEquals(1000, delete("thousand", keys).deleted().size());
    assertEquals(List.of(), keys(b -> b.bucket("thousand")));
    s3.deleteBucket(b -> b.bucket("thousand"));
  }

  private static DeleteObjectsResponse delete(String bucket, List<String> keys) {
    List<ObjectIdentifier> objects =
        keys.stream().map(key -> ObjectIdentifier.builder().key(key).build()).toList();
    DeleteObjectsResponse reply =
        s3.deleteObjects(b -> b.bucket(bucket).delete(d -> d.objects(objects)));
    assertEquals(List.of(), reply.errors());
    return reply;
  }

  private static List<String> keys(Consumer<ListObjectsV2Request.Builder> list) {
    return keys(s3.listObjectsV2(list).contents());
  }

  private static List<String> keys(List<S3Object> objects) {
    return objects.stream().map(S3Object::key).toList();
  }

  private static List<String> prefixes(List<CommonPrefix> prefixes) {
    return prefixes.stream().map(CommonPrefix::prefix).toList();
  }

  private static List<String> inOrder(Stream<String> keys) {
    Comparator<String> byBytes = S3KeysAndListsTest::utf8;
    return keys.sorted(byBytes).toList();
  }

  private static int utf8(String a, String b) {
    return Arrays.compareUnsigned(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }
}
