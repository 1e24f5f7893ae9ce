package garage.s3api.request;

import garage.http.Headers;
import garage.http.RequestTarget;
import garage.s3api.error.S3Exception;
import garage.s3api.xml.CompleteDocument;
import garage.s3api.xml.CreateBucketDocument;
import garage.s3api.xml.DeleteDocument;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever is sent is either understood or refused as AWS refuses. */
class ParserFuzzTest {
  private static final int TRIES = 20_000;
  private static final List<String> METHODS =
      List.of("GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "");
  private static final List<String> PIECES =
      List.of(
          "/",
          "/bkt",
          "/bkt/",
          "//",
          "?",
          "&",
          "=",
          "%2F",
          "%",
          "%zz",
          "%00",
          "+",
          "é",
          "..",
          "a",
          "uploads",
          "uploadId",
          "partNumber=1",
          "partNumber=x",
          "acl",
          "versionId=null",
          "list-type=2",
          "max-keys=10",
          "max-keys=99999999999999999999",
          "prefix=",
          "delimiter=/",
          "marker",
          "delete",
          "encoding-type=url",
          "x-id=A",
          "response-expires=1");
  private static final List<String> NAMES =
      List.of(
          "Content-Length",
          "Content-MD5",
          "Range",
          "If-Match",
          "If-None-Match",
          "If-Range",
          "If-Modified-Since",
          "x-amz-copy-source",
          "x-amz-copy-source-range",
          "x-amz-acl",
          "x-amz-tagging",
          "x-amz-checksum-crc32",
          "x-amz-checksum-sha256",
          "x-amz-trailer",
          "x-amz-checksum-type",
          "x-amz-checksum-algorithm",
          "x-amz-mp-object-size",
          "x-amz-meta-a",
          "x-amz-content-sha256",
          "x-amz-decoded-content-length",
          "x-amz-metadata-directive",
          "Content-Encoding",
          "x-amz-sdk-checksum-algorithm");
  private static final List<String> VALUES =
      List.of(
          "",
          "0",
          "-1",
          "5",
          "*",
          "\"",
          "\"a\"",
          "W/",
          "W/\"a\"",
          ",",
          "bytes=0-1",
          "bytes=-",
          "bytes=1-0",
          "a/b",
          "/a/b?versionId=x",
          "%",
          "AAAAAA==",
          "CRC32",
          "x-amz-checksum-crc32",
          "REPLACE",
          "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
          "aws-chunked",
          "FULL_OBJECT",
          "é",
          "Sun, 06 Nov 1994 08:49:37 GMT",
          "999999999999999999999");
  private static final List<String> XML =
      List.of(
          "<Delete>",
          "</Delete>",
          "<Object>",
          "</Object>",
          "<Key>",
          "</Key>",
          "a",
          "<",
          ">",
          "&amp;",
          "&#1;",
          "&",
          "<!--",
          "-->",
          "<![CDATA[",
          "]]>",
          "<?x?>",
          "<!DOCTYPE a>",
          "<Quiet>true</Quiet>",
          "<Part>",
          "</Part>",
          "<PartNumber>1</PartNumber>",
          "<ETag>a</ETag>",
          "\u0000",
          "é",
          "<CompleteMultipartUpload>",
          "</CompleteMultipartUpload>",
          "<CreateBucketConfiguration>",
          "</CreateBucketConfiguration>",
          "<LocationConstraint/>",
          " xmlns=\"x\"",
          "<a:b xmlns:a=\"c\">");

  @Test
  void headsAreParsedOrRefused() {
    S3RequestParser parser = new S3RequestParser("s3.test");
    for (long seed = 0; seed < TRIES; seed++) {
      Random random = new Random(seed);
      RequestTarget target = RequestTarget.parse("/" + join(random, PIECES, 8));
      if (target == null) {
        continue;
      }
      Headers.Builder headers = Headers.builder();
      for (int i = random.nextInt(6); i > 0; i--) {
        headers.add(pick(random, NAMES), pick(random, VALUES));
      }
      String host = random.nextBoolean() ? "b.s3.test:80" : pick(random, VALUES);
      RequestHead head = new RequestHead(pick(random, METHODS), host, target, headers.build());
      tried(seed, () -> parser.parse(head).permission());
    }
  }

  @Test
  void documentsAreReadOrRefused() {
    for (long seed = 0; seed < TRIES / 8; seed++) {
      byte[] document = join(new Random(seed), XML, 14).getBytes(StandardCharsets.UTF_8);
      tried(seed, () -> DeleteDocument.parse(document));
      tried(seed, () -> CompleteDocument.parse(document));
      tried(seed, () -> CreateBucketDocument.parse(document));
    }
  }

  private static void tried(long seed, Runnable parse) {
    try {
      parse.run();
    } catch (S3Exception e) {
      // refused: as good as understood
    } catch (RuntimeException e) {
      throw new AssertionError("seed " + seed, e);
    }
  }

  private static String join(Random random, List<String> pieces, int max) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(max); i > 0; i--) {
      text.append(pick(random, pieces));
    }
    return text.toString();
  }

  private static String pick(Random random, List<String> from) {
    return from.get(random.nextInt(from.size()));
  }
}
