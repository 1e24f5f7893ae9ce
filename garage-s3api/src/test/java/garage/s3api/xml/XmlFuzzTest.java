package garage.s3api.xml;

import com.code_intelligence.jazzer.junit.FuzzTest;
import garage.s3api.error.S3Exception;
import java.util.function.Consumer;

/** Whatever documents clients send: each is read or refused as S3 refuses it. */
class XmlFuzzTest {
  @FuzzTest(maxDuration = "")
  void completeMultipartUpload(byte[] document) {
    readOrRefuse(document, CompleteDocument::parse);
  }

  @FuzzTest(maxDuration = "")
  void delete(byte[] document) {
    readOrRefuse(document, DeleteDocument::parse);
  }

  @FuzzTest(maxDuration = "")
  void createBucket(byte[] document) {
    readOrRefuse(document, CreateBucketDocument::parse);
  }

  @FuzzTest(maxDuration = "")
  void cors(byte[] document) {
    readOrRefuse(document, CorsConfiguration::parse);
  }

  @FuzzTest(maxDuration = "")
  void tagging(byte[] document) {
    readOrRefuse(document, Tagging::parse);
  }

  @FuzzTest(maxDuration = "")
  void publicAccessBlock(byte[] document) {
    readOrRefuse(document, PublicAccessBlockConfiguration::parse);
  }

  @FuzzTest(maxDuration = "")
  void website(byte[] document) {
    readOrRefuse(document, WebsiteConfiguration::parse);
  }

  private static void readOrRefuse(byte[] document, Consumer<byte[]> parser) {
    try {
      parser.accept(document);
    } catch (S3Exception e) {
      e.error(); // it has a code and a status, which is all a client is owed
    }
  }
}
