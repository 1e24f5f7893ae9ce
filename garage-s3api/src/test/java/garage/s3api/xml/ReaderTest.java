package garage.s3api.xml;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.hash.ChecksumAlgorithm;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients send is read, and whatever else they send is refused. */
class ReaderTest {
  private static final String NS = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

  @Test
  void deleteReadsKeysAsTheyAre() {
    DeleteDocument document =
        DeleteDocument.parse(
            bytes(
                "<?xml version=\"1.0\"?><!-- c --><Delete"
                    + NS
                    + "> <Object><Key> a&amp;b&#x20;//</Key><VersionId>null</VersionId></Object>"
                    + "<Quiet>true</Quiet><Object><Key><![CDATA[x<y]]></Key></Object></Delete>"));
    assertTrue(document.quiet());
    assertEquals(" a&b //", document.items().get(0).key());
    assertEquals("null", document.items().get(0).versionId());
    assertEquals("x<y", document.items().get(1).key());
    assertNull(document.items().get(1).versionId());
  }

  @Test
  void deleteTakesAThousandKeysAndNoMore() {
    assertEquals(1000, DeleteDocument.parse(deleteOf(1000)).items().size());
    refused(() -> DeleteDocument.parse(deleteOf(1001)));
  }

  @Test
  void completeReadsPartsInOrderWithChecksums() {
    CompleteDocument document =
        CompleteDocument.parse(
            bytes(
                "<CompleteMultipartUpload><Part><PartNumber>3</PartNumber>"
                    + "<ETag>\"abc\"</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part>"
                    + "<Part><ETag>&quot;def&quot;</ETag><PartNumber>1</PartNumber></Part>"
                    + "</CompleteMultipartUpload>"));
    assertEquals(
        List.of(
            new CompleteDocument.Part(
                3, "abc", List.of(new ChecksumField(ChecksumAlgorithm.CRC32, "AAAAAA=="))),
            new CompleteDocument.Part(1, "def", List.of())),
        document.parts());
  }

  @Test
  void createBucketMayHaveNoBody() {
    assertNull(CreateBucketDocument.parse(new byte[0]).locationConstraint());
    assertEquals(
        "garage",
        CreateBucketDocument.parse(
                bytes(
                    "<CreateBucketConfiguration"
                        + NS
                        + "><LocationConstraint>garage</LocationConstraint>"
                        + "</CreateBucketConfiguration>"))
            .locationConstraint());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "<Delete>",
        "<Delete></Delete>",
        "<Delete><Object><Key></Key></Object></Delete>",
        "<Delete><Object><Key>a<b/></Key></Object></Delete>",
        "<Delete><Object></Object></Delete>",
        "<Delete><Object><Key>a</Key></Object></Delete><Delete/>",
        "<Delete><Object><Key>a</Key></Object>text</Delete>",
        "<Delete><Object><Key>a</Key><Other>1</Other></Object></Delete>",
        "<Delete><Quiet>maybe</Quiet><Object><Key>a</Key></Object></Delete>",
        "<Remove><Object><Key>a</Key></Object></Remove>",
        "<Delete><Object><Key>&unknown;</Key></Object></Delete>",
        "<Delete><Object><Key>&#0;</Key></Object></Delete>",
        "<!DOCTYPE Delete><Delete><Object><Key>a</Key></Object></Delete>",
        "<!DOCTYPE d [<!ENTITY e \"x\">]><Delete><Object><Key>&e;</Key></Object></Delete>",
        "<!DOCTYPE d [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
            + "<Delete><Object><Key>&e;</Key></Object></Delete>",
      })
  void malformedDeleteIsRefused(String text) {
    refused(() -> DeleteDocument.parse(bytes(text)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<CompleteMultipartUpload/>",
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part>"
            + "</CompleteMultipartUpload>",
        "<CompleteMultipartUpload><Part><PartNumber>0</PartNumber><ETag>a</ETag></Part>"
            + "</CompleteMultipartUpload>",
        "<CompleteMultipartUpload><Part><PartNumber>10001</PartNumber><ETag>a</ETag></Part>"
            + "</CompleteMultipartUpload>",
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>a</ETag><X>1</X></Part>"
            + "</CompleteMultipartUpload>",
      })
  void malformedCompleteIsRefused(String text) {
    refused(() -> CompleteDocument.parse(bytes(text)));
  }

  @Test
  void depthAndNumberOfElementsAreLimited() {
    refused(() -> DeleteDocument.parse(bytes("<Delete>" + "<Object>".repeat(50_000))));
    String many = "<Delete>" + "<!-- -->".repeat(1000) + "<Object><Key>a</Key></Object></Delete>";
    assertFalse(DeleteDocument.parse(bytes(many)).quiet());
  }

  @Test
  void byteOrderMarksAndUtf16AreRead() {
    String text = "<Delete><Object><Key>é</Key></Object></Delete>";
    byte[] utf16 = text.getBytes(StandardCharsets.UTF_16);
    assertEquals("é", DeleteDocument.parse(utf16).items().get(0).key());
    byte[] marked = ("\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?>" + text).getBytes(UTF_8);
    assertEquals("é", DeleteDocument.parse(marked).items().get(0).key());
  }

  @Test
  void whatIsNoTextIsRefused() {
    byte[] document = bytes("<Delete><Object><Key>a</Key></Object></Delete>");
    for (int i = 0; i < document.length; i++) {
      byte[] broken = document.clone();
      broken[i] = (byte) 0xC3;
      refused(() -> DeleteDocument.parse(broken));
    }
    refused(() -> DeleteDocument.parse(new byte[] {(byte) 0xFE, (byte) 0xFF, 0}));
  }

  private static byte[] deleteOf(int keys) {
    return bytes("<Delete>" + "<Object><Key>a</Key></Object>".repeat(keys) + "</Delete>");
  }

  private static void refused(Runnable parse) {
    S3Exception e = assertThrows(S3Exception.class, parse::run);
    assertEquals(S3ErrorCode.MALFORMED_XML, e.error().code());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
