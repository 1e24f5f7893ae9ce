package garage.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** One node alone, which the tests of a class share, and the AWS SDK as it comes. */
abstract class SingleNodeTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  static Path directory;

  static ServerUnderTest server;
  static S3Client s3;

  @BeforeAll
  static void startServer() {
    server = ServerUnderTest.singleNode(directory);
    s3 = server.client();
  }

  @AfterAll
  static void stopServer() {
    s3.close();
    server.close();
  }

  static void assertStatus(int expected, Runnable call) {
    S3Exception refused = assertThrows(S3Exception.class, call::run);
    assertEquals(expected, refused.statusCode(), refused.toString());
  }

  static void assertRefused(int status, String code, Runnable call) {
    S3Exception refused = assertThrows(S3Exception.class, call::run);
    assertEquals(code, refused.awsErrorDetails().errorCode(), refused.toString());
    assertEquals(status, refused.statusCode());
  }
}
