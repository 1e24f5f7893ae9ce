package garage.s3api.xml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import garage.s3api.error.S3Exception;
import java.util.function.Consumer;
import java.util.function.Function;

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

  @FuzzTest(maxDuration = "")
  void versioning(byte[] document) {
    again(document, VersioningConfiguration::parse, VersioningConfiguration::toXml);
  }

  @FuzzTest(maxDuration = "")
  void ownership(byte[] document) {
    again(document, OwnershipControls::parse, OwnershipControls::toXml);
  }

  @FuzzTest(maxDuration = "")
  void acl(byte[] document) {
    readOrRefuse(document, AccessControlPolicy::parse);
  }

  /** What is answered to who asks for it can be put again, and says the same. */
  @FuzzTest(maxDuration = "")
  void lifecycle(byte[] document) {
    again(document, d -> LifecycleConfiguration.parse(d, null), LifecycleConfiguration::toXml);
  }

  private static <T> void again(
      byte[] document, Function<byte[], T> parser, Function<T, byte[]> writer) {
    readOrRefuse(
        document,
        d -> {
          T read = parser.apply(d);
          assertEquals(read, parser.apply(writer.apply(read)));
        });
  }

  private static void readOrRefuse(byte[] document, Consumer<byte[]> parser) {
    try {
      parser.accept(document);
    } catch (S3Exception e) {
      e.error(); // it has a code and a status, which is all a client is owed
    }
  }
}
