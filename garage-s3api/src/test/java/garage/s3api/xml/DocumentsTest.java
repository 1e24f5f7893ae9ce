package garage.s3api.xml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.hash.ChecksumAlgorithm;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Documents are compared with AWS's published samples, element by element in order. */
class DocumentsTest {
  private static final String HEAD = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  private static final String NS = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
  private static final Instant TIME = Instant.parse("2009-10-12T17:50:30Z");
  private static final Owner OWNER = new Owner("GK1", "me");

  @Test
  void errorNamesResourceAndRequest() {
    S3Error error = S3Error.invalidArgument("No.", "maxKeys", "<-1>");
    assertEquals(
        HEAD
            + "<Error><Code>InvalidArgument</Code><Message>No.</Message>"
            + "<ArgumentName>maxKeys</ArgumentName><ArgumentValue>&lt;-1&gt;</ArgumentValue>"
            + "<Resource>/b/k</Resource><RequestId>R</RequestId><HostId>H</HostId></Error>",
        text(new ErrorDocument(error, "/b/k", "R", "H")));
  }

  @Test
  void listBucketsShowsOwnerAndBuckets() {
    assertEquals(
        HEAD
            + "<ListAllMyBucketsResult"
            + NS
            + "><Owner><ID>GK1</ID><DisplayName>me</DisplayName></Owner><Buckets><Bucket>"
            + "<Name>b</Name><CreationDate>2009-10-12T17:50:30.000Z</CreationDate>"
            + "<BucketRegion>garage</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>",
        text(
            new ListAllMyBucketsResult(
                OWNER,
                List.of(new ListAllMyBucketsResult.Bucket("b", TIME, "garage")),
                null,
                null)));
  }

  @Test
  void locationOfTheFirstRegionIsEmpty() {
    assertEquals(
        HEAD + "<LocationConstraint" + NS + "></LocationConstraint>",
        text(new LocationConstraint("us-east-1")));
    assertEquals(
        HEAD + "<LocationConstraint" + NS + ">garage</LocationConstraint>",
        text(new LocationConstraint("garage")));
  }

  @Test
  void listObjectsShowsKeysInTheAskedEncoding() {
    ListedObject object = new ListedObject("a b/+\u0001", TIME, "0f", 5, null, null, null);
    assertEquals(
        HEAD
            + "<ListBucketResult"
            + NS
            + "><Name>b</Name><Prefix/><Marker/><NextMarker>x/</NextMarker>"
            + "<MaxKeys>2</MaxKeys><Delimiter>/</Delimiter><IsTruncated>true</IsTruncated>"
            + "<Contents><Key>a b/+&#x1;</Key><LastModified>2009-10-12T17:50:30.000Z"
            + "</LastModified><ETag>&quot;0f&quot;</ETag><Size>5</Size>"
            + "<StorageClass>STANDARD</StorageClass></Contents>"
            + "<CommonPrefixes><Prefix>x/</Prefix></CommonPrefixes></ListBucketResult>",
        text(new ListBucketResult(listed(KeyEncoding.NONE, object), "", true, "x/")));
    String encoded = text(new ListBucketResult(listed(KeyEncoding.URL, object), "", true, "x/"));
    assertTrue(encoded.contains("<Key>a%20b/%2B%01</Key>"), encoded);
    assertTrue(encoded.contains("<EncodingType>url</EncodingType>"), encoded);
  }

  @Test
  void listObjectsV2CountsBothKindsOfEntries() {
    ListedObject object = new ListedObject("a", TIME, "0f", 5, "CRC32", "FULL_OBJECT", OWNER);
    String xml = text(new ListBucketResultV2(listed(KeyEncoding.NONE, object), "A", "t1", "t2"));
    assertTrue(
        xml.contains(
            "<StartAfter>A</StartAfter><ContinuationToken>t1</ContinuationToken>"
                + "<NextContinuationToken>t2</NextContinuationToken><KeyCount>2</KeyCount>"),
        xml);
    assertTrue(
        xml.contains(
            "<Owner><ID>GK1</ID><DisplayName>me</DisplayName></Owner>"
                + "<StorageClass>STANDARD</StorageClass>"),
        xml);
    assertTrue(xml.contains("<IsTruncated>true</IsTruncated>"), xml);
  }

  @Test
  void charactersThatXmlHasNoFormForBecomeReferences() {
    String xml = text(new LocationConstraint("\r\n\t\u0000\u001f\uffff<>&\"'é"));
    assertTrue(xml.contains(">&#13;\n\t&#x0;&#x1f;&#xffff;&lt;&gt;&amp;&quot;'é<"), xml);
  }

  @Test
  void partsShowTheirChecksums() {
    ListPartsResult.Part part =
        new ListPartsResult.Part(
            2, TIME, "ee", 7, List.of(new ChecksumField(ChecksumAlgorithm.CRC32C, "AAAAAA==")));
    String xml =
        text(
            new ListPartsResult(
                new UploadName("b", "k", "u"),
                new Owner("i", "I"),
                OWNER,
                1,
                2,
                1,
                List.of(part),
                "CRC32C",
                "COMPOSITE"));
    assertTrue(
        xml.contains(
            "<PartNumberMarker>1</PartNumberMarker><NextPartNumberMarker>2"
                + "</NextPartNumberMarker><MaxParts>1</MaxParts><IsTruncated>true</IsTruncated>"),
        xml);
    assertTrue(xml.contains("<Size>7</Size><ChecksumCRC32C>AAAAAA==</ChecksumCRC32C>"), xml);
  }

  @Test
  void deleteResultShowsWhatFailed() {
    DeleteResult result =
        new DeleteResult(
            List.of(new DeleteResult.Deleted("a", null, null)),
            List.of(new DeleteResult.Failed("b", "null", "AccessDenied", "No")));
    assertEquals(
        HEAD
            + "<DeleteResult"
            + NS
            + "><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><VersionId>null</VersionId>"
            + "<Code>AccessDenied</Code><Message>No</Message></Error></DeleteResult>",
        text(result));
  }

  @Test
  void everyErrorHasANameOfItsOwn() {
    long names =
        List.of(S3ErrorCode.values()).stream().map(S3ErrorCode::wireName).distinct().count();
    assertEquals(S3ErrorCode.values().length, names);
    assertFalse(S3ErrorCode.NO_SUCH_KEY.message().isEmpty());
  }

  private static Listed listed(KeyEncoding encoding, ListedObject object) {
    return new Listed("b", "", "/", 2, encoding, List.of(object), List.of("x/"));
  }

  private static String text(XmlDocument document) {
    return new String(document.toXml(), StandardCharsets.UTF_8);
  }
}
