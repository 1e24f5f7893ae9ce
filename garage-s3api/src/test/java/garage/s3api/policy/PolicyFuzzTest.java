package garage.s3api.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import garage.s3api.error.S3Exception;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Whatever policies clients send: they are read, and decide alike once kept, or are refused. */
class PolicyFuzzTest {
  /** Of every condition key it says the key's own name. */
  private static final PolicyContext READ =
      new PolicyContext(
          new Identity.Anonymous(), "s3:GetObject", PolicyContext.arn("bucket", "a/b"), List::of);

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
    BucketPolicy again = BucketPolicy.ofSetting(policy.toSetting());
    assertEquals(policy.isPublic(), again.isPublic());
    assertEquals(policy.decide(READ), again.decide(READ));
  }
}
