package garage.s3api.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import garage.s3api.error.S3Exception;
import java.nio.charset.StandardCharsets;

/** Whatever policies clients send: they are read, and read alike again, or refused. */
class PolicyFuzzTest {
  @FuzzTest(maxDuration = "")
  void policy(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    BucketPolicy policy;
    try {
      policy = PolicyParser.parse(text, "bucket");
    } catch (S3Exception e) {
      assertEquals("MalformedPolicy", e.error().code().wireName());
      return;
    }
    assertEquals(policy.isPublic(), PolicyParser.parse(text, "bucket").isPublic());
  }
}
