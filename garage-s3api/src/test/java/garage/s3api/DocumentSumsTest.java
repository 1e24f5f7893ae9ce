package garage.s3api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import garage.common.hash.Checksum;
import garage.common.hash.ChecksumAlgorithm;
import garage.common.hash.Digests;
import garage.s3api.S3World.Reply;
import java.util.Base64;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A document is believed only if it is the one the client has summed up. */
class DocumentSumsTest {
  private static final String TAGS = tags("yes");
  private static final String OTHER_TAGS = tags("not");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/bkt?tagging | <Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet>"
            + "</Tagging>",
        "/bkt/k?tagging | <Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet>"
            + "</Tagging>",
        "/bkt?versioning | <VersioningConfiguration><Status>Enabled</Status>"
            + "</VersioningConfiguration>",
        "/bkt?cors | <CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod>"
            + "<AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
        "/bkt?lifecycle | <LifecycleConfiguration><Rule><ID>r</ID><Filter/><Status>Enabled</Status>"
            + "<Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>",
        "/bkt?website | <WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument>"
            + "</WebsiteConfiguration>",
        "/bkt?publicAccessBlock | <PublicAccessBlockConfiguration><BlockPublicAcls>true"
            + "</BlockPublicAcls></PublicAccessBlockConfiguration>",
        "/bkt?ownershipControls | <OwnershipControls><Rule><ObjectOwnership>ObjectWriter"
            + "</ObjectOwnership></Rule></OwnershipControls>",
        "/bkt?policy |"
            + " {\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":"
            + "\"*\",\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::bkt/x\"}]}",
      })
  void whatIsConfiguredIsWhatTheClientSummedUp(String target, String document) {
    S3World.run(world -> {
      world.put("/bkt/k", new byte[1]);
      byte[] sent = document.getBytes(UTF_8);
      byte[] meant = (document + " ").getBytes(UTF_8);
      Reply before = world.send("GET", target);
      assertRefused("BadDigest", world.put(target, sent, "Content-MD5", md5(meant)));
      assertRefused("InvalidDigest", world.put(target, sent, "Content-MD5", "AAAA"));
      assertRefused("BadDigest", world.put(target, sent, sum(ChecksumAlgorithm.SHA256, meant)));
      Reply unchanged = world.send("GET", target);
      assertEquals(before.status(), unchanged.status());
      assertEquals(before.element("Code"), unchanged.element("Code"));
      Reply done = world.put(target, sent, sum(ChecksumAlgorithm.SHA256, sent));
      assertEquals(2, done.status() / 100, done.text());
      Reply after = world.send("GET", target);
      assertNotEquals(before.text(), after.text());
      assertEquals(2, world.put(target, sent, "Content-MD5", md5(sent)).status() / 100);
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bkt?acl", "/bkt/k?acl"})
  void anAccessControlListIsWhatTheClientSummedUp(String target) {
    S3World.run(world -> {
      world.put("/bkt/k", new byte[1]);
      byte[] list = world.send("GET", target).body();
      byte[] other = new byte[1];
      assertRefused("BadDigest", world.put(target, list, "Content-MD5", md5(other)));
      assertRefused("BadDigest", world.put(target, list, sum(ChecksumAlgorithm.CRC32, other)));
    });
  }

  @ParameterizedTest
  @EnumSource
  void everyAlgorithmIsComparedAndOneOnly(ChecksumAlgorithm algorithm) {
    S3World.run(world -> {
      byte[] sent = TAGS.getBytes(UTF_8);
      String[] right = sum(algorithm, sent);
      String[] wrong = sum(algorithm, OTHER_TAGS.getBytes(UTF_8));
      assertRefused("BadDigest", world.put("/bkt?tagging", sent, wrong));
      assertRefused("InvalidRequest", world.put("/bkt?tagging", sent, right[0], "bad"));
      String another = algorithm == ChecksumAlgorithm.CRC32 ? "sha1" : "crc32";
      assertRefused(
          "InvalidRequest",
          world.put(
              "/bkt?tagging", sent, right[0], right[1], "x-amz-checksum-" + another, right[1]));
      assertRefused(
          "InvalidRequest",
          world.put("/bkt?tagging", sent, "x-amz-sdk-checksum-algorithm", algorithm.name()));
      assertEquals("NoSuchTagSet", world.send("GET", "/bkt?tagging").element("Code"));
      assertEquals(204, world.put("/bkt?tagging", sent, right).status());
    });
  }

  @ParameterizedTest
  @EnumSource
  void aSumMayFollowInATrailer(ChecksumAlgorithm algorithm) {
    S3World.run(world -> {
      byte[] sent = TAGS.getBytes(UTF_8);
      String wrong = Checksum.compute(algorithm, OTHER_TAGS.getBytes(UTF_8)).base64();
      assertRefused("BadDigest", putTrailer(world, algorithm, sent, wrong));
      assertEquals("NoSuchTagSet", world.send("GET", "/bkt?tagging").element("Code"));
      String right = Checksum.compute(algorithm, sent).base64();
      assertEquals(204, putTrailer(world, algorithm, sent, right).status());
      assertEquals("yes", world.send("GET", "/bkt?tagging").element("Value"));
    });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBucketIsMadeAndAnUploadCompletedOnlyAsSummedUp(boolean right) {
    S3World.run(world -> {
      byte[] place = new byte[0];
      byte[] summed = right ? place : new byte[1];
      Reply made = world.put("/made", place, "Content-MD5", md5(summed));
      assertEquals(right ? 200 : 400, made.status(), made.text());
      assertEquals(right ? 200 : 404, world.send("HEAD", "/made").status());
      String id = world.post("/bkt/k?uploads", "").element("UploadId");
      String tag = world.put("/bkt/k?partNumber=1&uploadId=" + id, new byte[5]).header("ETag");
      String sent =
          "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"
              + tag
              + "</ETag></Part></CompleteMultipartUpload>";
      byte[] meant = (right ? sent : sent + " ").getBytes(UTF_8);
      Reply whole = world.post("/bkt/k?uploadId=" + id, sent, "Content-MD5", md5(meant));
      assertEquals(right ? null : "BadDigest", whole.element("Code"), whole.text());
      assertEquals(right ? 200 : 404, world.send("HEAD", "/bkt/k").status());
    });
  }

  private static Reply putTrailer(
      S3World world, ChecksumAlgorithm algorithm, byte[] document, String sum) {
    String framed =
        "%x\r\n%s\r\n0\r\n%s:%s\r\n\r\n"
            .formatted(document.length, new String(document, UTF_8), algorithm.headerName(), sum);
    return world.put(
        "/bkt?tagging",
        framed.getBytes(UTF_8),
        "x-amz-content-sha256",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length",
        Integer.toString(document.length),
        "x-amz-trailer",
        algorithm.headerName());
  }

  private static String tags(String value) {
    return "<Tagging><TagSet><Tag><Key>k</Key><Value>%s</Value></Tag></TagSet></Tagging>"
        .formatted(value);
  }

  private static void assertRefused(String code, Reply reply) {
    assertEquals(code, reply.element("Code"), reply.text());
    assertEquals(400, reply.status());
  }

  private static String[] sum(ChecksumAlgorithm algorithm, byte[] bytes) {
    return new String[] {algorithm.headerName(), Checksum.compute(algorithm, bytes).base64()};
  }

  private static String md5(byte[] bytes) {
    return Base64.getEncoder().encodeToString(Digests.md5().digest(bytes));
  }
}
