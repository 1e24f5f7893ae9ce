package garage.s3api.policy;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * What a policy is asked about: one action on one resource.
 *
 * @param action with its service, for example {@code s3:GetObject}
 * @param resource the ARN of the bucket or object
 * @param keys what the request says of a condition key, whose name is in lower case; empty if it
 *     says nothing
 */
public record PolicyContext(
    Identity who, String action, String resource, Function<String, List<String>> keys) {
  private static final String BUCKETS = "arn:aws:s3:::";

  /** The case of actions does not count: put in lower case once, and not by every statement. */
  public PolicyContext {
    action = action.toLowerCase(Locale.ROOT);
  }

  /** The ARN of a bucket. */
  public static String arn(String bucket) {
    return BUCKETS + bucket;
  }

  /** The ARN of an object. */
  public static String arn(String bucket, String key) {
    return BUCKETS + bucket + '/' + key;
  }

  List<String> values(String lowerCaseKey) {
    return keys.apply(lowerCaseKey);
  }
}
